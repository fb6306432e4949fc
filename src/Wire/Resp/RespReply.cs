using System.Text;

namespace Trefoil.Wire.Resp;

/// <summary>One reply as a client reads it. RESP3's maps, sets and pushes show their items in order; attributes are not supported.</summary>
public sealed record RespReply
{
    /// <summary>The type byte it was sent with; <c>_</c> for every form of null.</summary>
    public required char Kind { get; init; }

    /// <summary>The text or bulk as it was sent; null for null and for aggregates.</summary>
    public ReadOnlyMemory<byte>? Bytes { get; init; }

    /// <summary>The items of an array, map (keys and values in turn), set or push; null for anything else.</summary>
    public IReadOnlyList<RespReply>? Items { get; init; }

    /// <summary>The number of an integer reply; 0 for anything else.</summary>
    public long Integer { get; init; }

    /// <summary>The bytes as UTF-8; of an integer its digits, of an error its code and words.</summary>
    public string? Text => Bytes is { } bytes ? Encoding.UTF8.GetString(bytes.Span) : null;

    /// <summary>True for an error.</summary>
    public bool IsError => Kind is '-' or '!';

    /// <summary>True for an out-of-band message, which answers no command.</summary>
    public bool IsPush => Kind == '>';

    /// <summary>An error reply: the code and words, without the dash.</summary>
    public static RespReply Error(string text) => new() { Kind = '-', Bytes = Encoding.UTF8.GetBytes(text) };
}

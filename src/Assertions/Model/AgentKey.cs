using Trefoil.Primitives;

namespace Trefoil.Assertions.Model;

/// <summary>Who asserts, votes or retracts: an Ed25519 public key, or nobody in particular.</summary>
/// <remarks>Ordered as bytes.</remarks>
public readonly record struct AgentKey : IComparable<AgentKey>
{
    /// <summary>Length on the wire and on disk, in bytes.</summary>
    public const int Size = Word256.Size;

    /// <summary>Length of the text form, in hex digits.</summary>
    public const int HexLength = 2 * Size;

    private readonly Word256 _word;

    private AgentKey(Word256 word) => _word = word;

    /// <summary>The agent of what was posted without one: 32 zero bytes on every node.</summary>
    public static readonly AgentKey Anonymous;

    /// <summary>Whoever may administer this server: 32 bytes 0xFF, which no public key has. It retracts what others asserted.</summary>
    public static readonly AgentKey Administrator = new(new Word256(ulong.MaxValue, ulong.MaxValue, ulong.MaxValue, ulong.MaxValue));

    /// <summary>True for <see cref="Anonymous"/>.</summary>
    public bool IsAnonymous => _word == default;

    /// <summary>Reads the first <see cref="Size"/> bytes.</summary>
    public static AgentKey Read(ReadOnlySpan<byte> bytes) => new(Word256.Read(bytes));

    /// <summary>Reads <see cref="Size"/> bytes; zero, and the reader failed, if there are fewer.</summary>
    public static AgentKey Read(ref ByteReader reader) => reader.Raw(Size) is { Length: Size } bytes ? Read(bytes) : default;

    /// <summary>Parses 64 hex digits of either case; false when malformed.</summary>
    public static bool TryParse(ReadOnlySpan<char> hex, out AgentKey value)
    {
        var parsed = Word256.TryParse(hex, out var word);
        value = new AgentKey(word);
        return parsed;
    }

    /// <summary>Parses 64 hex digits of either case, as ASCII; false when malformed.</summary>
    public static bool TryParse(ReadOnlySpan<byte> hex, out AgentKey value)
    {
        var parsed = Word256.TryParse(hex, out var word);
        value = new AgentKey(word);
        return parsed;
    }

    /// <summary>Parses text that is known to be good; throws <see cref="FormatException"/> otherwise.</summary>
    public static AgentKey Parse(string hex) =>
        TryParse(hex, out AgentKey value) ? value : throw new FormatException($"'{hex}' is not 64 hex digits");

    /// <summary>Writes <see cref="Size"/> bytes.</summary>
    public void Write(Span<byte> destination) => _word.Write(destination);

    /// <summary>Appends <see cref="Size"/> bytes.</summary>
    public void Write(ByteWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        Span<byte> bytes = stackalloc byte[Size];
        _word.Write(bytes);
        writer.Raw(bytes);
    }

    /// <summary>The bytes as an array.</summary>
    public byte[] ToArray()
    {
        var bytes = new byte[Size];
        _word.Write(bytes);
        return bytes;
    }

    /// <inheritdoc/>
    public int CompareTo(AgentKey other) => _word.CompareTo(other._word);

    /// <summary>64 lower-case hex digits.</summary>
    public override string ToString() => _word.ToString();

    public static bool operator <(AgentKey left, AgentKey right) => left.CompareTo(right) < 0;

    public static bool operator >(AgentKey left, AgentKey right) => left.CompareTo(right) > 0;

    public static bool operator <=(AgentKey left, AgentKey right) => left.CompareTo(right) <= 0;

    public static bool operator >=(AgentKey left, AgentKey right) => left.CompareTo(right) >= 0;
}

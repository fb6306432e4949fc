using System.Globalization;
using Trefoil.Primitives;
using Trefoil.Sharding;

namespace Trefoil.Cli.Cluster.Picture;

/// <summary>One line of CLUSTER NODES: what one node says about another, or about itself.</summary>
/// <param name="Id">40 hex digits.</param>
/// <param name="Address">Where clients reach it.</param>
/// <param name="Flags">myself, master or slave, fail?, fail, handshake, noaddr.</param>
/// <param name="PrimaryId">Whose replica it is; "" for a primary.</param>
/// <param name="Ranges">The slots it owns, ascending.</param>
/// <param name="Marks">Half-done moves of single slots, as they are written: <c>[7->-id]</c>, <c>[7-&lt;-id]</c>.</param>
internal sealed record NodeLine(
    string Id, HostPort Address, IReadOnlyList<string> Flags, string PrimaryId, IReadOnlyList<SlotRange> Ranges, IReadOnlyList<string> Marks)
{
    // id, address, flags, primary, ping, pong, epoch, link, then slots
    private const int FieldsBeforeSlots = 8;

    public bool IsMyself => Flags.Contains("myself");

    public bool IsPrimary => !Flags.Contains("slave");

    /// <summary>The cluster gave it up.</summary>
    public bool IsDead => Flags.Contains("fail");

    /// <summary>Somebody did not hear from it.</summary>
    public bool IsSuspect => Flags.Contains("fail?");

    /// <summary>Reads a whole reply. Lines that are none are left out; an empty host means the one that was asked.</summary>
    public static IReadOnlyList<NodeLine> ReadAll(string text, HostPort asked) =>
        [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(line => Read(line, asked)).OfType<NodeLine>()];

    private static NodeLine? Read(string line, HostPort asked)
    {
        var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length < FieldsBeforeSlots || ReadAddress(fields[1], asked) is not { } address)
        {
            return null;
        }

        var slots = fields[FieldsBeforeSlots..];
        return new NodeLine(
            fields[0], address, fields[2].Split(','), fields[3] == "-" ? "" : fields[3],
            SlotRanges.Normal(slots.Where(word => !word.StartsWith('[')).Select(word => SlotRanges.ReadOne(word)).OfType<SlotRange>()),
            [.. slots.Where(word => word.StartsWith('['))]);
    }

    /// <summary><c>host:port@bus,hostname</c>, an IPv6 host without brackets.</summary>
    private static HostPort? ReadAddress(string text, HostPort asked)
    {
        var plain = text.Split('@', ',')[0];
        var colon = plain.LastIndexOf(':');
        return colon >= 0 && int.TryParse(plain.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            ? new HostPort(colon == 0 ? asked.Host : plain[..colon], port)
            : null;
    }
}

using Trefoil.Primitives;
using Trefoil.Wire.Resp;

namespace Trefoil.Client;

/// <summary>Which node serves each slot, as one node told it. Immutable.</summary>
public sealed class SlotMap
{
    private readonly HostPort[] _owners;

    private SlotMap(HostPort[] owners, IReadOnlyList<HostPort> nodes)
    {
        _owners = owners;
        Nodes = nodes;
    }

    /// <summary>Knows no owner of any slot.</summary>
    public static SlotMap Empty { get; } = new(new HostPort[HashSlot.Count], []);

    /// <summary>Every node that serves slots, in the order of its first slot.</summary>
    public IReadOnlyList<HostPort> Nodes { get; }

    /// <summary>The node that serves <paramref name="slot"/>; null if nobody is known to.</summary>
    public HostPort? OwnerOf(int slot) => _owners[slot].Host is { Length: > 0 } ? _owners[slot] : null;

    /// <summary>Reads a reply to CLUSTER SLOTS; null if it is something else.</summary>
    /// <remarks>A node that announces no host gets that of <paramref name="asked"/>, which is what Redis means by it.</remarks>
    public static SlotMap? Parse(RespReply reply, HostPort asked)
    {
        ArgumentNullException.ThrowIfNull(reply);
        if (reply.Items is not { } ranges)
        {
            return null;
        }

        var owners = new HostPort[HashSlot.Count];
        var nodes = new List<HostPort>();
        foreach (var range in ranges)
        {
            if (range.Items is not [var first, var last, var primary, ..] || primary.Items is not [var host, var port, ..]
                || first.Integer is < 0 or >= HashSlot.Count || last.Integer < first.Integer || last.Integer >= HashSlot.Count)
            {
                return null;
            }

            var node = new HostPort(host.Text is { Length: > 0 } name ? name : asked.Host, (int)port.Integer);
            owners.AsSpan((int)first.Integer, (int)(last.Integer - first.Integer + 1)).Fill(node);
            if (!nodes.Contains(node))
            {
                nodes.Add(node);
            }
        }

        return new SlotMap(owners, nodes);
    }

    /// <summary>This map with one slot's owner corrected, as a MOVED told it.</summary>
    public SlotMap With(int slot, HostPort owner)
    {
        var owners = (HostPort[])_owners.Clone();
        owners[slot] = owner;
        return new SlotMap(owners, Nodes.Contains(owner) ? Nodes : [.. Nodes, owner]);
    }
}

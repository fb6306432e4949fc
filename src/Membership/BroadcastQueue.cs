using Trefoil.Primitives;

namespace Trefoil.Membership;

/// <summary>The news still to be spread: at most one update per member, each sent a limited number of times (SWIM, section 4.1).</summary>
/// <remarks>
/// Least-sent first, so that fresh news overtakes; among equals the newest first. A newer update about a member replaces the
/// older one and starts counting anew. Bounded by the number of members.
/// </remarks>
internal sealed class BroadcastQueue
{
    private readonly Dictionary<NodeId, Entry> _byMember = [];
    private readonly SortedSet<Entry> _order = new(Comparer<Entry>.Create(Entry.Compare));
    private readonly List<Entry> _taken = [];
    private readonly ByteWriter _encoder = new();
    private ulong _serial;

    /// <summary>Updates waiting.</summary>
    public int Count => _order.Count;

    /// <summary>λ · ceil(log10(n + 1)): how often one update leaves this node, with <paramref name="members"/> live members.</summary>
    public static int TransmitLimit(int multiplier, int members) =>
        multiplier * (int)Math.Ceiling(Math.Log10(members + 1));

    public bool Contains(NodeId member) => _byMember.ContainsKey(member);

    public void Add(in Update update)
    {
        Remove(update.Member.Id);
        _encoder.Clear();
        SwimCodec.WriteUpdate(_encoder, update);
        var entry = new Entry(update.Member.Id, _encoder.ToArray(), 0, _serial++);
        _byMember[entry.Member] = entry;
        _order.Add(entry);
    }

    public void Remove(NodeId member)
    {
        if (_byMember.Remove(member, out var old))
        {
            _order.Remove(old);
        }
    }

    public void Clear()
    {
        _byMember.Clear();
        _order.Clear();
    }

    /// <summary>Appends what fits up to <paramref name="packetLimit"/> bytes, and retires what has now been sent <paramref name="transmitLimit"/> times.</summary>
    /// <returns>How many updates were appended.</returns>
    public int Fill(ByteWriter packet, int packetLimit, int transmitLimit)
    {
        _taken.Clear();
        foreach (var entry in _order)
        {
            if (packetLimit - packet.Length < SwimCodec.MinUpdateBytes)
            {
                break;
            }

            if (packet.Length + entry.Encoded.Length <= packetLimit)
            {
                packet.Raw(entry.Encoded);
                _taken.Add(entry);
            }
        }

        foreach (var entry in _taken)
        {
            Remove(entry.Member);
            if (entry.Sends + 1 < transmitLimit)
            {
                var sent = entry with { Sends = entry.Sends + 1 };
                _byMember[sent.Member] = sent;
                _order.Add(sent);
            }
        }

        return _taken.Count;
    }

    private sealed record Entry(NodeId Member, byte[] Encoded, int Sends, ulong Serial)
    {
        /// <summary>Serials are unique, so two entries never compare as equal.</summary>
        public static int Compare(Entry left, Entry right) =>
            left.Sends != right.Sends ? left.Sends.CompareTo(right.Sends) : right.Serial.CompareTo(left.Serial);
    }
}

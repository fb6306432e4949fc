using Trefoil.Primitives;

namespace Trefoil.Membership;

/// <summary>Whom to probe next: everybody once, in a shuffled order, then again (SWIM, section 4.3).</summary>
/// <remarks>Round robin bounds the time until a crash is first noticed to 2n − 1 intervals; drawing at random does not.</remarks>
internal sealed class ProbeOrder(Prng random)
{
    private readonly List<NodeId> _order = [];
    private int _next;

    /// <summary>A new member takes a random place among those still to come, as the paper says: not always the last.</summary>
    public void Add(NodeId id)
    {
        if (_order.IndexOf(id, _next) < 0)
        {
            _order.Insert(_next + random.Below(_order.Count - _next + 1), id);
        }
    }

    public void Clear()
    {
        _order.Clear();
        _next = 0;
    }

    /// <summary>The next live member, or null when there is none.</summary>
    public Peer? Next(Roster roster)
    {
        // One pass to the end, one through the fresh order: whoever is live is found within them.
        for (var pass = 0; pass < 2; pass++)
        {
            while (_next < _order.Count)
            {
                if (roster.Find(_order[_next++]) is { Member.IsLive: true } peer)
                {
                    return peer;
                }
            }

            Reshuffle(roster);
        }

        return null;
    }

    private void Reshuffle(Roster roster)
    {
        Clear();
        _order.AddRange(roster.Peers.Where(peer => peer.Member.IsLive).Select(peer => peer.Member.Id));
        random.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_order));
    }
}

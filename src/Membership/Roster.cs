using Trefoil.Primitives;

namespace Trefoil.Membership;

/// <summary>One other member, and what only this node knows about it.</summary>
internal sealed class Peer(Member member, TimeSpan now)
{
    public Member Member { get; set; } = member;

    /// <summary>When it came into its present state.</summary>
    public TimeSpan Since { get; set; } = now;

    /// <summary>Not null exactly while the state is <see cref="MemberState.Suspect"/>.</summary>
    public Suspicion? Suspicion { get; set; }

    /// <summary>When it was last told that it is dead.</summary>
    public TimeSpan? LastDeadAnswer { get; set; }

    /// <summary>When it was last probed, and when it last answered a probe of ours.</summary>
    public Contact Contact { get; set; } = new(member.Id, null, null);
}

/// <summary>All other members, in the order of their ids, so that iteration is the same in every run.</summary>
internal sealed class Roster
{
    private readonly List<Peer> _peers = [];

    /// <summary>Everyone, dead ones included.</summary>
    public IReadOnlyList<Peer> Peers => _peers;

    /// <summary>How many are alive or suspect.</summary>
    public int Live { get; private set; }

    public Peer? Find(NodeId id)
    {
        var index = IndexOf(id);
        return index >= 0 ? _peers[index] : null;
    }

    public Peer Add(Member member, TimeSpan now)
    {
        var peer = new Peer(member, now);
        _peers.Insert(~IndexOf(member.Id), peer);
        Live += member.IsLive ? 1 : 0;
        return peer;
    }

    public void Update(Peer peer, Member member, TimeSpan now)
    {
        Live += (member.IsLive ? 1 : 0) - (peer.Member.IsLive ? 1 : 0);
        if (peer.Member.State != member.State)
        {
            peer.Since = now;
        }

        peer.Member = member;
    }

    public void Remove(NodeId id)
    {
        var index = IndexOf(id);
        if (index >= 0)
        {
            Live -= _peers[index].Member.IsLive ? 1 : 0;
            _peers.RemoveAt(index);
        }
    }

    public void Clear()
    {
        _peers.Clear();
        Live = 0;
    }

    /// <summary>Up to <paramref name="count"/> different peers that satisfy <paramref name="eligible"/>, at random.</summary>
    /// <remarks>
    /// A large roster is sampled with a bounded number of draws instead of scanned: a round may then get fewer than it asked for
    /// when few are eligible, which the next round makes good.
    /// </remarks>
    public List<Peer> Pick(Prng random, int count, Func<Peer, bool> eligible)
    {
        const int ScanUpTo = 64;
        const int DrawsPerPick = 8;
        var picked = new List<Peer>(count);
        if (_peers.Count <= ScanUpTo)
        {
            picked.AddRange(_peers.Where(eligible));
            random.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(picked));
            picked.RemoveRange(Math.Min(count, picked.Count), Math.Max(0, picked.Count - count));
            return picked;
        }

        for (var draw = 0; draw < count * DrawsPerPick && picked.Count < count; draw++)
        {
            var peer = _peers[random.Below(_peers.Count)];
            if (eligible(peer) && !picked.Contains(peer))
            {
                picked.Add(peer);
            }
        }

        return picked;
    }

    private int IndexOf(NodeId id)
    {
        var (low, high) = (0, _peers.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var order = _peers[middle].Member.Id.CompareTo(id);
            if (order == 0)
            {
                return middle;
            }

            (low, high) = order < 0 ? (middle + 1, high) : (low, middle - 1);
        }

        return ~low;
    }
}

using Trefoil.Primitives;
using Trefoil.Sharding;

namespace Trefoil.Replication;

/// <summary>A proposed replica set whose outcome is not known. Until it is, it counts as if it were committed, and as if it were not.</summary>
internal sealed class Proposal(IReadOnlyList<NodeId> set, ReplicationMode mode)
{
    public IReadOnlyList<NodeId> Set => set;

    public ReplicationMode Mode => mode;

    /// <summary>Of the last time it was proposed.</summary>
    public ulong Token { get; set; }

    /// <summary>0: only intended, and can be taken back.</summary>
    public int Times { get; set; }

    /// <summary>When it was last proposed; when it was intended, before that.</summary>
    public TimeSpan SentAt { get; set; }

    public bool Is(IReadOnlyList<NodeId> others, ReplicationMode other) => mode == other && set.SequenceEqual(others);
}

/// <summary>A hand-over as the primary sees it.</summary>
internal sealed class HandOver(ulong token, NodeId to, bool isRemote, TimeSpan now)
{
    /// <summary>The asker's.</summary>
    public ulong Token => token;

    public NodeId To => to;

    /// <summary>The successor asked for it, by a message.</summary>
    public bool IsRemote => isRemote;

    /// <summary>When it was asked for; once proposed, when that was.</summary>
    public TimeSpan Since { get; set; } = now;

    public ulong StableLsn { get; set; }

    public TimeSpan StableSince { get; set; } = now;

    public bool Proposed { get; set; }

    public ulong ProposalToken { get; set; }
}

/// <summary>All that a primary keeps for the epoch it has begun.</summary>
internal sealed class Leadership(ulong epoch, ulong epochLsn)
{
    public ulong Epoch => epoch;

    /// <summary>The epoch record. Everything before it may have been acknowledged by earlier primaries.</summary>
    public ulong EpochLsn => epochLsn;

    /// <summary>Everyone else in the shard, sorted.</summary>
    public List<Follower> Followers { get; } = [];

    /// <summary>Never goes backwards.</summary>
    public ulong Acked { get; set; }

    /// <summary>The last Acked effect; null before the first.</summary>
    public ulong? ToldAcked { get; set; }

    public bool Serving { get; set; }

    public List<Proposal> Proposals { get; } = [];

    public TimeSpan ProposeAfter { get; set; }

    public HandOver? HandOver { get; set; }

    public List<SnapshotTransfer> Transfers { get; } = [];

    public TimeSpan SnapshotAfter { get; set; }

    /// <summary>What must be held by a quorum of any new set: what this epoch has acknowledged, and what earlier ones may have.</summary>
    public ulong Promised => Math.Max(Acked, epochLsn - 1);

    public Follower? Find(NodeId id) => Followers.Find(follower => follower.Id == id);
}

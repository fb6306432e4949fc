using Trefoil.Primitives;
using Trefoil.Sharding;
using Trefoil.Storage;

namespace Trefoil.ControlPlane;

/// <summary>Everything a control node asks of the world. The list order is the order in which it must be performed.</summary>
public abstract record ControlEffect
{
    private ControlEffect()
    {
    }

    /// <summary>Send to a peer, at most once, best effort: everything that matters is retried by the core.</summary>
    public sealed record Send(HostPort To, ClusterId Cluster, ControlMessage Message) : ControlEffect;

    /// <summary>Make durable before performing what follows. A failure is fatal to the process.</summary>
    public sealed record Persist(RaftWrite Write) : ControlEffect;

    /// <summary>Start an empty log for this membership, beside any other: those go when the identity is saved.</summary>
    public sealed record StartLog(ClusterId Cluster, ulong MemberId) : ControlEffect;

    /// <summary>Replace the identity file, durably; then delete the logs of all other memberships.</summary>
    public sealed record SaveIdentity(Identity Identity) : ControlEffect;

    /// <summary>Keep this copy of the topology for the next start. Mostly a cache, whose loss costs a pull; durable when
    /// the identity saved next depends on it.</summary>
    public sealed record SaveTopology(byte[] Snapshot, bool Durable) : ControlEffect;

    /// <summary>This is the topology now.</summary>
    public sealed record Publish(Topology Topology) : ControlEffect;

    /// <summary>Answer the caller that gave this token.</summary>
    public sealed record Answer(ulong Token, CommandResult Result) : ControlEffect;

    /// <summary>Refuse (or accept again) writes of clients. On: answered by <see cref="ControlInput.Fenced"/> with the key count.</summary>
    public sealed record Fence(bool On) : ControlEffect;

    /// <summary>As the primary of <paramref name="Epoch"/> this node may answer clients until then, on the clock of the inputs.</summary>
    public sealed record Lease(ulong Epoch, TimeSpan Until) : ControlEffect;

    /// <summary>SWIM: this id was removed by the topology; ban it until admitted.</summary>
    public sealed record Evict(NodeId Node) : ControlEffect;

    /// <summary>SWIM: this id is a member (again).</summary>
    public sealed record Admit(NodeId Node) : ControlEffect;

    /// <summary>SWIM: forget all members, speak for this cluster (as this node) from now on, join through these.</summary>
    public sealed record Rebase(NodeId Self, ClusterId Cluster, IReadOnlyList<HostPort> Seeds) : ControlEffect;

    /// <summary>SWIM: gossip this topology version.</summary>
    public sealed record GossipVersion(ulong Version) : ControlEffect;

    /// <summary>Something an operator wants to read in the log.</summary>
    public sealed record Note(ControlEvent Event, string Detail) : ControlEffect;
}

/// <summary>What a control node reports to the log; names once published stay.</summary>
public enum ControlEvent : byte
{
    Founded,
    Offered,
    OfferWithdrawn,
    Joined,
    Expelled,
    Reset,
    BecameLeader,
    LostLeadership,
    VotersChanging,
    SnapshotInstalled,
    ElectionBegins,
    Promoting,
    ReplicaMoves,
}

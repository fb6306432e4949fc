using Trefoil.Primitives;
using Trefoil.Sharding;

namespace Trefoil.Replication;

/// <summary>Everything a replica node asks of the world, performed in list order and before the next input is handed in.</summary>
public abstract record ReplicaEffect
{
    private ReplicaEffect()
    {
    }

    /// <summary>Send to a member, best effort: whatever is lost is said again.</summary>
    public sealed record Send(NodeId To, ReplicaMessage Message) : ReplicaEffect;

    /// <summary>Replies that need records up to here may leave. <see cref="ulong.MaxValue"/>: nothing is held (asynchronous mode); a change
    /// of mode may lower it from there.</summary>
    public sealed record Acked(ulong Lsn) : ReplicaEffect;

    /// <summary>Open or close the gate: this node is the primary of this epoch, which its set has acknowledged. The lease is another matter.</summary>
    public sealed record Serve(bool On, ulong Epoch) : ReplicaEffect;

    /// <summary>This node led and does so no longer: close the connections whose replies are held, since nobody knows what becomes of their writes.</summary>
    public sealed record Deposed(string Reason) : ReplicaEffect;

    /// <summary>Propose ChangeReplicaSet; a definite refusal comes back as <see cref="ReplicaInput.ProposalRefused"/>, success as a view.</summary>
    public sealed record Propose(ulong Token, ulong ConfigVersion, IReadOnlyList<NodeId> Set, ReplicationMode Mode) : ReplicaEffect;

    /// <summary>Let no command start, and no key expire or be evicted; those that run may end. They are parked.</summary>
    public sealed record PauseForHandOver : ReplicaEffect;

    /// <summary>The hand-over will not happen and this node still leads: go on. A pause also ends with <see cref="Deposed"/>.</summary>
    public sealed record ResumeAfterHandOver : ReplicaEffect;

    /// <summary>Propose an election after this epoch whose candidate is <paramref name="To"/>. Refused or seen, as with <see cref="Propose"/>.</summary>
    public sealed record ProposeHandOver(ulong Token, NodeId To, ulong Epoch) : ReplicaEffect;

    /// <summary>The answer to <see cref="ReplicaInput.HandOverAsked"/>; no error: the topology shows the new primary.</summary>
    public sealed record HandOverDone(ulong Token, string? Error) : ReplicaEffect;

    /// <summary>This many records of this node, which the shard never acknowledged, were given up for the primary's state.</summary>
    public sealed record Dropped(ulong Records) : ReplicaEffect;

    /// <summary>This node cannot follow: stop the process, or at least its part in the shard.</summary>
    public sealed record Fatal(string Reason) : ReplicaEffect;

    /// <summary>Something an operator wants to read in the log.</summary>
    public sealed record Note(ReplicaEvent Event, string Detail) : ReplicaEffect;
}

/// <summary>What a replica node reports to the log; names once published stay.</summary>
public enum ReplicaEvent : byte
{
    BeganEpoch,
    NotBegun,
    Serving,
    Deposed,
    Fenced,
    Following,
    Linked,
    Snapshot,
    SnapshotRestarted,
    Installed,
    InstallFailed,
    SetProposed,
    SetChanged,
    HandOver,
    Malformed,
    Dropped,
}

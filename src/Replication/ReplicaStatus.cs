using Trefoil.Primitives;

namespace Trefoil.Replication;

/// <summary>What a node is in its shard.</summary>
public enum ReplicaRole : byte
{
    /// <summary>In no shard.</summary>
    None,

    /// <summary>Fenced: nobody leads.</summary>
    Electing,

    /// <summary>The topology names it primary.</summary>
    Primary,

    /// <summary>It follows.</summary>
    Replica,
}

/// <summary>What a primary is doing for a follower.</summary>
public enum FollowerState : byte
{
    /// <summary>Nothing was heard in this epoch.</summary>
    Unknown,

    /// <summary>A snapshot is being made for it, or it must leave the set first (Redis: wait_bgsave).</summary>
    WaitSnapshot,

    /// <summary>A snapshot is on its way (Redis: send_bulk).</summary>
    SendSnapshot,

    /// <summary>Records are.</summary>
    Online,
}

/// <summary>A follower as its primary sees it.</summary>
/// <param name="Id">Who.</param>
/// <param name="InSet">In C.</param>
/// <param name="State">What is being done for it.</param>
/// <param name="ReceivedLsn">It has said that it holds this much in a consistent state; 0 while it does not.</param>
/// <param name="DurableLsn">And this much durably.</param>
/// <param name="LagRecords">Records it still lacks.</param>
/// <param name="LastHeard">On the core's clock; when the epoch began if never.</param>
/// <param name="SnapshotBytes">Of the transfer, acknowledged.</param>
/// <param name="SnapshotLength">Of the transfer, in all; 0 when there is none.</param>
public sealed record FollowerStatus(
    NodeId Id, bool InSet, FollowerState State, ulong ReceivedLsn, ulong DurableLsn, ulong LagRecords, TimeSpan LastHeard,
    long SnapshotBytes, long SnapshotLength);

/// <summary>Where this node stands: what ROLE, INFO replication, WAIT, the lease request and the election need.</summary>
public sealed record ReplicaStatus
{
    /// <summary>What it is.</summary>
    public ReplicaRole Role { get; init; }

    /// <summary>The shard's epoch in the last view taken.</summary>
    public ulong Epoch { get; init; }

    /// <summary>The topology version of that view: a position is an answer to an election only if this view shows the election.</summary>
    public ulong Version { get; init; }

    /// <summary>This process has begun <see cref="Epoch"/> as its primary. False on a primary: it must be elected anew.</summary>
    public bool Begun { get; init; }

    /// <summary>The set has acknowledged the epoch's beginning, and no election was proposed to end it.</summary>
    public bool Serving { get; init; }

    /// <summary>A hand-over is on its way: the log must stand still, so nothing but replication may append to it.</summary>
    public bool Paused { get; init; }

    /// <summary>
    /// This node is fenced and what its log holds is durable: only now may its position be told, since the epoch may be begun on it by a
    /// process that is started later.
    /// </summary>
    public bool Fenced { get; init; }

    /// <summary>Who leads.</summary>
    public NodeId Primary { get; init; }

    /// <summary>Acknowledged by the mode's count of the set, in this epoch; what the primary last said on a replica.</summary>
    public ulong AckedLsn { get; init; }

    /// <summary>
    /// Held by as many of the set as are sure to be heard in an election: a quorum in quorum mode, else all of it; 0 unless this node serves. What a
    /// migration may rely on that gives this shard slots: nobody else has their keys then, so the mode that asks for no acknowledgement is not enough.
    /// </summary>
    public ulong HeldLsn { get; init; }

    /// <summary>Epoch of this log's last record, 0 if it was written in another cluster: the first part of its position.</summary>
    public ulong LastEpoch { get; init; }

    /// <summary>End of this log: the second part.</summary>
    public ulong LastLsn { get; init; }

    /// <summary>The state is a cut and no snapshot is being installed: this node may be promoted, and may answer reads.</summary>
    public bool Consistent { get; init; }

    /// <summary>Replica: the primary was heard lately, in this session.</summary>
    public bool LinkUp { get; init; }

    /// <summary>Replica: when the primary was last heard, on the core's clock; null: not in this epoch.</summary>
    public TimeSpan? LastHeard { get; init; }

    /// <summary>Replica: end of the primary's log, as last heard.</summary>
    public ulong PrimaryLsn { get; init; }

    /// <summary>Replica: a snapshot is being received or installed.</summary>
    public bool Syncing { get; init; }

    /// <summary>Replica: bytes of it that are here.</summary>
    public long SnapshotBytes { get; init; }

    /// <summary>Replica: bytes of it in all.</summary>
    public long SnapshotLength { get; init; }

    /// <summary>Records of this log given up for a primary's state, since start.</summary>
    public ulong DroppedRecords { get; init; }

    /// <summary>Messages that made no sense, since start.</summary>
    public long Malformed { get; init; }

    /// <summary>Primary: everyone else in the shard, sorted.</summary>
    public IReadOnlyList<FollowerStatus> Followers { get; init; } = [];
}

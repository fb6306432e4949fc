using Trefoil.Consensus;

namespace Trefoil.ControlPlane;

/// <summary>The timing and limits of the control plane. Immutable; the defaults suit a LAN.</summary>
public sealed record ControlConfig
{
    /// <summary>Raft's own settings; its id is set by the control node for each join.</summary>
    public RaftConfig Raft { get; init; } = new() { Id = 1 };

    /// <summary>Found a cluster of one when the identity names none. False: wait for a cluster that takes this node in.</summary>
    public bool Bootstrap { get; init; } = true;

    /// <summary>How often beacons, retries and the voter controller are looked at. Smaller reacts sooner, costs wake-ups.</summary>
    public TimeSpan Housekeeping { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>A proposal that has not come back is sent again after this long (same request id, so at most once applied).</summary>
    public TimeSpan ProposalRetry { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>A proposal not seen committed by then is answered as unconfirmed: it may still take effect.</summary>
    public TimeSpan ProposalTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Removing a voter first replaces it, so FORGET gets longer than other proposals.</summary>
    public TimeSpan RemovalTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>The leader tells every non-voter who it is and how far the log goes this often.</summary>
    public TimeSpan Beacon { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>A voter must be silent to Raft and dead to SWIM for this long before it is replaced.</summary>
    public TimeSpan VoterStability { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a primary may answer after it asked for leave (correctness.md, 3). Longer than an election takes, or every election would stop writes.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromMilliseconds(1500);

    /// <summary>How often it asks.</summary>
    public TimeSpan LeaseInterval { get; init; } = TimeSpan.FromMilliseconds(300);

    /// <summary>A primary whose replicas are all dead gets another shard's after this long.</summary>
    public TimeSpan OrphanStability { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Cluster-wide settings that a leader proposes where the cluster has none of that name.</summary>
    public IReadOnlyList<Sharding.Setting> Settings { get; init; } = [];

    /// <summary>How long a lone node waits for an answer to its offer before it asks for the offer to be cancelled.</summary>
    public TimeSpan OfferTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The log is compacted behind a snapshot after this many applied entries.</summary>
    public int CompactEvery { get; init; } = 4096;

    /// <summary>Entries kept behind the snapshot for voters that lag, and for pulls.</summary>
    public int KeepEntries { get; init; } = 1024;

    /// <summary>Proposals of this node in flight at once; one more is refused at once. Half of what the machine remembers.</summary>
    public int MaxPending { get; init; } = 128;
}

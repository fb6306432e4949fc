using Trefoil.ControlPlane;
using Trefoil.KeyValue.Persistence;
using Trefoil.Migration;
using Trefoil.Replication;

namespace Trefoil.Simulator;

/// <summary>The faults of one seed and their strength. Each kind is left out by many seeds, so that one never hides another.</summary>
/// <remarks>
/// <para>A seed's time is made of phases of faults, each with a part of these kinds at a part of their strength (<see cref="PartOf"/>), and quiet stretches
/// between, in which everything is mended and the cluster must get on.</para>
/// <para>A flat record of plain values, for scenario files. "Every": mean time between two faults of a kind in the whole cluster, null when the kind is left
/// out. "Most": what is drawn lies between nothing and this.</para>
/// </remarks>
internal sealed partial record FaultPlan
{
    /// <summary>Length of a phase of faults, at least.</summary>
    public TimeSpan BurstMin { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Length of a phase of faults, at most.</summary>
    public TimeSpan BurstMax { get; init; } = TimeSpan.FromSeconds(40);

    /// <summary>Length of a quiet stretch, at least.</summary>
    public TimeSpan QuietMin { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Length of a quiet stretch, at most.</summary>
    public TimeSpan QuietMax { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Probability that a kind of fault which the seed has takes part in a phase.</summary>
    public double PhaseShare { get; init; } = 0.5;

    /// <summary>Probability that the first phase of faults begins with the run, before the cluster has come together.</summary>
    public double EarlyBurst { get; init; } = 0.7;

    /// <summary>Probability that a link is bad: only bad ones lose, double, damage or keep messages.</summary>
    public double BadLinks { get; init; } = 1;

    /// <summary>Most probable loss of a message on a link.</summary>
    public double Loss { get; init; }

    /// <summary>Most probable doubling of a message on a link.</summary>
    public double Duplication { get; init; }

    /// <summary>Most probable damage to a message on a link: bits turned or the end missing.</summary>
    public double Corruption { get; init; }

    /// <summary>Most probable straggling on a link: a message that takes up to <see cref="LongDelay"/> more, so that later ones overtake it.</summary>
    public double Straggling { get; init; }

    /// <summary>Most probable tail on a link: a message that takes longer by a Pareto-distributed multiple of <see cref="TailDelay"/>.</summary>
    public double Tail { get; init; }

    /// <summary>Scale of the tail.</summary>
    public TimeSpan TailDelay { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>The least that a message takes on any link.</summary>
    public TimeSpan MinDelay { get; init; } = TimeSpan.FromMicroseconds(100);

    /// <summary>Links draw what a message takes at least from <see cref="MinDelay"/> to this.</summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromMilliseconds(1);

    /// <summary>Most jitter of a link, on top.</summary>
    public TimeSpan MaxJitter { get; init; } = TimeSpan.FromMilliseconds(1);

    /// <summary>No message takes longer, whatever tail or straggling it drew; slow nodes come on top.</summary>
    public TimeSpan LongDelay { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Every: a node becomes slow: all to and from it is late.</summary>
    public TimeSpan? SlowNodes { get; init; }

    /// <summary>Most lateness of a slow node's messages.</summary>
    public TimeSpan MaxSlowness { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Every: links are cut both ways: sides, a minority, one node, two nodes from each other, a bridge, a ring.</summary>
    public TimeSpan? Partitions { get; init; }

    /// <summary>Every: links are cut in one direction.</summary>
    public TimeSpan? OneWayPartitions { get; init; }

    /// <summary>A cut is mended after this time at most.</summary>
    public TimeSpan MaxCut { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>Every: a connection between two nodes is reset, and what is on its way lost.</summary>
    public TimeSpan? Resets { get; init; }

    /// <summary>Every: a process runs nothing for a while.</summary>
    public TimeSpan? Pauses { get; init; }

    /// <summary>The longest pause of a process.</summary>
    public TimeSpan MaxPause { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Every: a process ends, and its machine perhaps with it.</summary>
    public TimeSpan? Crashes { get; init; }

    /// <summary>Every: one of a disk's next calls fails.</summary>
    public TimeSpan? DiskFailures { get; init; }

    /// <summary>Every: a disk is full for a while.</summary>
    public TimeSpan? FullDisks { get; init; }

    /// <summary>How long a disk stays full at most.</summary>
    public TimeSpan MaxFull { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Every: a disk becomes slow for a while.</summary>
    public TimeSpan? SlowDisks { get; init; }

    /// <summary>What one sync of a slow disk takes at most.</summary>
    public TimeSpan MaxSlowSync { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>What one sync of a sound disk takes at most; what follows it in an effect list waits.</summary>
    public TimeSpan MaxSync { get; init; } = TimeSpan.FromMilliseconds(1);

    /// <summary>Every: a bit turns in what a disk holds durably, while its machine is down.</summary>
    public TimeSpan? BitFlips { get; init; }

    /// <summary>Machines' clocks run fast or slow by up to this much, in millionths; at most <see cref="SimulatedClock.MaxDriftPpm"/>.</summary>
    public int ClockDriftPpm { get; init; }

    /// <summary>At the start machines' wall clocks are wrong by up to this much, either way.</summary>
    public TimeSpan WallOffset { get; init; }

    /// <summary>Every: a wall clock is set.</summary>
    public TimeSpan? ClockJumps { get; init; }

    /// <summary>How far a wall clock is set at most, either way.</summary>
    public TimeSpan MaxClockJump { get; init; } = TimeSpan.FromHours(3);

    /// <summary>One node is lost for ever at this time; null: none.</summary>
    public TimeSpan? GoneAt { get; init; }

    /// <summary>The control plane's settings, varied so that compaction and replacement happen in short runs too.</summary>
    public required ControlConfig Control { get; init; }

    /// <summary>The same of replication: small messages, so that records are cut and windows fill.</summary>
    public ReplicationConfig Replication { get; init; } = new();

    /// <summary>And of migrations.</summary>
    public MigrationConfig Migration { get; init; } = new();

    /// <summary>The rate limit of copies, in bytes per second.</summary>
    public long CopyRate { get; init; }

    /// <summary>When the key-value log is synced.</summary>
    public SyncPolicy Sync { get; init; } = SyncPolicy.EverySecond;

    /// <summary>A segment of the key-value log is closed at this length, in bytes: small, so that there are many.</summary>
    public long SegmentBytes { get; init; } = 16 << 10;

    /// <summary>Records kept in memory for replicas, in bytes: small, so that some must take a snapshot.</summary>
    public long BacklogBytes { get; init; } = 64 << 10;

    /// <summary>Each node writes a snapshot of its keys so often.</summary>
    public TimeSpan SnapshotEvery { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>A copy counts once it is durable; then crashes lose what the shard's logs had not synced.</summary>
    public bool AckDurable { get; init; }

    /// <summary>No faults at all; everything else stays as it is.</summary>
    public FaultPlan Healed() => this with
    {
        Loss = 0,
        Duplication = 0,
        Corruption = 0,
        Straggling = 0,
        Tail = 0,
        MaxDelay = TimeSpan.FromMilliseconds(1),
        MaxJitter = TimeSpan.FromMilliseconds(1),
        SlowNodes = null,
        Partitions = null,
        OneWayPartitions = null,
        Resets = null,
        Pauses = null,
        Crashes = null,
        DiskFailures = null,
        FullDisks = null,
        SlowDisks = null,
        MaxSync = TimeSpan.FromMilliseconds(1),
        BitFlips = null,
        ClockJumps = null,
        GoneAt = null,
    };

    /// <summary>No faults either, and migrations of many small steps.</summary>
    public FaultPlan Quiet() => Healed() with
    {
        ClockDriftPpm = 0,
        WallOffset = TimeSpan.Zero,
        CopyRate = 1000,
        Migration = Migration with { MaxMessageBytes = 60, WindowBytes = 200, MaxUnheldBytes = 400, FreezeBelow = 60, StepBytes = 512, ClearSlots = 1 },
    };
}

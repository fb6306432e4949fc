using Trefoil.ControlPlane;
using Trefoil.KeyValue.Persistence;
using Trefoil.Consensus;
using Trefoil.Migration;
using Trefoil.Primitives;
using Trefoil.Replication;
using Trefoil.Sharding;

namespace Trefoil.Simulator;

/// <summary>The faults of one seed and their strength. Each kind is left out by many seeds, so that one never hides another.</summary>
internal sealed record FaultPlan
{
    /// <summary>Probability that a message is lost.</summary>
    public double Loss { get; init; }

    /// <summary>Probability that a message arrives twice.</summary>
    public double Duplication { get; init; }

    /// <summary>Probability that a message takes up to <see cref="LongDelay"/>: later ones overtake it.</summary>
    public double Straggling { get; init; }

    public TimeSpan MinDelay { get; init; } = TimeSpan.FromMicroseconds(100);

    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromMilliseconds(2);

    public TimeSpan LongDelay { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a sync takes at most; what follows it in an effect list waits.</summary>
    public TimeSpan MaxSync { get; init; } = TimeSpan.FromMilliseconds(1);

    /// <summary>Mean time between two faults of a kind in the whole cluster; null when the kind is left out.</summary>
    public TimeSpan? Partitions { get; init; }

    public TimeSpan? OneWayPartitions { get; init; }

    public TimeSpan? Resets { get; init; }

    public TimeSpan? Pauses { get; init; }

    public TimeSpan? Crashes { get; init; }

    public TimeSpan? DiskFailures { get; init; }

    /// <summary>Machines' clocks run fast or slow by up to this much, in millionths; at most <see cref="SimulatedClock.MaxDriftPpm"/>.</summary>
    public int ClockDriftPpm { get; init; }

    /// <summary>At the start machines' wall clocks are wrong by up to this much, either way.</summary>
    public TimeSpan WallOffset { get; init; }

    /// <summary>Mean time between two wall clocks that are set, in the whole cluster; null: none is.</summary>
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

    /// <summary>No faults at all, for healing.</summary>
    public FaultPlan Healed() => new()
    {
        Control = Control,
        Replication = Replication,
        Migration = Migration,
        CopyRate = CopyRate,
        AckDurable = AckDurable,
        Sync = Sync,
        SegmentBytes = SegmentBytes,
        BacklogBytes = BacklogBytes,
        SnapshotEvery = SnapshotEvery,
    };

    /// <summary>No faults either, and migrations of many small steps.</summary>
    public FaultPlan Quiet() => Healed() with
    {
        CopyRate = 1000,
        Migration = Migration with { MaxMessageBytes = 60, WindowBytes = 200, MaxUnheldBytes = 400, FreezeBelow = 60, StepBytes = 512, ClearSlots = 1 },
    };

    /// <summary>Draws a plan.</summary>
    public static FaultPlan Draw(Prng random, TimeSpan phase, int nodes)
    {
        var plan = DrawNetwork(random, phase, nodes);
        var (synchronous, durable) = (random.Chance(0.25), random.Chance(0.5));
        var isSmall = random.Chance(0.5);
        plan = plan with
        {
            AckDurable = durable,
            Sync = random.Chance(0.3) ? SyncPolicy.Always : random.Chance(0.2) ? SyncPolicy.No : SyncPolicy.EverySecond,
            SegmentBytes = 2048 << random.Below(6),
            BacklogBytes = 4096 << random.Below(8),
            SnapshotEvery = TimeSpan.FromSeconds(10 + random.Below(60)),
            CopyRate = random.Chance(0.3) ? 400 : 0,
            Migration = new MigrationConfig
            {
                MaxMessageBytes = isSmall ? 20 : 256 << 10,
                WindowBytes = isSmall ? 100 : 8 << 20,
                MaxUnheldBytes = isSmall ? 200 : 32 << 20,
                FreezeBelow = isSmall ? 60 : 256 << 10,
                StepBytes = isSmall ? 512 : 1 << 20,
                ClearSlots = isSmall ? 1 : 64,
                MaxExports = isSmall ? 1 : 8,
                StallTimeout = TimeSpan.FromSeconds(8),
            },
            Replication = new ReplicationConfig { MaxMessageBytes = random.Chance(0.5) ? 40 : 4096, WindowBytes = 16 << 10, WindowMessages = 32 },
            Control = plan.Control with
            {
                Settings =
                [
                    new Setting("replication_mode", synchronous ? "synchronous" : "quorum"), new Setting("replication_ack", durable ? "durable" : "received"),
                ],
            },
        };
        return DrawClocks(random, plan);
    }

    private static FaultPlan DrawNetwork(Prng random, TimeSpan phase, int nodes) => new()
    {
        Loss = Some(random, 0.5) ? random.Fraction() * 0.15 : 0,
        Duplication = Some(random, 0.5) ? random.Fraction() * 0.1 : 0,
        Straggling = Some(random, 0.5) ? random.Fraction() * 0.05 : 0,
        MaxDelay = TimeSpan.FromMilliseconds(1 + random.Below(random.Chance(0.3) ? 60 : 5)),
        LongDelay = TimeSpan.FromMilliseconds(200 + random.Below(8000)),
        MaxSync = TimeSpan.FromMilliseconds(random.Chance(0.3) ? 20 : 1),
        Partitions = Every(random, 0.4, 5, 20),
        OneWayPartitions = Every(random, 0.4, 5, 20),
        Resets = Every(random, 0.4, 1, 5),
        Pauses = Every(random, 0.3, 4, 15),
        Crashes = Every(random, 0.6, 3, 15),
        DiskFailures = Every(random, 0.3, 8, 30),
        GoneAt = nodes >= 4 && Some(random, 0.25) ? random.Between(phase / 4, phase * 0.8) : null,
        Control = new ControlConfig
        {
            Raft = new RaftConfig { Id = 1, SnapshotChunkBytes = random.Chance(0.5) ? 512 : 64 << 10 },
            Bootstrap = true,
            CompactEvery = random.Chance(0.6) ? 4 + random.Below(20) : 4096,
            KeepEntries = random.Chance(0.7) ? 1 + random.Below(8) : 1024,
            VoterStability = TimeSpan.FromSeconds(2 + random.Below(8)),
            OfferTimeout = TimeSpan.FromSeconds(1 + random.Below(4)),
        },
    };

    private static FaultPlan DrawClocks(Prng random, FaultPlan plan) => plan with
    {
        ClockDriftPpm = Some(random, 0.5) ? random.Below(SimulatedClock.MaxDriftPpm + 1) : 0,
        WallOffset = Some(random, 0.5) ? TimeSpan.FromSeconds(random.Below(3600)) : TimeSpan.Zero,
        ClockJumps = Every(random, 0.4, 3, 15),
        MaxClockJump = random.Chance(0.5) ? TimeSpan.FromSeconds(10) : TimeSpan.FromHours(3),
    };

    private static bool Some(Prng random, double probability) => random.Chance(probability);

    private static TimeSpan? Every(Prng random, double probability, int minSeconds, int maxSeconds)
    {
        var chosen = random.Chance(probability);
        var seconds = minSeconds + (random.Fraction() * (maxSeconds - minSeconds));
        return chosen ? TimeSpan.FromSeconds(seconds) : null;
    }
}

using Trefoil.Consensus;
using Trefoil.ControlPlane;
using Trefoil.KeyValue.Persistence;
using Trefoil.Migration;
using Trefoil.Primitives;
using Trefoil.Replication;
using Trefoil.Sharding;

namespace Trefoil.Simulator;

/// <summary>How seeds come by their plans.</summary>
internal sealed partial record FaultPlan
{
    /// <summary>Draws a plan.</summary>
    public static FaultPlan Draw(Prng random, TimeSpan phase, int nodes)
    {
        var plan = DrawNetwork(random);
        if (nodes >= 4)
        {
            // Either may cost one node for good, and two are too many.
            var fate = random.Below(4);
            plan = plan with { GoneAt = fate == 0 ? random.Between(phase / 4, phase * 0.8) : null, BitFlips = fate == 1 ? Every(random, 1, 5, 20) : null };
        }

        var (mode, durable) = (random.Below(6) switch { 0 => "asynchronous", 1 => "synchronous", _ => "quorum" }, random.Chance(0.5));
        var isSmall = random.Chance(0.5);
        plan = plan with
        {
            AckDurable = durable,
            Sync = random.Chance(0.3) ? SyncPolicy.Always : random.Chance(0.2) ? SyncPolicy.No : SyncPolicy.EverySecond,
            SegmentBytes = 2048 << random.Below(6),
            BacklogBytes = 4096 << random.Below(8),
            SnapshotEvery = TimeSpan.FromSeconds(10 + random.Below(150)),
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
                    new Setting("replication_mode", mode), new Setting("replication_ack", durable ? "durable" : "received"),
                ],
            },
        };
        return DrawClocks(random, plan);
    }

    /// <summary>What of this happens in one phase of faults: some of the kinds, and messages' fates at some of their strength.</summary>
    public FaultPlan PartOf(Prng random)
    {
        double Share(double most) => random.Chance(PhaseShare) ? most * random.Fraction() : 0;
        TimeSpan? Part(TimeSpan? every) => random.Chance(PhaseShare) ? every : null;
        return this with
        {
            Loss = Share(Loss),
            Duplication = Share(Duplication),
            Corruption = Share(Corruption),
            Straggling = Share(Straggling),
            Tail = Share(Tail),
            SlowNodes = Part(SlowNodes),
            Partitions = Part(Partitions),
            OneWayPartitions = Part(OneWayPartitions),
            Resets = Part(Resets),
            Pauses = Part(Pauses),
            Crashes = Part(Crashes),
            DiskFailures = Part(DiskFailures),
            FullDisks = Part(FullDisks),
            SlowDisks = Part(SlowDisks),
            BitFlips = Part(BitFlips),
            ClockJumps = Part(ClockJumps),
        };
    }

    private static FaultPlan DrawNetwork(Prng random) => new()
    {
        PhaseShare = random.Chance(0.4) ? 1 : 0.5,
        BadLinks = random.Chance(0.5) ? 1 : random.Fraction(),
        Loss = Some(random, 0.5) ? random.Fraction() * 0.3 : 0,
        Duplication = Some(random, 0.5) ? random.Fraction() * 0.2 : 0,
        Corruption = Some(random, 0.4) ? random.Fraction() * 0.1 : 0,
        Straggling = Some(random, 0.5) ? random.Fraction() * 0.1 : 0,
        Tail = Some(random, 0.4) ? random.Fraction() * 0.2 : 0,
        TailDelay = TimeSpan.FromMilliseconds(1 + random.Below(20)),
        MaxDelay = TimeSpan.FromMilliseconds(1 + random.Below(random.Chance(0.3) ? 60 : 5)),
        MaxJitter = TimeSpan.FromMilliseconds(random.Chance(0.3) ? 30 : 2),
        LongDelay = TimeSpan.FromMilliseconds(200 + random.Below(8000)),
        SlowNodes = Every(random, 0.3, 8, 30),
        MaxSlowness = TimeSpan.FromMilliseconds(50 + random.Below(500)),
        Partitions = Every(random, 0.5, 5, 20),
        OneWayPartitions = Every(random, 0.4, 5, 20),
        MaxCut = TimeSpan.FromSeconds(2 + random.Below(20)),
        Resets = Every(random, 0.4, 1, 5),
        Pauses = Every(random, 0.3, 4, 15),
        Crashes = Every(random, 0.6, 3, 15),
        DiskFailures = Every(random, 0.3, 8, 30),
        FullDisks = Every(random, 0.3, 10, 30),
        SlowDisks = Every(random, 0.3, 8, 30),
        MaxSync = TimeSpan.FromMilliseconds(random.Chance(0.3) ? 20 : 1),
        Control = new ControlConfig
        {
            Raft = new RaftConfig { Id = 1, SnapshotChunkBytes = random.Chance(0.5) ? 512 : 64 << 10, MaxMessageBytes = random.Chance(0.5) ? 64 : 1 << 20 },
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

namespace Trefoil.Membership;

/// <summary>The timing of membership. Immutable; vary a profile with <c>with</c>. Values that make no sense cannot be set.</summary>
/// <remarks>The values of the three profiles are memberlist's (<c>config.go</c>), proven in Consul, unless a comment says otherwise.</remarks>
public sealed record SwimConfig
{
    /// <summary>One data centre: round trips below 10 ms, a crash known to all in about 7 s.</summary>
    public static SwimConfig Lan { get; } = new();

    /// <summary>Processes of one machine: tests and demos.</summary>
    public static SwimConfig Local { get; } = new()
    {
        IndirectProbes = 1,
        ProbeTimeout = TimeSpan.FromMilliseconds(200),
        SuspicionMultiplier = 3,
        RetransmitMultiplier = 2,
        GossipInterval = TimeSpan.FromMilliseconds(100),
        GossipToDeadTime = TimeSpan.FromSeconds(15),
        PushPullInterval = TimeSpan.FromSeconds(15),
        ReconnectInterval = TimeSpan.FromSeconds(2),
        StreamTimeout = TimeSpan.FromSeconds(2),
        LeaveTimeout = TimeSpan.FromSeconds(2),
    };

    /// <summary>Several continents: round trips up to 300 ms and real loss; a crash known to all in about half a minute.</summary>
    public static SwimConfig Wan { get; } = new()
    {
        ProbeInterval = TimeSpan.FromSeconds(5),
        ProbeTimeout = TimeSpan.FromSeconds(3),
        SuspicionMultiplier = 6,
        GossipInterval = TimeSpan.FromMilliseconds(500),
        GossipFanout = 4,
        GossipToDeadTime = TimeSpan.FromSeconds(60),
        PushPullInterval = TimeSpan.FromSeconds(60),
        ReconnectInterval = TimeSpan.FromSeconds(30),
        JoinRetryInterval = TimeSpan.FromSeconds(5),
        StreamTimeout = TimeSpan.FromSeconds(30),
        LeaveTimeout = TimeSpan.FromSeconds(15),
    };

    /// <summary>Time between two probes. Shorter finds a crash sooner and costs every node that many more packets.</summary>
    public TimeSpan ProbeInterval { get; init => field = Positive(value); } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Silence after which a probe turns to helpers and to TCP; the rest of the interval is theirs. Choose the p99 round trip.
    /// Longer than <see cref="ProbeInterval"/> would leave them no time, so the core uses the smaller of the two.
    /// </summary>
    public TimeSpan ProbeTimeout { get; init => field = Positive(value); } = TimeSpan.FromMilliseconds(500);

    /// <summary>Helpers asked to probe indirectly (k). More survive more loss, at 4 packets each; 0 leaves TCP alone.</summary>
    public int IndirectProbes { get; init => field = InRange(value, 0, 16); } = 3;

    /// <summary>α: a suspicion lasts at least α · max(1, log10 n) intervals. More gives slow members time, less finds crashes sooner.</summary>
    public int SuspicionMultiplier { get; init => field = InRange(value, 1, 64); } = 4;

    /// <summary>β: a suspicion that nobody confirms lasts β times the least. Guards against one accuser that is itself the slow one.</summary>
    public int SuspicionMaxMultiplier { get; init => field = InRange(value, 1, 64); } = 6;

    /// <summary>λ: an update leaves each node at most λ · ceil(log10(n + 1)) times. More survives more loss, and costs bytes.</summary>
    public int RetransmitMultiplier { get; init => field = InRange(value, 1, 64); } = 4;

    /// <summary>Time between two gossip rounds between probes; nothing is sent when there is no news.</summary>
    public TimeSpan GossipInterval { get; init => field = Positive(value); } = TimeSpan.FromMilliseconds(200);

    /// <summary>Members that each gossip round goes to. More spreads faster and costs packets.</summary>
    public int GossipFanout { get; init => field = InRange(value, 1, 64); } = 3;

    /// <summary>How long a dead member is still gossiped to, so that one declared dead in error hears it and refutes.</summary>
    public TimeSpan GossipToDeadTime { get; init => field = Positive(value); } = TimeSpan.FromSeconds(30);

    /// <summary>Time between two digest-first push/pulls up to 32 members; it grows with log2 n beyond. Bounds how long lost gossip stays lost.</summary>
    public TimeSpan PushPullInterval { get; init => field = Positive(value); } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Time between attempts to reach a dead member or an absent seed, which is what heals a partition. Serf's is 30 s; a
    /// cluster makes about three attempts per interval in all, so the cost does not grow with its size.
    /// </summary>
    public TimeSpan ReconnectInterval { get; init => field = Positive(value); } = TimeSpan.FromSeconds(5);

    /// <summary>Time between attempts to join while no other member is known.</summary>
    public TimeSpan JoinRetryInterval { get; init => field = Positive(value); } = TimeSpan.FromSeconds(1);

    /// <summary>A stream exchange that has not ended by then has failed (memberlist's TCPTimeout).</summary>
    public TimeSpan StreamTimeout { get; init => field = Positive(value); } = TimeSpan.FromSeconds(10);

    /// <summary>The longest a graceful leave waits for its news to be spread.</summary>
    public TimeSpan LeaveTimeout { get; init => field = Positive(value); } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long dead and left members are remembered: as long as a partition may last and still heal without a seed (Serf: 24 h).
    /// </summary>
    public TimeSpan DeadRetention { get; init => field = Positive(value); } = TimeSpan.FromHours(24);

    /// <summary>The least time between two "you are dead" answers to one member, so that a confused one cannot be amplified.</summary>
    public TimeSpan DeadAnswerInterval { get; init => field = Positive(value); } = TimeSpan.FromSeconds(1);

    /// <summary>Members remembered, dead ones included. Further ones are dropped and counted; it bounds memory and stream sizes.</summary>
    public int MaxMembers { get; init => field = InRange(value, 1, 65536); } = 16384;

    private static TimeSpan Positive(TimeSpan value)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(value, TimeSpan.Zero);
        return value;
    }

    private static int InRange(int value, int min, int max)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, min);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, max);
        return value;
    }
}

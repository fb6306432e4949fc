namespace Trefoil.Consensus;

/// <summary>The timing and the limits of one Raft participant. Immutable; impossible values cannot be constructed.</summary>
public sealed record RaftConfig
{
    /// <summary>This participant's id in the group: minted at the join, never reused, never 0.</summary>
    public required ulong Id
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfZero(value);
            field = value;
        }
    }

    /// <summary>Shortest silence of the leader that starts an election, and how long a heard leader is defended against
    /// candidates. Shorter finds a dead leader sooner and deposes a slow one more often.</summary>
    public TimeSpan ElectionTimeoutMin { get; init => field = Positive(value); } = TimeSpan.FromMilliseconds(300);

    /// <summary>Longest silence that starts an election; the spread above the minimum is what keeps candidates apart.</summary>
    /// <remarks>Also: a leader that no quorum answered for this long steps down, and a transfer not done by then is dropped.</remarks>
    public TimeSpan ElectionTimeoutMax { get; init => field = Positive(value); } = TimeSpan.FromMilliseconds(600);

    /// <summary>Time between heartbeats; a third of <see cref="ElectionTimeoutMin"/> survives two lost ones.</summary>
    public TimeSpan HeartbeatInterval { get; init => field = Positive(value); } = TimeSpan.FromMilliseconds(100);

    /// <summary>Bytes of entries in one append, at most 8 MiB. A single larger entry is still sent, alone.</summary>
    public int MaxMessageBytes { get; init => field = AtMost(value, 8 << 20); } = 1 << 20;

    /// <summary>Appends on their way to one follower; beyond it that follower waits for an answer.</summary>
    public int MaxInflightMessages { get; init => field = Positive(value); } = 256;

    /// <summary>Bytes of entries on their way to one follower; beyond it that follower waits for an answer.</summary>
    public long MaxInflightBytes { get; init => field = Positive(value); } = 16L << 20;

    /// <summary>Bytes proposed and not committed; beyond it a proposal is refused as <see cref="ProposeStatus.Full"/>.</summary>
    /// <remarks>The first proposal of an otherwise committed log is always taken, so that a large one is not refused for ever.</remarks>
    public long MaxUncommittedBytes { get; init => field = Positive(value); } = 64L << 20;

    /// <summary>Bytes of a snapshot in one message, at most 8 MiB; one is on its way at a time.</summary>
    public int SnapshotChunkBytes { get; init => field = AtMost(value, 8 << 20); } = 256 << 10;

    /// <summary>Largest snapshot accepted from a leader; chunks of a larger one are counted and dropped.</summary>
    public long MaxSnapshotBytes { get; init => field = Positive(value); } = 256L << 20;

    /// <summary>Reads waiting for a heartbeat round; beyond it <see cref="RaftNode.ReadIndex"/> answers Full.</summary>
    public int MaxPendingReads { get; init => field = Positive(value); } = 65536;

    /// <summary>How long a voter that lost a torn tail abstains when no leader shows up (correctness.md 4).</summary>
    public TimeSpan AbstainTimeout { get; init => field = Positive(value); } = TimeSpan.FromSeconds(5);

    private static TimeSpan Positive(TimeSpan value)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(value, TimeSpan.Zero);
        return value;
    }

    private static int Positive(int value)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value);
        return value;
    }

    private static int AtMost(int value, int limit)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, limit);
        return Positive(value);
    }

    private static long Positive(long value)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value);
        return value;
    }
}

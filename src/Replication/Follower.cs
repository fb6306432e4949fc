using Trefoil.Primitives;

namespace Trefoil.Replication;

/// <summary>What a primary knows of another node of its shard, for one epoch.</summary>
/// <remarks>Next ≤ Sent. What lies between is on its way, message by message, in <see cref="InFlight"/>.</remarks>
internal sealed class Follower(NodeId id, TimeSpan now)
{
    public NodeId Id => id;

    public FollowerState State { get; set; }

    /// <summary>Of the last hello; 0 before the first. Whatever it says under a lower one is from an earlier life.</summary>
    public ulong Session { get; set; }

    /// <summary>Everything before it has been acknowledged.</summary>
    public LogCursor Next { get; set; }

    /// <summary>Everything before it has been sent.</summary>
    public LogCursor Sent { get; set; }

    /// <summary>Messages that are on their way: the cursor behind each, and its bytes.</summary>
    public Queue<(LogCursor End, int Bytes)> InFlight { get; } = new();

    public int InFlightBytes { get; set; }

    public ulong Received { get; set; }

    public ulong Durable { get; set; }

    public ulong Consistent { get; set; }

    /// <summary>How far its log agreed with ours at its hello, plus one; 0: nobody knows.</summary>
    public ulong Shared { get; set; }

    public TimeSpan LastHeard { get; set; } = now;

    /// <summary>When an acknowledgement last moved something, or something was sent with nothing on its way.</summary>
    public TimeSpan ProgressAt { get; set; } = now;

    /// <summary>It holds all that the log had then: now minus this is how far it lags (Kafka's lastCaughtUpTime).</summary>
    public TimeSpan CaughtUpAt { get; private set; } = now;

    /// <summary>The end of the log at some moment; once it holds that, it was caught up at that moment.</summary>
    private (ulong Lsn, TimeSpan At) Goal { get; set; } = (ulong.MaxValue, now);

    public TimeSpan? RefusedAt { get; set; }

    /// <summary>Nothing came back: one message at a time until something does.</summary>
    public bool Probing { get; set; }

    public SnapshotTransfer? Transfer { get; set; }

    public long PartsSent { get; set; }

    public long PartsAcked { get; set; }

    public int Removals { get; set; }

    public TimeSpan RemovedAt { get; set; }

    public TimeSpan HoldUntil { get; set; }

    /// <summary>It holds a state that counts.</summary>
    public bool Counts => State == FollowerState.Online && Received >= Consistent;

    /// <summary>The end of what it holds, 0 while that does not count.</summary>
    public ulong Position(AckKind kind) =>
        !Counts ? 0 : kind == AckKind.Received ? Received : Math.Min(Received, Durable);

    /// <summary>Measures the lag at the log's end; to be called often.</summary>
    public void MeasureLag(ulong end, TimeSpan now)
    {
        if (!Counts)
        {
            Goal = (ulong.MaxValue, now);
            return;
        }

        if (Received >= end)
        {
            CaughtUpAt = now;
        }
        else if (Received >= Goal.Lsn)
        {
            CaughtUpAt = Goal.At;
        }
        else if (Goal.Lsn != ulong.MaxValue)
        {
            return;
        }

        Goal = (end, now);
    }

    public void Heard(TimeSpan now) => (LastHeard, RefusedAt) = (now, null);

    /// <summary>Sends again from the last acknowledgement.</summary>
    public void Rewind(LogCursor to)
    {
        Sent = to;
        InFlight.Clear();
        InFlightBytes = 0;
    }

    /// <summary>Another removal from the set: the next return waits twice as long.</summary>
    public void Removed(TimeSpan now, ReplicationConfig config)
    {
        Removals = Removals > 0 && now - RemovedAt < config.ForgetRemovals ? Removals + 1 : 1;
        RemovedAt = now;
        var hold = config.HoldOff * Math.Pow(2, Math.Min(Removals - 1, 16));
        HoldUntil = now + (hold < config.MaxHoldOff ? hold : config.MaxHoldOff);
    }
}

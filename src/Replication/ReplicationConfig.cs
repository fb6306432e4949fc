namespace Trefoil.Replication;

/// <summary>Timing and limits of replication. Immutable; the defaults suit a LAN.</summary>
public sealed record ReplicationConfig
{
    /// <summary>Number of this process: higher at every start of this node (its boot epoch), so that no session comes twice.</summary>
    public uint Incarnation { get; init; } = 1;

    /// <summary>When a copy counts.</summary>
    public AckKind Ack { get; init; } = AckKind.Received;

    /// <summary>How often heartbeats, retries and the replica set are looked at. Smaller reacts sooner, costs wake-ups.</summary>
    public TimeSpan Housekeeping { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Without an acknowledgement for this long the primary sends again from the last one; more than a round trip.</summary>
    public TimeSpan RewindAfter { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>A hello without an answer is said again after this long.</summary>
    public TimeSpan HelloRetry { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>A link on which nothing was heard for this long is down.</summary>
    public TimeSpan LinkTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>A member of the set that has not answered for this long is removed. Shorter shrinks the set at every hiccup, longer stalls writes.</summary>
    public TimeSpan RemoveAfter { get; init; } = TimeSpan.FromMilliseconds(1500);

    /// <summary>The same, after its machine refused a connection.</summary>
    public TimeSpan RemoveAfterRefusal { get; init; } = TimeSpan.FromMilliseconds(300);

    /// <summary>A member that answers but has not been at the end of the log for this long is removed (Kafka's replica.lag.time.max).</summary>
    public TimeSpan RemoveAfterLag { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A copy that lags no more than this has caught up: more than a round trip. It may enter the set, which then waits for it that long.</summary>
    public TimeSpan CaughtUpWithin { get; init; } = TimeSpan.FromMilliseconds(300);

    /// <summary>First hold-off before a removed member may return; doubles with every removal.</summary>
    public TimeSpan HoldOff { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Longest hold-off.</summary>
    public TimeSpan MaxHoldOff { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Earlier removals are forgotten after this long without one.</summary>
    public TimeSpan ForgetRemovals { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>A proposed replica set of which nothing was heard is proposed again after this long.</summary>
    public TimeSpan ProposalRetry { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Acknowledgements wait at most this long for the members of an intended set to be level.</summary>
    public TimeSpan IntentionTimeout { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>A hand-over that the successor has not caught up for by then is given up.</summary>
    public TimeSpan HandOverTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The log must have stood still this long before it is handed over: commands that ran when the pause began have ended.</summary>
    public TimeSpan HandOverSettle { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>A snapshot that failed, on either side, is tried again after this long.</summary>
    public TimeSpan SnapshotRetry { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>A follower that was silent for this long during a transfer loses its claim to the snapshot.</summary>
    public TimeSpan TransferTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Most bytes of records, or of a snapshot, in one message.</summary>
    public int MaxMessageBytes { get; init; } = 256 << 10;

    /// <summary>Most bytes on their way to one follower; then it waits for acknowledgements.</summary>
    public int WindowBytes { get; init; } = 8 << 20;

    /// <summary>Most messages of records on their way to one follower.</summary>
    public int WindowMessages { get; init; } = 1024;

    /// <summary>A record that claims to be larger is malformed. The largest value is 512 MiB.</summary>
    public int MaxRecordBytes { get; init; } = 640 << 20;

    /// <summary>Proposed sets without an outcome; at the limit only those are proposed again.</summary>
    public int MaxProposals { get; init; } = 8;
}

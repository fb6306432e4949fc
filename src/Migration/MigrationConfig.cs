namespace Trefoil.Migration;

/// <summary>Timing and limits of migrations. Immutable; the defaults suit a LAN.</summary>
public sealed record MigrationConfig
{
    /// <summary>How often retries and time-outs are looked at while there is a migration. Smaller reacts sooner, costs wake-ups.</summary>
    public TimeSpan Housekeeping { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>A target says where it stands at least this often, the first time included: a source that lost it hears it again.</summary>
    public TimeSpan AckEvery { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Without progress for this long the source sends again from the last acknowledgement; more than a round trip.</summary>
    public TimeSpan RewindAfter { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>A freeze that was refused is asked for again after this long.</summary>
    public TimeSpan FreezeRetry { get; init; } = TimeSpan.FromMilliseconds(2);

    /// <summary>
    /// A frozen source without progress for this long proposes another attempt, and stays frozen until that, or the completion, is committed.
    /// Shorter gives up at a hiccup, and all is copied again; longer makes clients wait.
    /// </summary>
    public TimeSpan FreezeTimeout { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// Slots that change so fast that the rest stays above <see cref="FreezeBelow"/> are frozen anyway this long after the last one was copied, at a moment
    /// when the log is read to its end: a pause as long as a window takes, instead of never. A stream that cannot keep up with the log goes on until it is cancelled.
    /// </summary>
    public TimeSpan CatchUpPatience { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Without progress for this long (the target cannot be reached) the source proposes to abort.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A proposal of which nothing was heard is made again after this long; more than an election of Raft.</summary>
    public TimeSpan ProposalRetry { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>One that was refused, after this long, unless the topology shows why.</summary>
    public TimeSpan RefusalPause { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Most bytes of the stream in one message.</summary>
    public int MaxMessageBytes { get; init; } = 256 << 10;

    /// <summary>Most bytes of one migration kept at the source for sending again; at the limit nothing more is read. One slot or record may exceed it.</summary>
    public int WindowBytes { get; init; } = 8 << 20;

    /// <summary>
    /// The same for all migrations of a node together; at the limit one that has nothing under way may still send. A connection's queue holds 32 MiB and drops
    /// what is more.
    /// </summary>
    public int TotalWindowBytes { get; init; } = 16 << 20;

    /// <summary>Most bytes of one migration that the target has and its replica set does not yet; more would push its replicas off the backlog.</summary>
    public int MaxUnheldBytes { get; init; } = 32 << 20;

    /// <summary>
    /// The source freezes once all is copied and less than this is under way or not held by the target's set. Less makes the pause shorter and waits
    /// longer for a quiet moment.
    /// </summary>
    public int FreezeBelow { get; init; } = 256 << 10;

    /// <summary>Most bytes read for one migration in one turn: more makes the others, and the acknowledgements, wait.</summary>
    public int StepBytes { get; init; } = 1 << 20;

    /// <summary>Most slots cleared in one turn, for the same reason.</summary>
    public int ClearSlots { get; init; } = 64;

    /// <summary>Most migrations that a source copies at a time, each with its own window; the rest wait in the order in which they began.</summary>
    public int MaxExports { get; init; } = 8;

    /// <summary>A record that claims to be larger is malformed. The largest value is 512 MiB.</summary>
    public int MaxRecordBytes { get; init; } = 640 << 20;

    /// <summary>How long an unused allowance of the rate limit is saved up: longer allows larger bursts after a pause.</summary>
    public TimeSpan Burst { get; init; } = TimeSpan.FromMilliseconds(100);
}

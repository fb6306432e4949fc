using Trefoil.Primitives;

namespace Trefoil.Consensus;

/// <summary>One participant of a Raft group (Ongaro and Ousterhout 2014; Ongaro's thesis).</summary>
/// <remarks>
/// <para>In: <see cref="Step"/> for each message, <see cref="Tick"/> at <see cref="Deadline"/>, proposals and reads. Out: whenever
/// <see cref="HasReady"/>, one <see cref="Ready"/> to be performed in the order of its properties, then <see cref="Advance"/>.
/// Inputs may arrive between the two; their consequences come with the next Ready.</para>
/// <para>Performs no I/O and reads no clock: <c>now</c> is the time since start and never goes backwards. The same seed and inputs
/// give the same outputs. Not thread-safe: one driver owns one node.</para>
/// </remarks>
public sealed partial class RaftNode
{
    private readonly RaftConfig _config;
    private readonly Prng _random;
    private readonly RaftLog _log;
    private readonly ProgressTracker _tracker = new();
    private readonly List<RaftMessage> _before = [];
    private readonly List<RaftMessage> _after = [];
    private TimeSpan _now;
    private ulong _vote;

    /// <summary>Starts from what was persisted. A sole voter is due at once, everybody else after an election timeout.</summary>
    /// <exception cref="ArgumentException">The restored log has a gap or does not connect to the snapshot.</exception>
    public RaftNode(RaftConfig config, RaftRestore restore, Prng random, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(restore);
        ArgumentNullException.ThrowIfNull(random);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(config.ElectionTimeoutMin, config.ElectionTimeoutMax, nameof(config));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(config.HeartbeatInterval, config.ElectionTimeoutMin, nameof(config));
        (_config, _random, _now) = (config, random, now);
        (Term, _vote) = (restore.Term, restore.Vote);
        _reads = new ReadQueue(config.MaxPendingReads);
        _log = RaftLog.Restore(restore);
        _snapshot = restore.Snapshot;
        AppliedIndex = restore.Snapshot?.Index ?? 0;
        _configurationIndex = AppliedIndex;
        _handedBallot = (Term, _vote);
        _tracker.Switch(InitialConfiguration(restore), CreateProgress);
        _abstainUntil = restore.Abstain ? now + config.AbstainTimeout : null;
        ResetElectionDeadline();
        _electionDeadline = Configuration.IsSoleVoter(Id) ? now : _electionDeadline;
    }

    /// <summary>This participant.</summary>
    public ulong Id => _config.Id;

    /// <summary>What it is doing.</summary>
    public Role Role { get; private set; }

    /// <summary>Latest term it has seen.</summary>
    public ulong Term { get; private set; }

    /// <summary>The leader of <see cref="Term"/>, if known; else 0.</summary>
    public ulong LeaderId { get; private set; }

    /// <summary>Highest index known to be committed.</summary>
    public ulong CommitIndex => _log.Commit;

    /// <summary>Highest index whose Ready was advanced: what the caller has applied.</summary>
    public ulong AppliedIndex { get; private set; }

    /// <summary>Index of the last entry.</summary>
    public ulong LastIndex => _log.LastIndex;

    /// <summary>Index of the first entry still in memory: the store may drop what is below.</summary>
    public ulong FirstIndex => _log.FirstIndex;

    /// <summary>The configuration at <see cref="AppliedIndex"/>.</summary>
    public Configuration Configuration => _tracker.Configuration;

    /// <summary>What happened so far.</summary>
    public RaftCounters Counters { get; } = new();

    /// <summary>The leader's view of every member in ascending order of id; empty on everybody else.</summary>
    public IReadOnlyList<ProgressView> Progress => Role != Role.Leader ? [] :
    [
        .. _tracker.Members.Select(p => new ProgressView(
            p.Id, p.Match, p.Id == Id ? ProgressState.Replicate : p.State,
            p.Id == Id || p.HeardAt + _config.ElectionTimeoutMax >= _now, p.IsLearner)),
    ];

    /// <summary>Takes one message. What is late, duplicate or not for this node is dropped.</summary>
    public void Step(TimeSpan now, RaftMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        _now = now > _now ? now : _now;
        if (message.To != Id || message.From == Id || message.From == 0)
        {
            Counters.MessagesDropped++;
            return;
        }

        LearnCommit(message);
        if (message.Term > Term && !TakeHigherTerm(message))
        {
            return;
        }

        if (message.Term < Term)
        {
            AnswerLowerTerm(message);
            return;
        }

        Dispatch(message);
    }

    private void Dispatch(RaftMessage message)
    {
        switch (message)
        {
            case RaftMessage.Append m:
                HandleAppend(m);
                break;
            case RaftMessage.AppendReply m:
                HandleAppendReply(m);
                break;
            case RaftMessage.Heartbeat m:
                HandleHeartbeat(m);
                break;
            case RaftMessage.HeartbeatReply m:
                HandleHeartbeatReply(m);
                break;
            case RaftMessage.SnapshotChunk m:
                HandleSnapshotChunk(m);
                break;
            case RaftMessage.SnapshotReply m:
                HandleSnapshotReply(m);
                break;
            case RaftMessage.PreVote m:
                HandlePreVote(m);
                break;
            case RaftMessage.Vote m:
                HandleVote(m);
                break;
            case RaftMessage.PreVoteReply m:
                HandlePreVoteReply(m);
                break;
            case RaftMessage.VoteReply m:
                HandleVoteReply(m);
                break;
            case RaftMessage.TimeoutNow m:
                HandleTimeoutNow(m);
                break;
        }
    }

    /// <summary>Joins the message's term where that is right; false if the message ends here.</summary>
    private bool TakeHigherTerm(RaftMessage message)
    {
        switch (message)
        {
            case RaftMessage.PreVote when LeaderIsAlive:
            case RaftMessage.Vote { Transfer: false } when LeaderIsAlive:
                // Someone who does not hear the leader must not depose it while we do (thesis, 4.2.3).
                Counters.VotesIgnored++;
                return false;
            case RaftMessage.PreVote m:
                HandlePreVote(m);
                return false;
            case RaftMessage.PreVoteReply { Granted: true } m:
                HandlePreVoteReply(m);
                return false;
            case RaftMessage.Append or RaftMessage.Heartbeat or RaftMessage.SnapshotChunk:
                BecomeFollower(message.Term, message.From);
                return true;
            default:
                BecomeFollower(message.Term, 0);
                return true;
        }
    }

    /// <summary>A leader of a past term, or one cut off while our term grew, must learn ours or we would never hear it again.</summary>
    private void AnswerLowerTerm(RaftMessage message)
    {
        switch (message)
        {
            case RaftMessage.Append or RaftMessage.Heartbeat or RaftMessage.SnapshotChunk:
                _after.Add(new RaftMessage.AppendReply(Id, message.From, Term, 0, Rejected: true, 0, 0, Forgot: false));
                break;
            case RaftMessage.PreVote:
                _after.Add(new RaftMessage.PreVoteReply(Id, message.From, Term, Granted: false, CommitPoint));
                break;
        }
    }

    private Progress CreateProgress(ulong id) =>
        new(id, Math.Max(_log.LastIndex, 1), new Inflights(_config.MaxInflightMessages, _config.MaxInflightBytes), _now);
}

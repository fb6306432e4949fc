namespace Trefoil.Consensus;

/// <summary>Becoming follower, candidate and leader; votes; abstention.</summary>
public sealed partial class RaftNode
{
    private readonly List<(ulong Id, bool Granted)> _votes = [];
    private TimeSpan _electionDeadline;
    private TimeSpan _voteRetryAt;
    private TimeSpan _leaderHeardAt;
    private TimeSpan? _abstainUntil;
    private bool _transferCampaign;

    /// <summary>A voter that lost a torn tail and has not caught up yet.</summary>
    /// <remarks>A sole voter has nobody to catch up with, so waiting would gain nothing; unless its log says that it may be
    /// alone no longer.</remarks>
    public bool IsAbstaining =>
        _abstainUntil is { } until && _now < until && !(Configuration.IsSoleVoter(Id) && !HasChangeAfterApplied(_log.LastIndex));

    /// <summary>A leader is defended by who has heard it within the shortest election timeout, and by itself.</summary>
    private bool LeaderIsAlive =>
        LeaderId != 0 && (Role == Role.Leader || _now - _leaderHeardAt < _config.ElectionTimeoutMin);

    /// <summary>A committed change that is not applied might take the vote away, or change who must be asked.</summary>
    private bool MayCampaign =>
        Configuration.IsVoter(Id) && !IsAbstaining && _installed is null && Role != Role.Leader && !HasChangeAfterApplied(_log.Commit);

    /// <summary>Starts an election now, with a pre-vote; nothing if this node may not lead.</summary>
    public void Campaign(TimeSpan now)
    {
        _now = now > _now ? now : _now;
        if (!MayCampaign)
        {
            return;
        }

        LeaderId = 0;
        Role = Role.PreCandidate;
        Counters.PreVotes++;
        StartPoll();
        if (Poll() == VoteResult.Won)
        {
            StartElection(transfer: false);
        }
        else
        {
            AskForVotes();
        }
    }

    private void StartElection(bool transfer)
    {
        SetTerm(Term + 1, vote: Id);
        (Role, LeaderId, _transferCampaign) = (Role.Candidate, 0, transfer);
        Counters.Elections++;
        StartPoll();
        if (Poll() == VoteResult.Won)
        {
            BecomeLeader();
        }
        else
        {
            AskForVotes();
        }
    }

    private void BecomeFollower(ulong term, ulong leader)
    {
        if (Role == Role.Leader)
        {
            _reads.Fail(_answers);
            _transferTo = 0;
        }

        SetTerm(term, term == Term ? _vote : 0);
        (Role, LeaderId) = (Role.Follower, leader);
        ResetElectionDeadline();
    }

    private void BecomeLeader()
    {
        Counters.ElectionsWon++;
        (Role, LeaderId) = (Role.Leader, Id);
        _tracker.Reset(id => new Progress(
            id, _log.LastIndex + 1, new Inflights(_config.MaxInflightMessages, _config.MaxInflightBytes), _now));
        _uncommittedBytes = SizeOf(_log.Slice(_log.Commit + 1, _log.LastIndex, long.MaxValue));
        _heartbeatAt = _now + _config.HeartbeatInterval;
        _termStart = _log.LastIndex + 1;

        // Whatever configuration change is in the log may be uncommitted: none may be proposed until it is applied.
        _pendingChange = _log.LastIndex;
        if (_log.LastIndex == 0)
        {
            AppendOwn(EntryKind.Configuration, ConfigurationCodec.EncodeEntry(Configuration));
            _pendingChange = _log.LastIndex;
        }

        AppendOwn(EntryKind.NoOp, default);
        CountOwnEntries();
    }

    private void StartPoll()
    {
        _votes.Clear();
        _votes.Add((Id, true));
        ResetElectionDeadline();
    }

    private VoteResult Poll() => _tracker.Tally(AnswerOf);

    private bool? AnswerOf(ulong id)
    {
        foreach (var (voter, granted) in _votes)
        {
            if (voter == id)
            {
                return granted;
            }
        }

        return null;
    }

    /// <summary>Asks who has not answered; repeated, because one lost message would cost an election timeout.</summary>
    private void AskForVotes()
    {
        _voteRetryAt = _now + _config.HeartbeatInterval;
        foreach (var id in Configuration.Members())
        {
            if (id != Id && Configuration.IsVoter(id) && AnswerOf(id) is null)
            {
                _after.Add(Role == Role.PreCandidate
                    ? new RaftMessage.PreVote(Id, id, Term + 1, _log.LastIndex, _log.LastTerm, CommitPoint)
                    : new RaftMessage.Vote(Id, id, Term, _log.LastIndex, _log.LastTerm, _transferCampaign, CommitPoint));
            }
        }
    }

    private void HandlePreVote(RaftMessage.PreVote m)
    {
        var grant = m.Term > Term && !IsAbstaining && _log.IsUpToDate(m.LastIndex, m.LastTerm);
        _after.Add(new RaftMessage.PreVoteReply(Id, m.From, grant ? m.Term : Term, grant, CommitPoint));
    }

    private void HandleVote(RaftMessage.Vote m)
    {
        var free = _vote == m.From || (_vote == 0 && LeaderId == 0);
        var grant = free && !IsAbstaining && _log.IsUpToDate(m.LastIndex, m.LastTerm);
        if (grant)
        {
            _vote = m.From;
            ResetElectionDeadline();
        }

        _after.Add(new RaftMessage.VoteReply(Id, m.From, Term, grant, CommitPoint));
    }

    private void HandlePreVoteReply(RaftMessage.PreVoteReply m)
    {
        if (Role == Role.PreCandidate && (m.Granted ? m.Term == Term + 1 : m.Term == Term)
            && CountVote(m.From, m.Granted) == VoteResult.Won)
        {
            StartElection(transfer: false);
        }
    }

    private void HandleVoteReply(RaftMessage.VoteReply m)
    {
        if (Role == Role.Candidate && CountVote(m.From, m.Granted) == VoteResult.Won)
        {
            BecomeLeader();
        }
    }

    private VoteResult CountVote(ulong from, bool granted)
    {
        if (AnswerOf(from) is null && Configuration.IsVoter(from))
        {
            _votes.Add((from, granted));
        }

        var result = Poll();
        if (result == VoteResult.Lost)
        {
            BecomeFollower(Term, 0);
        }

        return result;
    }

    private CommitPoint CommitPoint => new(_log.Commit, _log.TermAt(_log.Commit));

    /// <summary>What is committed is so in every term: learnt from a vote or answer even if it is late or refused otherwise. A leader
    /// needs no telling, and keeps its own account of what is uncommitted.</summary>
    private void LearnCommit(RaftMessage message)
    {
        var point = message switch
        {
            RaftMessage.PreVote m => m.Commit,
            RaftMessage.PreVoteReply m => m.Commit,
            RaftMessage.Vote m => m.Commit,
            RaftMessage.VoteReply m => m.Commit,
            _ => default,
        };
        if (Role != Role.Leader && _log.Matches(point.Index, point.Term))
        {
            _log.CommitTo(point.Index);
        }
    }

    private void SetTerm(ulong term, ulong vote) => (Term, _vote) = (term, vote);

    private void ResetElectionDeadline() =>
        _electionDeadline = _now + _random.Between(_config.ElectionTimeoutMin, _config.ElectionTimeoutMax);

    /// <summary>Abstention ends once everything the cluster can have committed is here again.</summary>
    /// <remarks>A leader's commit index may lag behind what its predecessor committed until it has committed in its own term:
    /// only such an index proves that nothing acknowledged is missing.</remarks>
    private void EndAbstention(ulong matched, ulong leaderCommit)
    {
        if (_abstainUntil is not null && matched >= leaderCommit && _log.TermAt(leaderCommit) == Term)
        {
            _abstainUntil = null;
        }
    }
}

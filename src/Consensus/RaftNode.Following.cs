namespace Trefoil.Consensus;

/// <summary>The follower's side of the log.</summary>
public sealed partial class RaftNode
{
    private void HandleAppend(RaftMessage.Append m)
    {
        if (!Follow(m.From))
        {
            return;
        }

        if (m.PrevIndex < _log.Commit)
        {
            // Everything up to the commit index agrees with any leader; it also may be compacted and impossible to check.
            Acknowledge(m.From, _log.Commit);
            return;
        }

        if (!_log.Matches(m.PrevIndex, m.PrevTerm))
        {
            var hint = _log.FindConflict(m.PrevIndex, m.PrevTerm);
            _after.Add(Rejection(m.From, m.PrevIndex, hint));
            return;
        }

        if (!_log.TryMerge(m.Entries))
        {
            Counters.CommittedContradicted++;
            return;
        }

        var last = m.PrevIndex + (ulong)m.Entries.Count;
        _log.CommitTo(Math.Min(m.Commit, last));
        EndAbstention(last, m.Commit);
        Acknowledge(m.From, last);
    }

    private void HandleHeartbeat(RaftMessage.Heartbeat m)
    {
        if (Follow(m.From))
        {
            _log.CommitTo(m.Commit);
            _after.Add(new RaftMessage.HeartbeatReply(Id, m.From, Term, m.Round));
            if (_abstainUntil is not null)
            {
                // An idle leader would never find out by itself that part of what it counts on is gone.
                _after.Add(Rejection(m.From, _log.LastIndex, _log.LastIndex));
            }
        }
    }

    /// <summary>Recognizes the leader of this term; false for a second one, which cannot be.</summary>
    private bool Follow(ulong leader)
    {
        if (Role == Role.Leader)
        {
            Counters.MessagesDropped++;
            return false;
        }

        if (Role != Role.Follower || LeaderId != leader)
        {
            BecomeFollower(Term, leader);
        }

        _leaderHeardAt = _now;
        _abstainUntil = _abstainUntil is null ? null : _now + _config.AbstainTimeout;
        ResetElectionDeadline();
        return true;
    }

    private RaftMessage.AppendReply Rejection(ulong leader, ulong index, ulong hint) =>
        new(Id, leader, Term, index, Rejected: true, hint, _log.TermAt(hint), Forgot: _abstainUntil is not null);

    private void Acknowledge(ulong leader, ulong index) =>
        _after.Add(new RaftMessage.AppendReply(Id, leader, Term, index, Rejected: false, 0, 0, Forgot: false));
}

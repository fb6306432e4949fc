namespace Trefoil.Consensus;

/// <summary>What happens because time passed: elections, heartbeats, check-quorum.</summary>
public sealed partial class RaftNode
{
    private TimeSpan _heartbeatAt;

    /// <summary>When <see cref="Tick"/> next has something to do; <see cref="TimeSpan.MaxValue"/> if nothing is awaited.</summary>
    public TimeSpan Deadline => Role switch
    {
        Role.Leader => _transferTo != 0 && _transferDeadline < _heartbeatAt ? _transferDeadline : _heartbeatAt,
        Role.Follower when !Configuration.IsVoter(Id) && LeaderId == 0 => TimeSpan.MaxValue,
        Role.Follower => _electionDeadline,
        _ => _voteRetryAt < _electionDeadline ? _voteRetryAt : _electionDeadline,
    };

    /// <summary>Advances time to <paramref name="now"/>.</summary>
    public void Tick(TimeSpan now)
    {
        _now = now > _now ? now : _now;
        if (Role == Role.Leader)
        {
            TickLeader();
        }
        else if (_now >= _electionDeadline)
        {
            LeaderId = 0;
            ResetElectionDeadline();
            Campaign(_now);
        }
        else if (Role != Role.Follower && _now >= _voteRetryAt)
        {
            AskForVotes();
        }
    }

    private void TickLeader()
    {
        if (_transferTo != 0 && _now >= _transferDeadline)
        {
            _transferTo = 0; // the other side did not make it: take proposals again
        }

        if (_now < _heartbeatAt)
        {
            return;
        }

        if (!_tracker.QuorumHeard(Id, _now - _config.ElectionTimeoutMax))
        {
            BecomeFollower(Term, 0);
            return;
        }

        _heartbeatAt = _now + _config.HeartbeatInterval;
        SendHeartbeats();
    }

    private void SendHeartbeats()
    {
        _round++;
        foreach (var progress in _tracker.Members)
        {
            if (progress.Id == Id)
            {
                progress.Round = _round;
            }
            else
            {
                // Never beyond its acknowledgements: a heartbeat carries no check that the logs agree.
                _before.Add(new RaftMessage.Heartbeat(Id, progress.Id, Term, Math.Min(progress.Match, _log.Commit), _round));
            }
        }
    }

    private void HandleHeartbeatReply(RaftMessage.HeartbeatReply m)
    {
        if (Role != Role.Leader || _tracker.Find(m.From) is not { } progress)
        {
            return;
        }

        progress.HeardAt = _now;
        progress.Round = Math.Max(progress.Round, Math.Min(m.Round, _round));
        progress.Resume();
        ConfirmReads();
        if (progress.State == ProgressState.Snapshot)
        {
            ResendChunk(progress);
        }
        else if (progress.Match < _log.LastIndex || progress.State == ProgressState.Probe)
        {
            SendAppend(progress); // what was sent may be lost: the answer to this one tells
        }
    }
}

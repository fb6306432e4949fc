namespace Trefoil.Consensus;

/// <summary>Changes of the group (paper, 6; thesis, 4): proposed one at a time, in force when applied.</summary>
public sealed partial class RaftNode
{
    private ulong _pendingChange;
    private ulong _configurationIndex;


    /// <summary>Appends a change of the group. More than one step, or a transition that says so, goes through a joint
    /// configuration. Refused while another is pending, or if the configuration does not allow it.</summary>
    public ProposeResult ProposeConfiguration(ConfigurationChange change)
    {
        ArgumentNullException.ThrowIfNull(change);
        if (Role != Role.Leader)
        {
            return ProposeResult.NotLeader;
        }

        if (_transferTo != 0)
        {
            return ProposeResult.Transferring;
        }

        if (_pendingChange > AppliedIndex)
        {
            return ProposeResult.Refused($"a configuration change at {_pendingChange} is not applied yet");
        }

        var outcome = ConfigurationChanger.Apply(Configuration, change);
        if (outcome.Error is { } error)
        {
            return ProposeResult.Refused(error);
        }

        if (outcome.Configuration!.Members().Length > Configuration.MaxMembers)
        {
            return ProposeResult.Refused($"more than {Configuration.MaxMembers} members");
        }

        var entry = AppendOwn(EntryKind.Configuration, ConfigurationCodec.EncodeEntry(change));
        _pendingChange = entry.Index;
        return ProposeResult.Accepted(entry.Index, entry.Term);
    }

    /// <summary>The configuration before the first entry that is not in the snapshot.</summary>
    private Configuration InitialConfiguration(RaftRestore restore)
    {
        if (restore.Snapshot is { } snapshot)
        {
            return snapshot.Configuration;
        }

        // The first entry of a self-describing log is the configuration that its index 0 had.
        return _log.LastIndex > 0 && _log[1].Kind == EntryKind.Configuration
            && ConfigurationCodec.ApplyEntry(Configuration.Empty, _log[1].Data.Span).Configuration is { } first
            ? first
            : restore.BootstrapConfiguration ?? Configuration.Empty;
    }

    private bool HasChangeAfterApplied(ulong last)
    {
        for (var index = Math.Max(AppliedIndex, _log.Base) + 1; index <= last; index++)
        {
            if (_log[index].Kind == EntryKind.Configuration && index > _configurationIndex)
            {
                return true;
            }
        }

        return false;
    }

    private void ApplyConfiguration(Entry entry)
    {
        if (entry.Index <= _configurationIndex)
        {
            return; // a snapshot that arrived meanwhile contains it
        }

        var outcome = ConfigurationCodec.ApplyEntry(Configuration, entry.Data.Span);
        if (outcome.Configuration is { } next)
        {
            SwitchConfiguration(next, entry.Index);
        }
        else
        {
            Counters.ChangesRefused++;
        }
    }

    private void SwitchConfiguration(Configuration next, ulong index)
    {
        _configurationIndex = index;
        _tracker.Switch(next, CreateProgress);
        if (Role == Role.Leader)
        {
            LeadUnder(next);
        }
        else if (!next.IsVoter(Id) && Role != Role.Follower)
        {
            BecomeFollower(Term, 0);
        }
    }

    private void LeadUnder(Configuration next)
    {
        if (!next.IsVoter(Id))
        {
            // Its commit is on its way with the appends of this Ready's predecessor. Naming a successor spares the group
            // the election timeout.
            if (BestSuccessor() is { } successor)
            {
                SendTimeoutNow(successor);
            }

            BecomeFollower(Term, 0);
            return;
        }

        if (_transferTo != 0 && !next.IsVoter(_transferTo))
        {
            _transferTo = 0;
        }

        CommitByCounting(); // a smaller quorum may already have what the larger one lacked
        _flushDue = true;
    }

    private ulong? BestSuccessor() => _tracker.Members
        .Where(progress => Configuration.IsVoter(progress.Id) && progress.Id != Id)
        .OrderByDescending(progress => progress.Match)
        .ThenBy(progress => progress.Id)
        .FirstOrDefault()?.Id;

    /// <summary>The way out of a joint configuration is proposed by whoever leads, once nothing else is pending.</summary>
    private void LeaveJointIfDue()
    {
        if (Role == Role.Leader && Configuration is { IsJoint: true, AutoLeave: true } && _pendingChange <= AppliedIndex)
        {
            _pendingChange = AppendOwn(EntryKind.Configuration, ConfigurationCodec.EncodeEntry(ConfigurationChange.LeaveJoint)).Index;
        }
    }
}

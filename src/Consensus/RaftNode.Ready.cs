namespace Trefoil.Consensus;

/// <summary>Output: what was decided since the last Ready, in the order it must be performed.</summary>
public sealed partial class RaftNode
{
    private readonly List<ReadState> _answers = [];
    private (ulong Term, ulong Vote) _handedBallot;
    private Snapshot? _installed;
    private Ready? _outstanding;
    private bool _flushDue;

    /// <summary>True when there may be something to do and no Ready is outstanding.</summary>
    public bool HasReady =>
        _outstanding is null
        && (_flushDue || _before.Count > 0 || _after.Count > 0 || _answers.Count > 0 || _installed is not null
            || _handedBallot != (Term, _vote) || _log.LastIndex > _log.Stable || _log.Commit > AppliedIndex || MayStartReadRound);

    /// <summary>Hands out what is to be done. It may be empty.</summary>
    /// <exception cref="InvalidOperationException">The last one was not advanced.</exception>
    public Ready TakeReady()
    {
        if (_outstanding is not null)
        {
            throw new InvalidOperationException("Advance the last Ready before taking the next.");
        }

        Flush();
        var ballot = _handedBallot != (Term, _vote) ? (Term, _vote) : ((ulong, ulong)?)null;
        var entries = _log.Slice(_log.Stable + 1, _log.LastIndex, long.MaxValue);
        var applied = Math.Max(AppliedIndex, _installed?.Index ?? 0);

        // A leader whose own vote is not durable yet (a sole voter elects itself at once) could forget its term after
        // having sent entries in it: then nothing leaves before.
        var before = ballot is null ? Take(_before) : Ready.NoMessages;
        var after = ballot is null ? Take(_after) : [.. _before, .. _after];
        _outstanding = new Ready
        {
            MessagesBefore = before,
            Ballot = ballot,
            Snapshot = _installed,
            Entries = entries,
            Commit = _log.Commit,
            MustSync = ballot is not null || _installed is not null || entries.Count > 0,
            MessagesAfter = after,
            Committed = _log.Slice(applied + 1, _log.Commit, long.MaxValue),
            Reads = _answers.Count > 0 ? [.. _answers] : Ready.NoReads,
        };
        (_handedBallot, _installed) = ((Term, _vote), null);
        _before.Clear();
        _after.Clear();
        _answers.Clear();
        return _outstanding;
    }

    /// <summary>The last Ready is performed: what it held is durable and applied.</summary>
    /// <exception cref="InvalidOperationException">None is outstanding.</exception>
    public void Advance()
    {
        var ready = _outstanding ?? throw new InvalidOperationException("No Ready is outstanding.");
        _outstanding = null;
        if (ready.Entries.Count > 0)
        {
            var last = ready.Entries[^1];
            _log.StableTo(last.Index, last.Term);
            CountOwnEntries();
        }

        AppliedIndex = Math.Max(AppliedIndex, ready.Snapshot?.Index ?? 0);
        for (var i = 0; i < ready.Committed.Count; i++)
        {
            Applied(ready.Committed[i]);
        }

        LeaveJointIfDue();
    }

    private static IReadOnlyList<RaftMessage> Take(List<RaftMessage> messages) =>
        messages.Count > 0 ? [.. messages] : Ready.NoMessages;

    private void Applied(Entry entry)
    {
        AppliedIndex = Math.Max(AppliedIndex, entry.Index);
        if (entry.Kind == EntryKind.Configuration)
        {
            ApplyConfiguration(entry);
        }
    }

    /// <summary>What is worth batching is decided here: one append carries all that was proposed since the last Ready.</summary>
    private void Flush()
    {
        _flushDue = false;
        if (Role != Role.Leader)
        {
            return;
        }

        StartReadRound();
        for (var i = 0; i < _tracker.Members.Count; i++)
        {
            if (_tracker.Members[i].Id != Id)
            {
                SendWhatIsAllowed(_tracker.Members[i]);
            }
        }
    }
}

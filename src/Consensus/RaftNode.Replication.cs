namespace Trefoil.Consensus;

/// <summary>The leader's side of the log: proposals, appends and their answers, commitment.</summary>
public sealed partial class RaftNode
{
    private long _uncommittedBytes;
    private ulong _termStart;

    /// <summary>Appends a command to the leader's log. It is sent with the next Ready, together with its neighbours.</summary>
    public ProposeResult Propose(ReadOnlyMemory<byte> data)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(data.Length, RaftCodec.MaxDataBytes, nameof(data));
        if (Role != Role.Leader)
        {
            return ProposeResult.NotLeader;
        }

        if (_transferTo != 0)
        {
            return ProposeResult.Transferring;
        }

        if (_uncommittedBytes > 0 && _uncommittedBytes + data.Length + Entry.Overhead > _config.MaxUncommittedBytes)
        {
            return ProposeResult.Full;
        }

        var entry = AppendOwn(EntryKind.Command, data);
        return ProposeResult.Accepted(entry.Index, entry.Term);
    }

    /// <summary>The transport could not reach a member: stop streaming to it until it answers.</summary>
    public void ReportUnreachable(ulong id)
    {
        if (Role != Role.Leader || id == Id || _tracker.Find(id) is not { } progress)
        {
            return;
        }

        if (progress.State == ProgressState.Replicate)
        {
            progress.BecomeProbe();
        }
        else if (progress.Transfer is { } transfer)
        {
            transfer.SentAt = null;
        }
    }

    private Entry AppendOwn(EntryKind kind, ReadOnlyMemory<byte> data)
    {
        var entry = new Entry(_log.LastIndex + 1, Term, kind, data);
        _log.Append(entry);
        _uncommittedBytes += entry.Size;
        _flushDue = true;
        return entry;
    }

    /// <summary>The leader is one of the voters, but counts only what is durable here (thesis, 10.2.1).</summary>
    private void CountOwnEntries()
    {
        if (Role == Role.Leader && _tracker.Find(Id) is { } self && self.Acknowledge(_log.Stable))
        {
            CommitByCounting();
        }
    }

    /// <summary>Only an entry of the own term is committed by counting; older ones follow with it (paper, 5.4.2).</summary>
    private void CommitByCounting()
    {
        var index = _tracker.CommittedMatch;
        if (index > _log.Commit && _log.TermAt(index) == Term)
        {
            _uncommittedBytes -= SizeOf(_log, _log.Commit + 1, index);
            _log.CommitTo(index);
            _flushDue = true; // followers apply, and answer their own clients, only once they know
        }
    }

    private void HandleAppendReply(RaftMessage.AppendReply m)
    {
        if (Role != Role.Leader || _tracker.Find(m.From) is not { } progress)
        {
            return;
        }

        progress.HeardAt = _now;
        if (m.Rejected)
        {
            HandleRejection(progress, m);
        }
        else if (m.Index <= _log.LastIndex)
        {
            HandleAcknowledgement(progress, m.Index);
        }
    }

    private void HandleRejection(Progress progress, RaftMessage.AppendReply m)
    {
        if (m.Forgot && progress.State != ProgressState.Snapshot)
        {
            progress.Forget(m.HintIndex);
        }
        else
        {
            // The follower's hint skips its conflicting term, ours skips the rest of what cannot match.
            var hint = m.HintTerm > 0 ? _log.FindConflict(m.HintIndex, m.HintTerm) : m.HintIndex;
            if (!progress.Reject(m.Index, hint))
            {
                return;
            }
        }

        SendAppend(progress);
    }

    private void HandleAcknowledgement(Progress progress, ulong index)
    {
        var news = progress.Acknowledge(index);
        if (!news && !(progress.State == ProgressState.Probe && index == progress.Match))
        {
            return;
        }

        switch (progress.State)
        {
            case ProgressState.Probe:
            case ProgressState.Snapshot when progress.Match >= _log.Base:
                progress.BecomeReplicate();
                break;
            case ProgressState.Snapshot when progress.Match >= progress.Transfer!.Snapshot.Index:
                StartSnapshot(progress); // the log was compacted past it meanwhile
                break;
            case ProgressState.Replicate:
                progress.Inflights.FreeTo(index);
                break;
        }

        CommitByCounting();
        _flushDue |= WantsAppend(progress) || WantsNews(progress); // the window has room, or the commit index is news
        if (progress.Id == _transferTo && progress.Match == _log.LastIndex)
        {
            SendTimeoutNow(progress.Id);
        }
    }

    private void SendWhatIsAllowed(Progress progress)
    {
        while (WantsAppend(progress))
        {
            SendAppend(progress);
        }

        // Learning a commit must not wait for the next entry or heartbeat: sequential proposers wait for it.
        if (WantsNews(progress))
        {
            SendAppend(progress, newsOnly: true);
        }
    }

    private bool WantsAppend(Progress progress) => !progress.IsPaused && progress.Next <= _log.LastIndex;

    private bool WantsNews(Progress progress) =>
        progress.State == ProgressState.Replicate && progress.CommitSent < Math.Min(_log.Commit, progress.Next - 1);

    private void SendAppend(Progress progress, bool newsOnly = false)
    {
        if (progress.State == ProgressState.Snapshot)
        {
            return;
        }

        var previous = progress.Next - 1;
        if (!_log.Knows(previous))
        {
            StartSnapshot(progress);
            return;
        }

        var entries = newsOnly || (progress.State == ProgressState.Replicate && progress.IsPaused)
            ? Ready.NoEntries
            : _log.Slice(progress.Next, _log.LastIndex, _config.MaxMessageBytes);
        _before.Add(new RaftMessage.Append(Id, progress.Id, Term, previous, _log.TermAt(previous), _log.Commit, entries));
        progress.Sent(previous + (ulong)entries.Count, SizeOf(entries), _log.Commit);
    }

    private static long SizeOf(IReadOnlyList<Entry> entries)
    {
        var bytes = 0L;
        for (var i = 0; i < entries.Count; i++)
        {
            bytes += entries[i].Size;
        }

        return bytes;
    }

    private static long SizeOf(RaftLog log, ulong from, ulong to)
    {
        var bytes = 0L;
        for (var index = from; index <= to; index++)
        {
            bytes += log[index].Size;
        }

        return bytes;
    }
}

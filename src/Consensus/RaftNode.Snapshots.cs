namespace Trefoil.Consensus;

/// <summary>Compaction, and sending and receiving snapshots in chunks (paper, 7).</summary>
public sealed partial class RaftNode
{
    private Snapshot? _snapshot;
    private SnapshotAssembly? _assembly;

    /// <summary>The caller has stored this snapshot of its state machine: older entries are dropped, except the last
    /// <paramref name="keepEntries"/>, which spare a laggard the snapshot.</summary>
    /// <param name="snapshot">With the configuration at its index; an older one than before is ignored.</param>
    /// <param name="keepEntries">Entries at and below the snapshot's index to keep.</param>
    /// <exception cref="ArgumentOutOfRangeException">It contains what is not applied.</exception>
    public void Compact(Snapshot snapshot, ulong keepEntries)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(snapshot.Index, AppliedIndex, nameof(snapshot));
        if (snapshot.Index <= (_snapshot?.Index ?? 0))
        {
            return;
        }

        _snapshot = snapshot;
        _log.CompactTo(snapshot.Index - Math.Min(keepEntries, snapshot.Index));
    }

    private void StartSnapshot(Progress progress)
    {
        if (_snapshot is { } snapshot)
        {
            progress.BecomeSnapshot(snapshot);
            SendChunk(progress);
        }
    }

    private void SendChunk(Progress progress) =>
        _before.Add(progress.Transfer!.Chunk(Id, progress.Id, Term, _config.SnapshotChunkBytes, _now));

    /// <summary>An unanswered chunk is sent again after an election timeout: slow is not lost.</summary>
    private void ResendChunk(Progress progress)
    {
        if (progress.Transfer!.SentAt is not { } sent || _now - sent >= _config.ElectionTimeoutMin)
        {
            SendChunk(progress);
        }
    }

    private void HandleSnapshotReply(RaftMessage.SnapshotReply m)
    {
        if (Role != Role.Leader || _tracker.Find(m.From) is not { } progress)
        {
            return;
        }

        progress.HeardAt = _now;
        if (progress.Transfer is { } transfer && transfer.Snapshot.Index == m.Index)
        {
            transfer.Acknowledge(m.Offset);
            SendChunk(progress);
        }
    }

    private void HandleSnapshotChunk(RaftMessage.SnapshotChunk m)
    {
        if (!Follow(m.From))
        {
            return;
        }

        if (m.Total > (ulong)_config.MaxSnapshotBytes)
        {
            Counters.MessagesDropped++;
            return;
        }

        if (m.Index <= _log.Commit || _log.Matches(m.Index, m.IndexTerm))
        {
            // Already here: entries are cheaper than starting over.
            _assembly = null;
            _log.CommitTo(m.Index);
            Acknowledge(m.From, _log.Commit);
            return;
        }

        if (_assembly is null || !_assembly.IsFor(m))
        {
            _assembly = new SnapshotAssembly(m);
        }

        if (_assembly.Add(m))
        {
            Install(_assembly.Complete());
            Acknowledge(m.From, m.Index);
        }
        else
        {
            _after.Add(new RaftMessage.SnapshotReply(Id, m.From, Term, m.Index, _assembly.Received));
        }
    }

    private void Install(Snapshot snapshot)
    {
        Counters.SnapshotsInstalled++;
        (_assembly, _snapshot, _installed) = (null, snapshot, snapshot);
        _log.Reset(snapshot);
        _abstainUntil = null; // a snapshot contains only what is committed, and the log now holds nothing else
        SwitchConfiguration(snapshot.Configuration, snapshot.Index);
    }
}

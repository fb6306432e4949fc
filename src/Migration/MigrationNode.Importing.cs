using Trefoil.Sharding;

namespace Trefoil.Migration;

/// <content>Target: taking the stream, and saying when the slots may come.</content>
public sealed partial class MigrationNode
{
    private const int MaxUnheldMarks = 1024;

    private Import Follow(Import import, MigrationRecord record)
    {
        if (import.Record.Attempt != record.Attempt)
        {
            EndAttempt(import);
            import.Wish.Drop();
            (import.Broken, import.Failed) = (null, null);
        }

        import.Record = record;
        return import;
    }

    private void EndAttempt(Import import)
    {
        if (import.Running is { Parked: true })
        {
            _slots.Park(import.Record.Ranges, on: false);
        }

        import.Running = null;
    }

    private void Receive(Import import, Arrival arrival, MigrationMessage message)
    {
        arrival.LastHeard = _now;
        if (import.Failed is not null || import.Broken is not null)
        {
            return;
        }

        if (message is MigrationMessage.Frozen frozen)
        {
            if (arrival.End is null)
            {
                arrival.End = frozen.End;
                _slots.Park(import.Record.Ranges, on: arrival.Parked = true);
            }
        }
        else if (message is MigrationMessage.Bytes bytes)
        {
            arrival.AckDue = true; // What was already here is said again: the last answer was lost.
            if (bytes.Offset == arrival.Stream.Received)
            {
                import.Failed = arrival.Stream.Append(bytes.Data.Span, _slots.Apply);
            }
        }
    }

    private void StepImports(List<MigrationEffect> effects)
    {
        if (_imports.Count == 0)
        {
            return;
        }

        var flushed = _slots.TakeFlushed();
        foreach (var import in _imports)
        {
            if (flushed && import.Running is not null)
            {
                import.Broken ??= "the target was emptied (FLUSHALL)";
            }

            if (import is { Running: null, Failed: null, Broken: null } && import.Record.TargetEpoch == _epoch && _topology.IsCurrent(import.Record))
            {
                Begin(import, effects);
            }
        }

        CommitReceived();
        foreach (var import in _imports)
        {
            if (import is { Running: { } arrival, Failed: null, Broken: null } && _topology.IsCurrent(import.Record))
            {
                TakeHeld(arrival);
                Conclude(import, arrival, effects);
                SayWhere(import, arrival, effects);
            }

            if (WishOf(import) is { } wish)
            {
                Want(import.Wish, wish, import.Record, effects);
            }
            else
            {
                import.Wish.Drop();
            }
        }
    }

    private void Begin(Import import, List<MigrationEffect> effects)
    {
        var record = import.Record;
        import.Failed = _slots.BeginImport(record.Ranges, mayHoldKeys: import.MayHoldKeys || record.Attempt > 1);
        if (import.Failed is null)
        {
            import.MayHoldKeys = true;
            import.Running = new Arrival(record.Attempt, _config.MaxRecordBytes);
            Note(MigrationEvent.Importing, record, $"attempt {record.Attempt}, {record.SlotCount} slots from {record.SourceNode}", effects);
        }
    }

    /// <summary>One commit of the log for all that came in a batch.</summary>
    private void CommitReceived()
    {
        ulong lsn = 0;
        foreach (var import in _imports)
        {
            if (import.Running is { } arrival && arrival.Stream.Received > arrival.Committed)
            {
                lsn = lsn == 0 ? _slots.Commit() : lsn;
                arrival.Committed = arrival.Stream.Received;
                arrival.LastUnheld = (lsn, arrival.Committed);
                if (arrival.Unheld.Count < MaxUnheldMarks)
                {
                    arrival.Unheld.Enqueue(arrival.LastUnheld);
                }
            }
        }
    }

    private void TakeHeld(Arrival arrival)
    {
        while (arrival.Unheld.TryPeek(out var oldest) && oldest.Lsn <= Held)
        {
            (arrival.Held, arrival.AckDue) = (oldest.Offset, true);
            arrival.Unheld.Dequeue();
        }

        if (arrival.Unheld.Count == 0 && arrival.Held < arrival.LastUnheld.Offset && arrival.LastUnheld.Lsn <= Held)
        {
            (arrival.Held, arrival.AckDue) = (arrival.LastUnheld.Offset, true);
        }
    }

    /// <summary>Everything is here: once the set holds this log's end, whoever leads the shard in this epoch has it all.</summary>
    private void Conclude(Import import, Arrival arrival, List<MigrationEffect> effects)
    {
        if (arrival.End is not { } end || arrival.CompleteLsn is not null || arrival.Stream.Received < end)
        {
            return;
        }

        if (arrival.Stream.Received > end || !arrival.Stream.AtBoundary)
        {
            import.Failed = $"the stream ends at {end}, within a record or before {arrival.Stream.Received}";
            Note(MigrationEvent.Malformed, import.Record, import.Failed, effects);
            return;
        }

        arrival.CompleteLsn = _slots.Commit();
        Note(MigrationEvent.Received, import.Record, $"{end} bytes, {arrival.Stream.Records} records, up to {arrival.CompleteLsn}", effects);
    }

    private void SayWhere(Import import, Arrival arrival, List<MigrationEffect> effects)
    {
        if (!arrival.AckDue && _now - arrival.AckAt < _config.AckEvery)
        {
            return;
        }

        (arrival.AckDue, arrival.AckAt) = (false, _now);
        var (record, held) = (import.Record, arrival.CompleteLsn <= Held ? arrival.Stream.Received : arrival.Held);
        effects.Add(new MigrationEffect.Send(
            _topology.FindShard(record.Source)!.Primary, new MigrationMessage.Ack(record.Id, record.Attempt, arrival.Stream.Received, held)));
    }

    private MigrationProposal? WishOf(Import import)
    {
        var record = import.Record;
        if (import.Failed is { } reason)
        {
            return new MigrationProposal.Abort(record.Id, reason);
        }

        if (import.Broken is { } broken)
        {
            return new MigrationProposal.Restart(record.Id, record.Attempt, broken);
        }

        return import.Running is { CompleteLsn: { } lsn } && lsn <= Held && _topology.IsCurrent(record)
            ? new MigrationProposal.Complete(record.Id, record.Attempt)
            : null;
    }
}

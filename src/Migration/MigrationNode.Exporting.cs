using Trefoil.Sharding;

namespace Trefoil.Migration;

/// <content>Source: copying, following, freezing.</content>
public sealed partial class MigrationNode
{
    private const int LeastCost = 256;

    private Export Follow(Export export, MigrationRecord record, List<MigrationEffect> effects)
    {
        if (export.Record.Attempt != record.Attempt)
        {
            EndAttempt(export, effects);
            export.Wish.Drop();
            (export.Broken, export.LastHeard, export.Asked) = (null, null, false);
        }

        export.Record = record;
        return export;
    }

    /// <summary>The topology shows what became of the attempt: only here, and nowhere else, slots thaw.</summary>
    private void EndAttempt(Export export, List<MigrationEffect> effects)
    {
        if (export.Running is not { } attempt)
        {
            return;
        }

        export.Running = null;
        _slots.StopReading(export.Record.Id);
        if (attempt.FrozenAt is { } since)
        {
            export.LongestFreeze = Longer(export.LongestFreeze, _now - since);
            _slots.Thaw(export.Record.Ranges);
            Note(MigrationEvent.Thawed, export.Record, $"after {(_now - since).TotalMilliseconds:F1} ms", effects);
        }
    }

    private void TakeAck(Export export, MigrationMessage.Ack ack)
    {
        export.LastHeard = _now;
        if (export.Running is not { } attempt)
        {
            // No target has bytes of an attempt that has not begun here; if one does all the same, nothing it has is to be trusted.
            export.Broken = ack.Received == 0 ? export.Broken : "the target has what this source never sent";
            export.Asked = true;
            return;
        }

        if (attempt.Stream.Ack(ack.Received))
        {
            (attempt.Probing, attempt.StreamAt, export.ProgressAt) = (false, _now, _now);
        }

        if (ack.Held > attempt.Held && ack.Held <= attempt.Stream.Acked)
        {
            (attempt.Held, export.ProgressAt) = (ack.Held, _now);
        }
    }

    private void StepExports(List<MigrationEffect> effects)
    {
        var running = _exports.Count(export => export.Running is not null);
        foreach (var export in _exports)
        {
            var waitsForTurn = export is { Running: null, Asked: true, Broken: null } && running >= _config.MaxExports;
            if (export is { Running: null, Asked: true, Broken: null } && !waitsForTurn && _topology.IsCurrent(export.Record) && Begin(export, effects))
            {
                running++;
            }

            if (export is { Running: { } attempt, Broken: null } && _topology.IsCurrent(export.Record))
            {
                Freeze(export, attempt, Produce(export, attempt), effects);
                Ship(export, attempt, effects);
            }

            if (waitsForTurn || (export.Running is { } at && !IsAwaiting(at)))
            {
                export.ProgressAt = _now; // Nothing is asked of the target: it owes nothing.
            }

            if (WishOf(export) is { } wish)
            {
                Want(export.Wish, wish, export.Record, effects);
            }
            else
            {
                export.Wish.Drop();
            }
        }
    }

    private bool Begin(Export export, List<MigrationEffect> effects)
    {
        if (!_slots.StartReading(export.Record.Id))
        {
            return false;
        }

        // Nothing is copied yet: records before this one need not be read, since every copy will contain them.
        export.Running = new Attempt(export.Record, _slots.LastLsn + 1) { StreamAt = _now };
        export.ProgressAt = _now;
        Note(MigrationEvent.Exporting, export.Record, $"attempt {export.Record.Attempt}, {export.Record.SlotCount} slots to {export.Record.TargetNode}", effects);
        return true;
    }

    /// <summary>Makes the stream go on: what the log says of copied slots first, so that it cannot run away; then the next slot.</summary>
    /// <returns>All is copied, and the log was read to its end.</returns>
    private bool Produce(Export export, Attempt attempt)
    {
        var (budget, fresh) = (_config.StepBytes, attempt.Stream.Fresh);
        while (HasRoom(attempt))
        {
            if (budget <= 0)
            {
                WakeBy(_now);
                return false;
            }

            var before = fresh.Length;
            if (attempt.NextLsn <= _slots.LastLsn)
            {
                var next = attempt.NextLsn;
                if (!_slots.Read(ref attempt.NextLsn, export.Record.Ranges, attempt.CopiedTo, _config.MaxMessageBytes, fresh))
                {
                    export.Broken = "the log does not reach back to what the target lacks";
                    return false;
                }

                if (attempt.NextLsn == next)
                {
                    return false;
                }
            }
            else if (attempt.AllCopied)
            {
                return true;
            }
            else if (_bucket.Allows(_now))
            {
                attempt.Copied(_slots.CopySlot(attempt.NextSlot, fresh));
                attempt.CopiedAt = _now;
                _bucket.Take(fresh.Length - before);
            }
            else
            {
                WakeBy(_bucket.FreeAt(_now));
                return false;
            }

            budget -= Math.Max(LeastCost, fresh.Length - before);
        }

        return false;
    }

    /// <summary>Once the rest is small nothing new may be added to it. An attempt freezes once, and is frozen until it ends.</summary>
    private void Freeze(Export export, Attempt attempt, bool isLevel, List<MigrationEffect> effects)
    {
        if (attempt.FrozenAt is null && isLevel && MayFreeze(attempt))
        {
            if (_slots.Freeze(export.Record.Ranges) is { } lsn)
            {
                (attempt.FrozenAt, attempt.FrozenLsn, export.ProgressAt) = (_now, lsn, _now);
                Note(MigrationEvent.Frozen, export.Record, $"at {lsn}, {attempt.Stream.Unacked} bytes to go", effects);
                Produce(export, attempt);
            }
            else
            {
                attempt.FreezeAgainAt = _now + _config.FreezeRetry;
                WakeBy(attempt.FreezeAgainAt);
            }
        }

        if (attempt is { FrozenAt: not null, End: null } && attempt.NextLsn > attempt.FrozenLsn)
        {
            attempt.Stream.Cut(_config.MaxMessageBytes);
            attempt.End = attempt.Stream.End;
        }
    }

    private bool MayFreeze(Attempt attempt) =>
        _now >= attempt.FreezeAgainAt
        && ((attempt.Stream.Unacked < _config.FreezeBelow && Unheld(attempt) < _config.FreezeBelow)
            || _now - attempt.CopiedAt >= _config.CatchUpPatience);

    private void Ship(Export export, Attempt attempt, List<MigrationEffect> effects)
    {
        var (stream, record) = (attempt.Stream, export.Record);
        var to = _topology.FindShard(record.Target)!.Primary;
        stream.Cut(_config.MaxMessageBytes);
        if (stream.InFlight && _now - attempt.StreamAt >= _config.RewindAfter)
        {
            stream.Rewind();
            (attempt.Probing, attempt.StreamAt) = (true, _now);
        }

        while (stream.Pending && !(attempt.Probing && stream.InFlight))
        {
            attempt.StreamAt = stream.InFlight ? attempt.StreamAt : _now;
            var piece = stream.Take();
            effects.Add(new MigrationEffect.Send(to, new MigrationMessage.Bytes(record.Id, record.Attempt, piece.Offset, piece.Bytes)));
        }

        if (attempt.End is { } end && !stream.Pending && (attempt.FrozenSaidAt is null || _now - attempt.FrozenSaidAt >= _config.AckEvery))
        {
            attempt.FrozenSaidAt = _now;
            effects.Add(new MigrationEffect.Send(to, new MigrationMessage.Frozen(record.Id, record.Attempt, end)));
        }
    }

    /// <summary>What must be committed for this migration to go on.</summary>
    private MigrationProposal? WishOf(Export export)
    {
        var record = export.Record;
        if (record.SourceEpoch != _epoch || _topology.FindShard(record.Target) is not { } target || record.TargetEpoch != target.Epoch)
        {
            var who = record.SourceEpoch != _epoch ? "source" : "target";
            return new MigrationProposal.Restart(record.Id, record.Attempt, $"the {who} has another primary");
        }

        if (export.Broken is { } reason)
        {
            return new MigrationProposal.Restart(record.Id, record.Attempt, reason);
        }

        if (_now - export.ProgressAt >= _config.StallTimeout)
        {
            var why = export.Running is { FrozenAt: null, FreezeAgainAt.Ticks: > 0 } ? "the slots cannot be frozen" : "the target cannot be reached";
            return new MigrationProposal.Abort(record.Id, $"no progress for {_config.StallTimeout.TotalSeconds:F0} seconds: {why}");
        }

        return export.Running?.FrozenAt is not null && _now - export.ProgressAt >= _config.FreezeTimeout
            ? new MigrationProposal.Restart(record.Id, record.Attempt, "the target did not answer while the slots were frozen")
            : null;
    }

    private bool HasRoom(Attempt attempt) =>
        attempt.Stream.Unacked < _config.WindowBytes && Unheld(attempt) < _config.MaxUnheldBytes
        && (attempt.Stream.Unacked == 0 || _exports.Sum(each => each.Running?.Stream.Unacked ?? 0) < _config.TotalWindowBytes);

    private static long Unheld(Attempt attempt) => attempt.Stream.Acked + attempt.Stream.Unacked - attempt.Held;

    private static bool IsAwaiting(Attempt attempt) => attempt.Stream.InFlight || attempt.AllCopied || attempt.Held < attempt.Stream.End;

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;
}

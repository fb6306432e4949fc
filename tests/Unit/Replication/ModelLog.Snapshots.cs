using Trefoil.Primitives;
using Trefoil.Replication;

namespace Trefoil.Unit.Replication;

/// <content>Snapshots: as slow, and as inconsistent, as real ones.</content>
internal sealed partial class ModelLog
{
    /// <summary>Snapshots made or being made and not dropped.</summary>
    public int HeldSnapshots => _snapshots.Count + _jobs.Count(job => !job.IsInstall);

    /// <inheritdoc/>
    public void MakeSnapshot(ulong transfer)
    {
        var slots = new Register[registers];
        _slots.AsSpan(0, registers / 2).CopyTo(slots);
        _jobs.Add(new Job(transfer, IsInstall: false, slots, LastLsn, History));
    }

    /// <inheritdoc/>
    public int ReadSnapshot(ulong transfer, long offset, int maxBytes, ByteWriter target)
    {
        ArgumentNullException.ThrowIfNull(target);
        var bytes = _snapshots.Find(snapshot => snapshot.Transfer == transfer).Bytes ?? [];
        var count = (int)Math.Clamp(bytes.Length - offset, 0, maxBytes);
        target.Raw(bytes.AsSpan((int)Math.Min(offset, bytes.Length), count));
        return count;
    }

    /// <inheritdoc/>
    public void DropSnapshot(ulong transfer)
    {
        _jobs.RemoveAll(job => !job.IsInstall && job.Transfer == transfer);
        _snapshots.RemoveAll(snapshot => snapshot.Transfer == transfer);
    }

    /// <inheritdoc/>
    public void Receive(ulong transfer, long offset, ReadOnlySpan<byte> part)
    {
        if (offset == 0)
        {
            _incoming = (transfer, []);
        }

        if (_incoming.Transfer != transfer || _incoming.Bytes.Count != offset)
        {
            throw new InvalidOperationException($"Part at {offset} of {transfer}; here are {_incoming.Bytes.Count} of {_incoming.Transfer}.");
        }

        _incoming.Bytes.AddRange(part);
    }

    /// <inheritdoc/>
    public void Install(ulong transfer)
    {
        if (_incoming.Transfer != transfer || _recording || _uncommitted > 0)
        {
            throw new InvalidOperationException($"Install of {transfer}; recording: {_recording}, not committed: {_uncommitted}.");
        }

        _jobs.Add(new Job(transfer, IsInstall: true, [], 0, EpochHistory.Empty));
    }

    /// <summary>Finishes the oldest job, or lets it fail; what the core must be told.</summary>
    public ReplicaInput FinishJob(bool ok = true)
    {
        var job = _jobs[0];
        _jobs.RemoveAt(0);
        if (job.IsInstall)
        {
            return new ReplicaInput.Installed(job.Transfer, ok && Install(job));
        }

        if (!ok)
        {
            return new ReplicaInput.SnapshotMade(job.Transfer, false, 0, 0, 0);
        }

        _slots.AsSpan(registers / 2).CopyTo(job.Slots.AsSpan(registers / 2));
        var consistent = Math.Max(job.CoveredLsn, job.Slots.Max(register => register.Lsn));
        var writer = new ByteWriter();
        writer.UInt64(job.CoveredLsn);
        writer.UInt64(consistent);
        job.History.Write(writer);
        foreach (var register in job.Slots)
        {
            writer.UInt64(register.Value);
            writer.UInt64(register.Lsn);
        }

        _snapshots.Add((job.Transfer, writer.ToArray()));
        return new ReplicaInput.SnapshotMade(job.Transfer, true, job.CoveredLsn, consistent, writer.Length);
    }

    private bool Install(Job job)
    {
        if (_incoming.Transfer != job.Transfer)
        {
            return false;
        }

        var reader = new ByteReader(_incoming.Bytes.ToArray());
        var (covered, consistent, history) = (reader.UInt64(), reader.UInt64(), EpochHistory.Read(ref reader));
        var slots = new Register[registers];
        for (var i = 0; i < registers; i++)
        {
            slots[i] = new Register(reader.UInt64(), reader.UInt64());
        }

        if (!reader.Ended)
        {
            return false;
        }

        _records.Clear();
        (_base, _baseSlots, _baseHistory, ConsistentLsn) = (covered, slots, history, consistent);
        (DurableLsn, FirstLsn) = (covered, covered + 1);
        Replay();
        return true;
    }

    private sealed record Job(ulong Transfer, bool IsInstall, Register[] Slots, ulong CoveredLsn, EpochHistory History);
}

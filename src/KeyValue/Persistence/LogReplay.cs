using System.Buffers.Binary;
using Trefoil.KeyValue.Effects;
using Trefoil.KeyValue.Store;
using Trefoil.Primitives;
using Trefoil.Replication;
using Trefoil.Storage;

namespace Trefoil.KeyValue.Persistence;

/// <summary>Applies the records of a log to a store, as they are read: each slot's in their order, different slots at the same time.</summary>
internal sealed class LogReplay(Keyspace keys, ReplayWorkers workers, SnapshotLoad snapshot)
{
    private const int BatchBytes = 256 << 10;
    private const int HeaderBytes = sizeof(ulong) + sizeof(int);

    private readonly ByteWriter?[] _batches = new ByteWriter?[workers.Count];
    private ulong _refusedLsn = ulong.MaxValue;

    /// <summary>The epochs of the snapshot and of the records visited so far.</summary>
    public EpochHistory History { get; private set; } = snapshot.History;

    public long Records { get; private set; }

    public long Bytes { get; private set; }

    /// <summary>Why the log cannot be used, once <see cref="Finish"/> has returned; null if it can.</summary>
    public string? Refusal => Volatile.Read(ref _refusedLsn) is var lsn and < ulong.MaxValue
        ? $"{KeyStorageOptions.LogDirectory}: the record at LSN {lsn} is of a kind that this version does not know. "
            + "It was written by a newer version: start that one."
        : null;

    public void Visit(WalStep step, ulong lsn, ReadOnlySpan<byte> record)
    {
        // A reset means that a snapshot covers what came before; a truncation does not occur in this log.
        if (step != WalStep.Record)
        {
            return;
        }

        Records++;
        Bytes += record.Length;
        if (EpochRecord.TryRead(record, out var cluster, out var epoch))
        {
            History = lsn > snapshot.Lsn ? KeyLog.After(History, cluster, epoch, lsn) : History;
            return;
        }

        var slot = record.Length < sizeof(ushort) ? int.MaxValue : BinaryPrimitives.ReadUInt16LittleEndian(record);
        if (slot >= HashSlot.Count)
        {
            // All slots at once: after everything before it, before everything after it.
            Finish();
            Apply(lsn, record);
            return;
        }

        var worker = slot % workers.Count;
        var batch = _batches[worker] ??= new ByteWriter(BatchBytes + record.Length + HeaderBytes);
        batch.UInt64(lsn);
        batch.UInt32((uint)record.Length);
        batch.Raw(record);
        if (batch.Length >= BatchBytes)
        {
            Post(worker, workers.Post);
        }
    }

    /// <summary>Returns once every record visited so far is applied.</summary>
    public void Finish()
    {
        for (var worker = 0; worker < workers.Count; worker++)
        {
            Post(worker, workers.PostLast);
        }

        workers.Drain();
    }

    private void Post(int worker, Action<int, Action> post)
    {
        if (_batches[worker] is { } batch)
        {
            _batches[worker] = null;
            post(worker, () => Apply(batch.Written));
        }
    }

    private void Apply(ReadOnlySpan<byte> batch)
    {
        while (batch.Length > 0)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(batch[sizeof(ulong)..]);
            Apply(BinaryPrimitives.ReadUInt64LittleEndian(batch), batch.Slice(HeaderBytes, length));
            batch = batch[(HeaderBytes + length)..];
        }
    }

    private void Apply(ulong lsn, ReadOnlySpan<byte> record)
    {
        if (!keys.Apply(lsn, record))
        {
            // Of several the first is named: the later ones may only be unknown because of it.
            var known = Volatile.Read(ref _refusedLsn);
            while (lsn < known)
            {
                known = Interlocked.CompareExchange(ref _refusedLsn, lsn, known);
            }
        }
    }
}

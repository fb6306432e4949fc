using System.Buffers.Binary;
using Trefoil.KeyValue.Persistence;
using Trefoil.KeyValue.Server;
using Trefoil.KeyValue.Store;
using Trefoil.Migration;
using Trefoil.Primitives;
using Trefoil.Sharding;

namespace Trefoil.KeyValue.SlotMigration;

/// <summary>The keys and their log as the core of migration sees them.</summary>
/// <remarks>
/// Called from one thread, the core's driver, which may wait for a slot's lock; commands run beside it. A failing disk ends the process, as
/// everywhere. It goes by what the server's view shows: a topology has to be there before the core hears of it.
/// </remarks>
public sealed class KeyMigration : IMigratingSlots, IDisposable
{
    /// <summary>Bytes of the log that are looked at before whoever writes to it gets a turn.</summary>
    private const int LookBytes = 64 << 10;

    private const int RecordHeader = sizeof(ushort);
    private const ushort AllSlots = ushort.MaxValue;

    private readonly KeyValueServer _server;
    private readonly Keyspace _keys;
    private readonly KeyLog _log;
    private readonly SlotCopy _copy = new();
    private readonly SlotImport _import;
    private readonly SortedSet<MigrationId> _reading = [];
    private long _flushes;

    /// <summary>The store of <paramref name="server"/>, which has a <see cref="KeyStorage"/>.</summary>
    public KeyMigration(KeyValueServer server)
    {
        ArgumentNullException.ThrowIfNull(server);
        var storage = server.Storage ?? throw new ArgumentException("Without a storage there is no log.", nameof(server));
        (_server, _keys, _log) = (server, server.Store, storage.Log);
        _import = new SlotImport(server);
        _flushes = _keys.Flushes;
    }

    /// <inheritdoc/>
    public ulong LastLsn => _log.WrittenLsn;

    /// <inheritdoc/>
    public bool StartReading(MigrationId id)
    {
        if (!_reading.Contains(id) && !_log.BeginReading())
        {
            return false;
        }

        // What was recorded before and is not with the kernel yet was not kept for anybody.
        Commit();
        _reading.Add(id);
        return true;
    }

    /// <inheritdoc/>
    public void StopReading(MigrationId id)
    {
        if (_reading.Remove(id))
        {
            _log.EndReading();
        }
    }

    /// <inheritdoc/>
    /// <remarks>Commands of the slot wait meanwhile: about a microsecond per small key.</remarks>
    public ulong CopySlot(int slot, ByteWriter target)
    {
        ArgumentNullException.ThrowIfNull(target);
        var table = _keys.Table(slot);
        lock (table)
        {
            if (SlotCopy.Problem(table) is { } problem)
            {
                SlotCopy.WriteExcuse(problem, target);
            }
            else
            {
                _copy.Write(table, target);
            }

            return table.LastLsn;
        }
    }

    /// <inheritdoc/>
    public bool Read(ref ulong nextLsn, IReadOnlyList<SlotRange> ranges, Func<int, ulong> copiedTo, int maxBytes, ByteWriter target)
    {
        ArgumentNullException.ThrowIfNull(copiedTo);
        ArgumentNullException.ThrowIfNull(target);
        for (var (start, last) = (target.Length, LastLsn); nextLsn <= last && target.Length - start < maxBytes;)
        {
            if (!_log.Visit(ref nextLsn, Math.Min(LookBytes, maxBytes - (target.Length - start)), (lsn, record) => Take(lsn, record, ranges, copiedTo, target)))
            {
                return false;
            }
        }

        return true;
    }

    /// <inheritdoc/>
    public ulong? Freeze(IReadOnlyList<SlotRange> ranges) => _server.Holds.TryFreeze(ranges) ? Commit() : null;

    /// <inheritdoc/>
    /// <remarks>Who waits for a key, or for messages, of a slot that is another node's now is told so.</remarks>
    public void Thaw(IReadOnlyList<SlotRange> ranges)
    {
        var view = _server.View;
        _server.Holds.Thaw(ranges);
        _server.Blocked.DropMoved();
        _server.PubSub.DropMoved(view);
    }

    /// <inheritdoc/>
    public ulong Clear(IReadOnlyList<SlotRange> ranges)
    {
        _import.Empty(ranges);
        return Commit();
    }

    /// <inheritdoc/>
    public string? BeginImport(IReadOnlyList<SlotRange> ranges, bool mayHoldKeys)
    {
        // From here on nothing in these slots expires: the view that the core has seen hides them.
        _ = _server.View;
        if (mayHoldKeys)
        {
            _import.Empty(ranges);
            return null;
        }

        foreach (var slot in ranges.Slots())
        {
            if (_keys.CountIn(slot) > 0)
            {
                return $"ERR Slot {slot} holds keys at the target, which does not own it: remove them there, or see CLUSTER GETSLOTMIGRATIONS";
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public string? Apply(ReadOnlySpan<byte> record)
    {
        try
        {
            return _import.Apply(record);
        }
        catch (IOException failure)
        {
            _server.DiskFailed(failure);
            throw;
        }
    }

    /// <inheritdoc/>
    public ulong Commit()
    {
        try
        {
            _log.CommitAll();
            return _log.WrittenLsn;
        }
        catch (IOException failure)
        {
            _server.DiskFailed(failure);
            throw;
        }
    }

    /// <inheritdoc/>
    public void Park(IReadOnlyList<SlotRange> ranges, bool on) => _server.Holds.Park(ranges, on);

    /// <inheritdoc/>
    public bool TakeFlushed()
    {
        var flushes = _keys.Flushes;
        var wasFlushed = flushes != _flushes;
        _flushes = flushes;
        return wasFlushed;
    }

    /// <summary>This node is another one from now on, and its core begins anew: nothing is frozen, parked or read any more on the old one's account.</summary>
    public void Forget()
    {
        _server.Holds.ReleaseAll();
        EndReading();
    }

    /// <summary>The core may not be called any more. What is frozen stays so: a process that ends may not answer for what it has promised to keep still.</summary>
    public void Dispose()
    {
        EndReading();
        _copy.Dispose();
    }

    private void EndReading()
    {
        foreach (var _ in _reading)
        {
            _log.EndReading();
        }

        _reading.Clear();
    }

    private void Take(ulong lsn, ReadOnlySpan<byte> record, IReadOnlyList<SlotRange> ranges, Func<int, ulong> copiedTo, ByteWriter target)
    {
        var slot = BinaryPrimitives.ReadUInt16LittleEndian(record);
        if (slot == AllSlots && record.Length == RecordHeader)
        {
            foreach (var each in ranges.Slots())
            {
                if (copiedTo(each) < lsn)
                {
                    _copy.WriteEmpty(each, target);
                }
            }
        }
        else if (slot < HashSlot.Count && ranges.Contains(slot) && copiedTo(slot) < lsn)
        {
            target.UInt32((uint)record.Length);
            target.Raw(record);
        }
    }
}

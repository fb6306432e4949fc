using System.Globalization;
using System.Text;
using Trefoil.KeyValue.Store;
using Trefoil.KeyValue.Values;
using Trefoil.Primitives;
using Trefoil.Replication;
using Trefoil.Storage;
using Trefoil.Wire.Rdb;

namespace Trefoil.KeyValue.Persistence;

/// <summary>What loading a snapshot gave.</summary>
/// <param name="Keys">Keys read.</param>
/// <param name="Bytes">Length of the file; 0 if there is none.</param>
/// <param name="Lsn">Every record up to here is in it.</param>
/// <param name="LastLsn">The newest record that is in it.</param>
/// <param name="History">The epochs up to <paramref name="Lsn"/>.</param>
/// <param name="IsShipped">It came from a primary.</param>
/// <param name="Refusal">Why it cannot be used; null if it can.</param>
internal readonly record struct SnapshotLoad(
    long Keys, long Bytes, ulong Lsn, ulong LastLsn, EpochHistory History, bool IsShipped, string? Refusal)
{
    /// <summary>No file.</summary>
    public static SnapshotLoad None { get; } = new(0, 0, 0, 0, EpochHistory.Empty, false, null);
}

/// <summary>Loads a snapshot, which is an RDB file: ours, with an LSN per slot, or one that a Redis wrote.</summary>
/// <remarks>The checksum stands at the end, so a damaged file is found out after its keys were taken: the refusal ends the start.</remarks>
internal sealed class SnapshotReader(IDiskFile file, Keyspace keys, ReplayWorkers workers)
{
    private const int WindowBytes = 1 << 20;
    private const int TrailerBytes = 8;
    private const int BatchBytes = 512 << 10;
    private const int AnySlot = -1;
    private byte[] _window = [];
    private byte[] _key = [];
    private int _windowLength;
    private long _windowEnd;
    private ulong _crc;
    private ulong _lsn;
    private ulong _lastLsn;
    private EpochHistory _history = EpochHistory.Empty;
    private bool _shipped;
    private long _keys;
    private ByteWriter? _batch;
    private List<(long Offset, int Slot, int At, int Length)> _sections = [];
    private int _nextWorker;
    private string? _sectionProblem;

    /// <summary>Loads the snapshot at <paramref name="path"/>, if there is one.</summary>
    public static SnapshotLoad Load(IDisk disk, string path, Keyspace keys, ReplayWorkers workers)
    {
        if (!disk.Exists(path))
        {
            return SnapshotLoad.None;
        }

        using var file = disk.Open(path, create: false);
        var reader = new SnapshotReader(file, keys, workers);
        var rdb = new RdbReader(file.Length, reader.Refill);
        var problem = reader.Read(ref rdb);
        workers.Drain();
        problem ??= reader._sectionProblem;

        // Keys of another server come from no record. They count as one, so that a log without them is never taken for this one's beginning.
        var lsn = reader._lsn == 0 && reader._keys > 0 ? 1 : reader._lsn;
        return new SnapshotLoad(
            reader._keys, file.Length, lsn, Math.Max(lsn, reader._lastLsn), reader._history, reader._shipped,
            problem is null ? null : $"{path} is damaged: {problem}. Nothing was changed. Restore the file from a backup, or this node from a replica.");
    }

    private string? Read(ref RdbReader rdb)
    {
        if (!rdb.TryRaw(9, out var header) || !header.StartsWith("REDIS"u8)
            || !int.TryParse(Encoding.ASCII.GetString(header[5..]), NumberStyles.None, CultureInfo.InvariantCulture, out var version))
        {
            return "it does not begin as an RDB file does";
        }

        if (version > RdbWriter.Version)
        {
            return $"it is of version {version}, and the newest that can be read is {RdbWriter.Version}";
        }

        var expireAtMs = KeyedValue.NoExpiry;
        uint? clock = null;
        while (rdb.TryByte(out var type))
        {
            switch (type)
            {
                case RdbOpcode.End:
                    PostSections(workers.PostLast);
                    return Checksum(ref rdb, version);
                case RdbOpcode.Aux:
                    Aux(ref rdb);
                    break;
                case RdbOpcode.SelectDb:
                    if (rdb.TryCount(out var database) && database != 0)
                    {
                        return $"it has keys in database {database}, and there is only database 0";
                    }

                    break;
                case RdbOpcode.ResizeDb:
                    _ = rdb.TryCount(out _) && rdb.TryCount(out _);
                    break;
                case RdbOpcode.ExpireTimeMs:
                    _ = rdb.TryUInt64(out var milliseconds);
                    expireAtMs = (long)milliseconds;
                    break;
                case RdbOpcode.ExpireTime:
                    _ = rdb.TryUInt32(out var seconds);
                    expireAtMs = seconds * 1000L;
                    break;
                case RdbOpcode.Idle or RdbOpcode.Frequency:
                    clock = ReadClock(ref rdb, type);
                    break;
                case RdbOpcode.Function:
                    // A library of functions, which this server does not run: stepped over.
                    _ = rdb.TryString(out _);
                    break;
                default:
                    ReadKey(ref rdb, type, expireAtMs, clock, ref _key);
                    (expireAtMs, clock) = (KeyedValue.NoExpiry, null);
                    _keys++;
                    break;
            }
        }

        return rdb.Failure?.ToString() ?? "it ends too early";
    }

    /// <summary>What the next key's clock is. A file with frequencies comes from a server that counts them: so does this one until it is told otherwise.</summary>
    private uint? ReadClock(ref RdbReader rdb, byte type)
    {
        if (type == RdbOpcode.Frequency)
        {
            keys.Clock.CountsAccesses = true;
            return rdb.TryByte(out var counter) ? keys.Clock.WithFrequency(counter) : null;
        }

        return rdb.TryCount(out var seconds) ? keys.Clock.IdleSince((long)Math.Min((ulong)seconds, int.MaxValue)) : null;
    }

    private void ReadKey(ref RdbReader rdb, byte type, long expireAtMs, uint? clock, ref byte[] buffer, int slot = AnySlot)
    {
        if (!rdb.TryString(out var text))
        {
            return;
        }

        if (buffer.Length < text.Length)
        {
            buffer = new byte[text.Length * 2];
        }

        text.CopyTo(buffer);
        var key = buffer.AsSpan(0, text.Length);
        if (slot != AnySlot && HashSlot.Of(key) != slot)
        {
            // Another thread may be filling that key's slot.
            rdb.Fail($"a key that is not of slot {slot}");
        }
        else if (ValueCodec.ReadBody(ref rdb, type, key, expireAtMs) is { } entry)
        {
            keys.Table(HashSlot.Of(key)).Load(entry, clock);
        }
    }

    /// <summary>Hands one slot's keys to a worker.</summary>
    private void Section(ref RdbReader rdb, int slot, int length)
    {
        var offset = rdb.Offset;
        if (!rdb.TryRaw(length, out var bytes))
        {
            return;
        }

        _batch ??= new ByteWriter(BatchBytes + length);
        _sections.Add((offset, slot, _batch.Length, length));
        _batch.Raw(bytes);
        if (_batch.Length >= BatchBytes)
        {
            PostSections(workers.Post);
        }
    }

    private void PostSections(Action<int, Action> post)
    {
        if (_batch is not { } batch)
        {
            return;
        }

        var sections = _sections;
        (_batch, _sections) = (null, []);
        post(_nextWorker++ % workers.Count, () =>
        {
            byte[] buffer = [];
            foreach (var (offset, slot, at, length) in sections)
            {
                ReadSection(batch.Written.Slice(at, length), offset, slot, ref buffer);
            }
        });
    }

    private void ReadSection(ReadOnlySpan<byte> bytes, long offset, int slot, ref byte[] buffer)
    {
        var rdb = new RdbReader(bytes);
        var expireAtMs = KeyedValue.NoExpiry;
        var count = 0;
        uint? clock = null;
        while (rdb.Remaining > 0 && rdb.TryByte(out var type))
        {
            if (type is RdbOpcode.Idle or RdbOpcode.Frequency)
            {
                clock = ReadClock(ref rdb, type);
                continue;
            }

            if (type == RdbOpcode.ExpireTimeMs)
            {
                _ = rdb.TryUInt64(out var milliseconds);
                expireAtMs = (long)milliseconds;
                continue;
            }

            ReadKey(ref rdb, type, expireAtMs, clock, ref buffer, slot);
            (expireAtMs, clock) = (KeyedValue.NoExpiry, null);
            count++;
        }

        Interlocked.Add(ref _keys, count);
        if (rdb.Failure is { } failure)
        {
            Interlocked.CompareExchange(ref _sectionProblem, (failure with { Offset = failure.Offset + offset }).ToString(), null);
        }
    }

    private void Aux(ref RdbReader rdb)
    {
        if (!rdb.TryString(out var name))
        {
            return;
        }

        var isSlot = name.SequenceEqual("trefoil-slot"u8);
        var isLsn = name.SequenceEqual("trefoil-lsn"u8);
        var isHistory = name.SequenceEqual("trefoil-epochs"u8);
        _shipped |= name.SequenceEqual("trefoil-shipped"u8);
        if (!rdb.TryString(out var value))
        {
            return;
        }

        var text = isSlot || isLsn || isHistory ? Encoding.ASCII.GetString(value) : "";
        if (isSlot)
        {
            Slot(ref rdb, text.Split(' '));
        }
        else if ((isLsn && !TryNumber(text, out _lsn)) || (isHistory && !EpochHistory.TryParse(text, out _history)))
        {
            rdb.Fail("a field of ours that makes no sense");
        }
    }

    private void Slot(ref RdbReader rdb, string[] numbers)
    {
        if (numbers.Length == 3
            && int.TryParse(numbers[0], NumberStyles.None, CultureInfo.InvariantCulture, out var slot) && slot < HashSlot.Count
            && TryNumber(numbers[1], out var lsn)
            && int.TryParse(numbers[2], NumberStyles.None, CultureInfo.InvariantCulture, out var length))
        {
            keys.Table(slot).LastLsn = lsn;
            _lastLsn = Math.Max(_lastLsn, lsn);
            Section(ref rdb, slot, length);
        }
        else
        {
            rdb.Fail("a field of ours that makes no sense");
        }
    }

    private static bool TryNumber(string text, out ulong number) => ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    private string? Checksum(ref RdbReader rdb, int version)
    {
        const int FirstWithChecksum = 5;
        if (version < FirstWithChecksum)
        {
            return null;
        }

        // The window ends with the file here; what is left of it is the checksum of all before.
        if (rdb.Remaining != TrailerBytes || !rdb.TryUInt64(out var stored))
        {
            return $"there are {rdb.Remaining} bytes behind its end, and not a checksum";
        }

        var computed = Crc64.Append(_crc, _window.AsSpan(0, _windowLength - TrailerBytes));
        return stored == 0 || stored == computed ? null : "its checksum is wrong";
    }

    /// <summary>Slides the window; the checksum takes in what it leaves behind.</summary>
    private ReadOnlySpan<byte> Refill(int consumed, int needed)
    {
        _crc = Crc64.Append(_crc, _window.AsSpan(0, consumed));
        var kept = _windowLength - consumed;
        var size = Math.Max(WindowBytes, needed + TrailerBytes);
        var target = _window.Length >= size ? _window : new byte[size];
        _window.AsSpan(consumed, kept).CopyTo(target);
        _window = target;
        var read = file.Read(_windowEnd, _window.AsSpan(kept));
        _windowEnd += read;
        _windowLength = kept + read;
        return _window.AsSpan(0, _windowLength);
    }
}

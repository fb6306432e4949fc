using System.Globalization;
using System.Text;
using Trefoil.KeyValue.Store;
using Trefoil.KeyValue.Values;
using Trefoil.Primitives;
using Trefoil.Storage;
using Trefoil.Wire.Rdb;

namespace Trefoil.KeyValue.Persistence;

/// <summary>What loading a snapshot gave.</summary>
/// <param name="Keys">Keys read.</param>
/// <param name="Bytes">Length of the file; 0 if there is none.</param>
/// <param name="Lsn">Every record up to here is in it.</param>
/// <param name="LastLsn">The newest record that is in it.</param>
/// <param name="Refusal">Why it cannot be used; null if it can.</param>
internal readonly record struct SnapshotLoad(long Keys, long Bytes, ulong Lsn, ulong LastLsn, string? Refusal);

/// <summary>Loads a snapshot, which is an RDB file: ours, with an LSN per slot, or one that a Redis wrote.</summary>
/// <remarks>The checksum stands at the end, so a damaged file is found out after its keys were taken: the refusal ends the start.</remarks>
internal sealed class SnapshotReader(IDiskFile file, Keyspace keys)
{
    public const string Path = KeyStorageOptions.SnapshotDirectory + "/dump.rdb";

    private const int WindowBytes = 1 << 20;
    private const int TrailerBytes = 8;
    private byte[] _window = [];
    private byte[] _key = [];
    private int _windowLength;
    private long _windowEnd;
    private ulong _crc;
    private ulong _lsn;
    private ulong _lastLsn;
    private long _keys;

    /// <summary>Loads the snapshot of this disk, if there is one.</summary>
    public static SnapshotLoad Load(IDisk disk, Keyspace keys)
    {
        if (!disk.Exists(Path))
        {
            return default;
        }

        using var file = disk.Open(Path, create: false);
        var reader = new SnapshotReader(file, keys);
        var rdb = new RdbReader(file.Length, reader.Refill);
        var problem = reader.Read(ref rdb);
        return new SnapshotLoad(
            reader._keys, file.Length, reader._lsn, Math.Max(reader._lsn, reader._lastLsn),
            problem is null ? null : $"{Path} is damaged: {problem}. Nothing was changed. Restore the file from a backup, or this node from a replica.");
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
        while (rdb.TryByte(out var type))
        {
            switch (type)
            {
                case RdbOpcode.End:
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
                case RdbOpcode.Idle:
                    _ = rdb.TryCount(out _);
                    break;
                case RdbOpcode.Frequency:
                    _ = rdb.TryByte(out _);
                    break;
                case RdbOpcode.Function:
                    // A library of functions, which this server does not run: stepped over.
                    _ = rdb.TryString(out _);
                    break;
                default:
                    Key(ref rdb, type, expireAtMs);
                    expireAtMs = KeyedValue.NoExpiry;
                    break;
            }
        }

        return rdb.Failure?.ToString() ?? "it ends too early";
    }

    private void Key(ref RdbReader rdb, byte type, long expireAtMs)
    {
        if (rdb.TryString(out var text))
        {
            if (_key.Length < text.Length)
            {
                _key = new byte[text.Length * 2];
            }

            text.CopyTo(_key);
            var key = _key.AsSpan(0, text.Length);
            if (ValueCodec.ReadBody(ref rdb, type, key, expireAtMs) is { } entry)
            {
                keys.Table(HashSlot.Of(key)).Load(entry);
                _keys++;
            }
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
        if (!rdb.TryString(out var value))
        {
            return;
        }

        var numbers = isSlot || isLsn ? Encoding.ASCII.GetString(value).Split(' ') : [];
        if (isLsn && ulong.TryParse(numbers[0], NumberStyles.None, CultureInfo.InvariantCulture, out var lsn))
        {
            _lsn = lsn;
        }
        else if (isSlot && numbers.Length == 2
            && int.TryParse(numbers[0], NumberStyles.None, CultureInfo.InvariantCulture, out var slot) && slot < HashSlot.Count
            && ulong.TryParse(numbers[1], NumberStyles.None, CultureInfo.InvariantCulture, out lsn))
        {
            keys.Table(slot).LastLsn = lsn;
            _lastLsn = Math.Max(_lastLsn, lsn);
        }
        else if (isSlot || isLsn)
        {
            rdb.Fail("a field of ours that makes no sense");
        }
    }

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

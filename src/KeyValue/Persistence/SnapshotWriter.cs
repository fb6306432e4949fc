using System.Globalization;
using System.Text.Unicode;
using Trefoil.KeyValue.Store;
using Trefoil.KeyValue.Values;
using Trefoil.Primitives;
using Trefoil.Replication;
using Trefoil.Storage;
using Trefoil.Wire.Rdb;

namespace Trefoil.KeyValue.Persistence;

/// <summary>Writes all keys as an RDB file that a Redis loads too; each slot as it is at one LSN, which stands in front of it.</summary>
/// <remarks>
/// No fork and no copy: a slot is written into memory under its lock, then the lock is gone and the bytes go to the file. A command waits at
/// most as long as its own slot takes: about a microsecond per small key, a second per GB if one slot holds so much.
/// </remarks>
internal sealed class SnapshotWriter(IDiskFile file, Keyspace keys) : IDisposable
{
    private const int FlushBytes = 1 << 20;
    private readonly RdbWriter _rdb = new();
    private readonly RdbWriter _section = new();
    private ulong _crc;

    /// <summary>Keys written so far.</summary>
    public long Keys { get; private set; }

    /// <summary>Bytes handed to the file so far.</summary>
    public long Bytes { get; private set; }

    /// <summary>The newest record that is in it so far.</summary>
    public ulong LastLsn { get; private set; }

    /// <summary>The epochs up to the LSN that it covers.</summary>
    public EpochHistory History { get; init; } = EpochHistory.Empty;

    /// <summary>It goes to a replica: the log that belongs to it begins behind the covered LSN, and slots may be ahead of that log.</summary>
    public bool IsShipped { get; init; }

    /// <summary>Writes the whole file and syncs it. False if <paramref name="cancelled"/> said so first.</summary>
    /// <param name="coveredLsn">Every record up to here is in it, whatever the slots' own LSNs.</param>
    /// <param name="nowMs">For the field that says when it was made, milliseconds since 1970.</param>
    /// <param name="cancelled">Asked once per slot.</param>
    public bool Run(ulong coveredLsn, long nowMs, Func<bool> cancelled)
    {
        _rdb.Header();
        _rdb.Aux("redis-ver", "7.0.15");
        _rdb.Aux("redis-bits", 64);
        _rdb.Aux("ctime", nowMs / 1000);
        _rdb.Aux("trefoil-lsn", coveredLsn.ToString(CultureInfo.InvariantCulture));
        if (History.Entries.Count > 0)
        {
            _rdb.Aux("trefoil-epochs", History.ToString());
        }

        if (IsShipped)
        {
            _rdb.Aux("trefoil-shipped", 1);
        }

        _rdb.SelectDb(0);
        _rdb.ResizeDb(keys.TotalCount, keys.ExpiringCount);
        for (var slot = 0; slot < HashSlot.Count; slot++)
        {
            if (cancelled())
            {
                return false;
            }

            WriteSlot(slot);
            if (_rdb.Length >= FlushBytes)
            {
                Flush();
            }
        }

        _rdb.End(_crc);
        Flush();
        file.Sync();
        return true;
    }

    /// <summary>Gives the buffer back; the file stays its owner's.</summary>
    public void Dispose()
    {
        _rdb.Dispose();
        _section.Dispose();
    }

    private void WriteSlot(int slot)
    {
        if (keys.ExistingTable(slot) is not { } table)
        {
            return;
        }

        ulong lsn;
        lock (table)
        {
            lsn = table.LastLsn;
            if (lsn == 0 && table.Count == 0)
            {
                return;
            }

            foreach (var entry in table.Entries())
            {
                if (entry.ExpireAtMs != KeyedValue.NoExpiry)
                {
                    _section.ExpireTimeMs(entry.ExpireAtMs);
                }

                Use(entry);
                _section.Byte(ValueCodec.TypeOf(entry));
                _section.String(entry.Key);
                ValueCodec.WriteBody(_section, entry);
                Keys++;
            }
        }

        LastLsn = Math.Max(LastLsn, lsn);

        // The length lets a reader hand the slot to another thread without reading it.
        Span<byte> value = stackalloc byte[3 * 21];
        Utf8.TryWrite(value, CultureInfo.InvariantCulture, $"{slot} {lsn} {_section.Length}", out var length);
        _rdb.Aux("trefoil-slot"u8, value[..length]);
        _rdb.Raw(_section.Written);
        _section.Clear();
    }

    /// <summary>As Redis does: how long idle or how often used, if evictions go by it.</summary>
    private void Use(KeyEntry entry)
    {
        if (!keys.Clock.IsUsed)
        {
            return;
        }

        if (keys.Clock.CountsAccesses)
        {
            _section.Byte(RdbOpcode.Frequency);
            _section.Byte((byte)keys.Clock.Frequency(entry.Clock));
        }
        else
        {
            _section.Byte(RdbOpcode.Idle);
            _section.Count((ulong)keys.Clock.IdleSeconds(entry.Clock));
        }
    }

    private void Flush()
    {
        file.Write(Bytes, _rdb.Written);
        _crc = Crc64.Append(_crc, _rdb.Written);
        Bytes += _rdb.Length;
        _rdb.Clear();
    }
}

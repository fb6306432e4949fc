using System.Buffers.Binary;
using Trefoil.Primitives;
using Trefoil.Replication;
using Trefoil.Storage;

namespace Trefoil.Unit.Replication;

/// <summary>A replicated log over a handful of registers, with its disk: the smallest thing that can lose, diverge and be installed.</summary>
/// <remarks>
/// Slow work (making and installing snapshots) waits as a job until the world calls <see cref="FinishJob"/>; half of a snapshot's registers are
/// copied when it begins and half when it ends, so that it is as inconsistent as a real one. Keeps every record of its life for oracles;
/// <see cref="FirstLsn"/> alone says what a follower may still have.
/// </remarks>
internal sealed partial class ModelLog(int registers = ModelLog.Slots) : IReplicatedLog
{
    /// <summary>Registers, unless there are to be more.</summary>
    public const int Slots = 8;

    /// <summary>The slot number that says "no slot, an epoch begins".</summary>
    public const ushort EpochSlot = 65534;

    private const int FrameHeader = 4;
    private readonly List<byte[]> _records = [];
    private readonly List<Job> _jobs = [];
    private readonly List<(ulong Transfer, byte[] Bytes)> _snapshots = [];
    private Register[] _baseSlots = new Register[registers];
    private EpochHistory _baseHistory = EpochHistory.Empty;
    private Register[] _slots = new Register[registers];
    private ulong _base;
    private ulong _uncommitted;
    private bool _recording;
    private (ulong Transfer, List<byte> Bytes) _incoming = (0, []);

    /// <inheritdoc/>
    public ulong FirstLsn { get; private set; } = 1;

    /// <inheritdoc/>
    public ulong LastLsn => _base + (ulong)_records.Count - _uncommitted;

    /// <inheritdoc/>
    public ulong DurableLsn { get; private set; }

    /// <inheritdoc/>
    public ulong ConsistentLsn { get; private set; }

    /// <inheritdoc/>
    public EpochHistory History { get; private set; } = EpochHistory.Empty;

    /// <summary>Slow work that is waiting to be finished.</summary>
    public int Jobs => _jobs.Count;

    /// <summary>Commands are recorded: this is a primary's log.</summary>
    public bool IsRecording => _recording;

    /// <summary>Everything at or below it came with a snapshot.</summary>
    public ulong BaseLsn => _base;

    /// <summary>The registers.</summary>
    public ReadOnlySpan<Register> Registers => _slots;

    /// <summary>A client's write. 0 if nothing is recorded now.</summary>
    public ulong Write(int slot, ulong value, int padding = 0)
    {
        if (!_recording)
        {
            return 0;
        }

        var record = new byte[10 + padding];
        BinaryPrimitives.WriteUInt16LittleEndian(record, (ushort)slot);
        BinaryPrimitives.WriteUInt64LittleEndian(record.AsSpan(2), value);
        Add(record);
        return LastLsn;
    }

    /// <summary>fsync.</summary>
    public void Sync() => DurableLsn = LastLsn;

    /// <summary>Forgets records for followers, not for itself, below this one.</summary>
    public void Trim(ulong first) => FirstLsn = Math.Clamp(first, FirstLsn, LastLsn + 1);

    /// <summary>The record at an LSN; null if it came with a snapshot or is not there.</summary>
    public byte[]? RecordAt(ulong lsn) => lsn > _base && lsn <= LastLsn ? _records[(int)(lsn - _base - 1)] : null;

    /// <inheritdoc/>
    public LogCursor Read(LogCursor from, int maxBytes, ByteWriter target)
    {
        ArgumentNullException.ThrowIfNull(target);
        var room = maxBytes;
        while (from.Lsn >= FirstLsn && from.Lsn <= LastLsn && room > 0)
        {
            var record = _records[(int)(from.Lsn - _base - 1)];
            var framed = new byte[FrameHeader + record.Length];
            BinaryPrimitives.WriteUInt32LittleEndian(framed, (uint)record.Length);
            record.CopyTo(framed, FrameHeader);
            var count = Math.Min(room, framed.Length - from.Offset);
            target.Raw(framed.AsSpan(from.Offset, count));
            room -= count;
            from = from.Offset + count == framed.Length ? new(from.Lsn + 1, 0) : new(from.Lsn, from.Offset + count);
        }

        return from;
    }

    /// <inheritdoc/>
    public ulong BeginEpoch(ClusterId cluster, ulong epoch)
    {
        _recording = true;
        var record = new byte[26];
        BinaryPrimitives.WriteUInt16LittleEndian(record, EpochSlot);
        cluster.Write(record.AsSpan(2));
        BinaryPrimitives.WriteUInt64LittleEndian(record.AsSpan(18), epoch);
        Add(record);
        return LastLsn;
    }

    /// <inheritdoc/>
    public void Follow() => _recording = false;

    /// <inheritdoc/>
    /// <remarks>The world syncs when it pleases.</remarks>
    public bool MakeDurable() => DurableLsn == LastLsn;

    /// <inheritdoc/>
    public bool Append(ulong lsn, ReadOnlySpan<byte> record)
    {
        if (_recording || lsn != LastLsn + _uncommitted + 1)
        {
            throw new InvalidOperationException($"Record {lsn} appended behind {LastLsn} + {_uncommitted}; recording: {_recording}.");
        }

        _uncommitted++;
        Add(record.ToArray());
        return true;
    }

    /// <inheritdoc/>
    public void Commit() => _uncommitted = 0;

    /// <summary>The process ends; what the kernel or the disk had is there at the next start.</summary>
    public void Crash(Prng random, CrashMode mode)
    {
        ArgumentNullException.ThrowIfNull(random);
        _recording = false;
        var kept = mode switch
        {
            CrashMode.KeepAll => LastLsn,
            CrashMode.LoseAll => DurableLsn,
            _ => DurableLsn + (ulong)random.Below((int)(LastLsn - DurableLsn) + 1),
        };
        foreach (var job in _jobs.Where(job => job.IsInstall).ToList())
        {
            // The rename is the commit point: finished at the next start, or forgotten.
            if (random.Chance(0.5) && Install(job))
            {
                kept = LastLsn;
            }
        }

        _jobs.Clear();
        _snapshots.Clear();
        _incoming = (0, []);
        _uncommitted = 0;
        _records.RemoveRange((int)(kept - _base), _records.Count - (int)(kept - _base));
        Replay();
        DurableLsn = LastLsn;
        FirstLsn = LastLsn + 1; // The backlog was in memory.
    }

    private void Add(byte[] record)
    {
        _records.Add(record);
        Apply(record, _base + (ulong)_records.Count);
    }

    private void Apply(ReadOnlySpan<byte> record, ulong lsn)
    {
        var slot = BinaryPrimitives.ReadUInt16LittleEndian(record);
        if (slot == EpochSlot)
        {
            History = History.Append(new EpochStart(
                ClusterId.Read(record[2..]), BinaryPrimitives.ReadUInt64LittleEndian(record[18..]), lsn));
        }
        else if (lsn > _slots[slot].Lsn)
        {
            _slots[slot] = new Register(BinaryPrimitives.ReadUInt64LittleEndian(record[2..]), lsn);
        }
    }

    private void Replay()
    {
        _slots = [.. _baseSlots];
        History = _baseHistory;
        for (var i = 0; i < _records.Count; i++)
        {
            Apply(_records[i], _base + (ulong)i + 1);
        }
    }

    /// <summary>A value and the record that wrote it.</summary>
    public readonly record struct Register(ulong Value, ulong Lsn);
}

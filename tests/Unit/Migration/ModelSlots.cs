using System.Buffers.Binary;
using Trefoil.Migration;
using Trefoil.Primitives;
using Trefoil.Sharding;
using Trefoil.Unit.Replication;

namespace Trefoil.Unit.Migration;

/// <summary>The first few hash slots with a few keys each, as registers of a <see cref="ModelLog"/>: the smallest thing that can be moved, doubled and lost.</summary>
/// <remarks>
/// A key's value holds a version in its upper half, which each write at an owner raises by one, so that the whole history of a key is one line wherever it
/// was written; 0: there is no such key. What of this is not in the log is forgotten with the process.
/// </remarks>
internal sealed class ModelSlots(ModelLog log, Prng random) : IMigratingSlots
{
    /// <summary>Slots that hold keys.</summary>
    public const int Count = 8;

    /// <summary>Keys of each.</summary>
    public const int Keys = 4;

    /// <summary>Registers of a log with all of them.</summary>
    public const int Registers = ModelLog.Slots + (Count * Keys);

    private const int RecordBytes = 10;
    private readonly SortedSet<MigrationId> _readers = [];
    private readonly bool[] _frozen = new bool[Count];
    private readonly bool[] _parked = new bool[Count];
    private bool _flushed;

    /// <summary>Slots were thawed, or are parked no longer: whoever waits looks again.</summary>
    public Action? Released { get; set; }

    /// <summary>How often an import runs out of memory, and a freeze is refused: probabilities.</summary>
    public (double OutOfMemory, double NoFreeze) Mishaps { get; init; } = (0.0005, 0.1);

    /// <inheritdoc/>
    public ulong LastLsn => log.LastLsn;

    /// <summary>Nothing is frozen and nothing parked.</summary>
    public bool IsFree => !_frozen.Contains(true) && !_parked.Contains(true);

    /// <summary>Commands on this slot wait.</summary>
    public bool IsHeld(int slot) => _frozen[slot] || _parked[slot];

    /// <summary>The register of a key.</summary>
    public static int RegisterOf(int slot, int key) => ModelLog.Slots + (slot * Keys) + key;

    /// <summary>A key as it is.</summary>
    public ModelLog.Register this[int slot, int key] => log.Registers[RegisterOf(slot, key)];

    /// <summary>The slot has a key.</summary>
    public bool HasKeys(int slot) => Enumerable.Range(0, Keys).Any(key => this[slot, key].Value != 0);

    /// <summary>The process ended.</summary>
    public void Restarted()
    {
        _readers.Clear();
        Array.Clear(_frozen);
        Array.Clear(_parked);
        _flushed = false;
    }

    /// <summary>A client's write at the owner: the next version of the key. The record's LSN.</summary>
    public ulong Write(int slot, int key, uint unique) =>
        log.Write(RegisterOf(slot, key), (((this[slot, key].Value >> 32) + 1) << 32) | unique);

    /// <summary>FLUSHALL: what is owned gets a next version, of nothing; what is not owned is gone.</summary>
    public void Flush(Func<int, bool> owns)
    {
        _flushed = true;
        for (var slot = 0; slot < Count; slot++)
        {
            for (var key = 0; key < Keys; key++)
            {
                if (owns(slot))
                {
                    Write(slot, key, 0);
                }
                else if (this[slot, key].Value != 0)
                {
                    log.Write(RegisterOf(slot, key), 0);
                }
            }
        }
    }

    /// <inheritdoc/>
    public bool StartReading(MigrationId id) => log.IsRecording && _readers.Add(id);

    /// <inheritdoc/>
    public void StopReading(MigrationId id) => _readers.Remove(id);

    /// <inheritdoc/>
    public ulong CopySlot(int slot, ByteWriter target)
    {
        ArgumentNullException.ThrowIfNull(target);
        for (var key = 0; slot < Count && key < Keys; key++)
        {
            if (this[slot, key].Value is var value and not 0)
            {
                Frame(target, RegisterOf(slot, key), value);
            }
        }

        return LastLsn;
    }

    /// <inheritdoc/>
    public bool Read(ref ulong nextLsn, IReadOnlyList<SlotRange> ranges, Func<int, ulong> copiedTo, int maxBytes, ByteWriter target)
    {
        ArgumentNullException.ThrowIfNull(ranges);
        ArgumentNullException.ThrowIfNull(copiedTo);
        ArgumentNullException.ThrowIfNull(target);
        for (var end = target.Length + maxBytes; nextLsn <= LastLsn && target.Length < end; nextLsn++)
        {
            if (nextLsn < log.FirstLsn || log.RecordAt(nextLsn) is not { } record)
            {
                return false;
            }

            var register = BinaryPrimitives.ReadUInt16LittleEndian(record);
            if (SlotOf(register) is { } slot && ranges.Any(range => slot >= range.Start && slot <= range.End) && nextLsn > copiedTo(slot))
            {
                Frame(target, register, BinaryPrimitives.ReadUInt64LittleEndian(record.AsSpan(2)));
            }
        }

        return true;
    }

    /// <inheritdoc/>
    public ulong? Freeze(IReadOnlyList<SlotRange> ranges)
    {
        if (random.Chance(Mishaps.NoFreeze))
        {
            return null;
        }

        Mark(_frozen, ranges, true);
        return LastLsn;
    }

    /// <inheritdoc/>
    public void Thaw(IReadOnlyList<SlotRange> ranges)
    {
        Mark(_frozen, ranges, false);
        Released?.Invoke();
    }

    /// <inheritdoc/>
    public ulong Clear(IReadOnlyList<SlotRange> ranges)
    {
        foreach (var slot in SlotsOf(ranges))
        {
            for (var key = 0; key < Keys; key++)
            {
                if (this[slot, key].Value != 0)
                {
                    log.Write(RegisterOf(slot, key), 0);
                }
            }
        }

        return LastLsn;
    }

    /// <inheritdoc/>
    public string? BeginImport(IReadOnlyList<SlotRange> ranges, bool mayHoldKeys)
    {
        if (mayHoldKeys)
        {
            Clear(ranges);
        }

        return log.IsRecording && SlotsOf(ranges).Any(HasKeys) ? "there are keys in these slots" : null;
    }

    /// <inheritdoc/>
    public string? Apply(ReadOnlySpan<byte> record)
    {
        if (record.Length != RecordBytes || SlotOf(BinaryPrimitives.ReadUInt16LittleEndian(record)) is null)
        {
            return "a record that nobody wrote";
        }

        if (random.Chance(Mishaps.OutOfMemory))
        {
            return "OOM";
        }

        log.Write(BinaryPrimitives.ReadUInt16LittleEndian(record), BinaryPrimitives.ReadUInt64LittleEndian(record[2..]));
        return null;
    }

    /// <inheritdoc/>
    public ulong Commit() => LastLsn;

    /// <inheritdoc/>
    public void Park(IReadOnlyList<SlotRange> ranges, bool on)
    {
        Mark(_parked, ranges, on);
        if (!on)
        {
            Released?.Invoke();
        }
    }

    /// <inheritdoc/>
    public bool TakeFlushed()
    {
        var flushed = _flushed;
        _flushed = false;
        return flushed;
    }

    private static int? SlotOf(ushort register) =>
        register >= ModelLog.Slots && register < Registers ? (register - ModelLog.Slots) / Keys : null;

    private static IEnumerable<int> SlotsOf(IReadOnlyList<SlotRange> ranges) =>
        ranges.SelectMany(range => Enumerable.Range(range.Start, range.Count)).Where(slot => slot < Count);

    private static void Mark(bool[] marks, IReadOnlyList<SlotRange> ranges, bool on)
    {
        foreach (var slot in SlotsOf(ranges))
        {
            marks[slot] = on;
        }
    }

    private static void Frame(ByteWriter target, int register, ulong value)
    {
        target.UInt32(RecordBytes);
        target.UInt16((ushort)register);
        target.UInt64(value);
    }
}

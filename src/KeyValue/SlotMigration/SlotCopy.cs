using Trefoil.KeyValue.Effects;
using Trefoil.KeyValue.Persistence;
using Trefoil.KeyValue.Store;
using Trefoil.KeyValue.Values;
using Trefoil.Primitives;
using Trefoil.Sharding;
using Trefoil.Wire.Rdb;

namespace Trefoil.KeyValue.SlotMigration;

/// <summary>A slot's contents as records: what makes an empty slot equal to it. For one thread.</summary>
/// <remarks>
/// Records of many keys, so that each costs little, and none much longer than <see cref="RecordBytes"/>, so that nobody waits long for whoever applies one: a
/// value that is larger comes in pieces, as the commands that could have made it. Only a single string, element or member is not cut.
/// How long ago or how often a key was used stays behind.
/// </remarks>
internal sealed class SlotCopy : IDisposable
{
    /// <summary>A record is closed once it is so long.</summary>
    public const int RecordBytes = 64 << 10;

    /// <summary>
    /// A slot is copied at one moment, into memory and under its lock: one that takes more, as accounted, would make everybody wait too long. Within
    /// what a buffer that doubles can hold, with what waits to be sent.
    /// </summary>
    public const long MaxSlotBytes = 1000L << 20;

    /// <summary>Stands where other records name their slot: the source cannot go on, and the rest says why.</summary>
    private const ushort Excuse = 65533;

    private readonly EffectWriter _record = new();
    private readonly RdbWriter _value = new();
    private readonly List<object> _entries = [];

    /// <summary>Why a slot cannot be copied, or null; may be asked without its lock.</summary>
    public static string? Problem(SlotTable table) => table.Bytes <= MaxSlotBytes ? null
        : $"ERR Slot {table.Slot} takes {table.Bytes} bytes, more than the {MaxSlotBytes} that can be copied at one moment: move its keys with MIGRATE";

    /// <summary>What the source says instead of a copy, if this is that; null for any other record.</summary>
    public static string? ExcuseIn(ReadOnlySpan<byte> record)
    {
        var reader = new ByteReader(record);
        return reader.UInt16() == Excuse && reader.Text(MigrationRecord.MaxMessageBytes) is var text && reader.Ended ? text : null;
    }

    /// <summary>Appends, framed, instead of a copy why there is none: whoever applies it ends the migration.</summary>
    public static void WriteExcuse(string text, ByteWriter target)
    {
        var record = new ByteWriter();
        record.UInt16(Excuse);
        record.Text(text);
        target.UInt32((uint)record.Length);
        target.Raw(record.Written);
    }

    /// <summary>Appends all of the slot, framed (<c>[u32 length][record]</c>); the slot's lock is held.</summary>
    public void Write(SlotTable table, ByteWriter target)
    {
        table.Collect(0, int.MaxValue, _entries);
        foreach (var entry in _entries)
        {
            Write(table.Slot, new KeyEntry(entry), target);
        }

        _entries.Clear();
        Close(target);
    }

    /// <summary>Appends "the slot has no key", framed.</summary>
    public void WriteEmpty(int slot, ByteWriter target)
    {
        _record.Begin(slot, EffectKind.ClearSlot, default);
        Close(target);
    }

    /// <inheritdoc/>
    public void Dispose() => _value.Dispose();

    private void Write(int slot, KeyEntry entry, ByteWriter target)
    {
        if (entry.IsString && entry.IsInteger)
        {
            _record.Begin(slot, EffectKind.SetInteger, entry.Key);
            _record.Number(entry.ExpireAtMs);
            _record.Number(entry.Integer);
        }
        else if (entry.IsString)
        {
            var text = entry.Text(default);
            Room(text.Length, target);
            _record.Begin(slot, EffectKind.SetString, entry.Key);
            _record.Number(entry.ExpireAtMs);
            _record.Bytes(text);
        }
        else if (entry.As<KeyedValue>()!.Bytes <= RecordBytes)
        {
            WriteWhole(slot, entry, target);
        }
        else
        {
            WritePieces(slot, entry, target);
        }

        Room(0, target);
    }

    private void WriteWhole(int slot, KeyEntry entry, ByteWriter target)
    {
        _value.Clear();
        _value.Byte(ValueCodec.TypeOf(entry));
        ValueCodec.WriteBody(_value, entry);
        Room(_value.Length, target);
        _record.Begin(slot, EffectKind.Restore, entry.Key);
        _record.Number(entry.ExpireAtMs);
        _record.Bytes(_value.Written);
    }

    /// <summary>Element by element; the expiry comes last.</summary>
    private void WritePieces(int slot, KeyEntry entry, ByteWriter target)
    {
        switch (entry.Type)
        {
            case EntryType.Hash:
                foreach (var field in entry.Hash!)
                {
                    Piece(slot, EffectKind.SetField, entry, field.Field.Length + field.Value.Length, target);
                    _record.Bytes(field.Field);
                    _record.Bytes(field.Value);
                }

                break;
            case EntryType.List:
                foreach (var element in entry.List!)
                {
                    Piece(slot, EffectKind.PushTail, entry, element.Length, target);
                    _record.Bytes(element);
                }

                break;
            case EntryType.Set:
                foreach (var member in entry.Set!)
                {
                    Piece(slot, EffectKind.AddMember, entry, member.Length, target);
                    _record.Bytes(member);
                }

                break;
            default:
                foreach (var member in entry.SortedSet!)
                {
                    Piece(slot, EffectKind.SetScore, entry, member.Member.Length, target);
                    _record.Number(BitConverter.DoubleToInt64Bits(member.Score));
                    _record.Bytes(member.Member);
                }

                break;
        }

        if (entry.ExpireAtMs != KeyedValue.NoExpiry)
        {
            _record.Begin(slot, EffectKind.SetExpiry, entry.Key);
            _record.Number(entry.ExpireAtMs);
        }
    }

    private void Piece(int slot, EffectKind kind, KeyEntry entry, int bytes, ByteWriter target)
    {
        Room(bytes, target);
        _record.Begin(slot, kind, entry.Key);
    }

    /// <summary>Closes the record if so much more would make it too long.</summary>
    private void Room(int bytes, ByteWriter target)
    {
        if (_record.Length > 0 && _record.Length + bytes >= RecordBytes)
        {
            Close(target);
        }
    }

    private void Close(ByteWriter target)
    {
        if (!_record.IsEmpty)
        {
            target.UInt32((uint)_record.Length);
            target.Raw(_record.Written);
            _record.Clear();
        }
    }
}

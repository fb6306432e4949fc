using Trefoil.KeyValue.Store;
using Trefoil.KeyValue.Values;
using Trefoil.Wire.Rdb;

namespace Trefoil.KeyValue.Persistence;

/// <summary>Values as RDB: what DUMP, MIGRATE and snapshots write, and what RESTORE, the log and snapshots read.</summary>
/// <remarks>
/// Written in plain forms only, which every Redis since 4.0 reads; read in all of them. Where the type byte goes differs (a payload: in front
/// of the body; a file: in front of the key), so it is apart from the body.
/// </remarks>
internal static class ValueCodec
{
    /// <summary>The type byte under which <see cref="WriteBody"/> writes this value.</summary>
    public static byte TypeOf(KeyEntry entry) => entry.Type switch
    {
        EntryType.String => RdbType.String,
        EntryType.Hash => RdbType.Hash,
        EntryType.List => RdbType.List,
        EntryType.Set => RdbType.Set,
        EntryType.SortedSet => RdbType.SortedSet,
        _ => throw new InvalidOperationException($"No RDB form for {entry.Type}."),
    };

    /// <summary>The value without its type, key and expiry.</summary>
    public static void WriteBody(RdbWriter writer, KeyEntry entry)
    {
        switch (entry.Type)
        {
            case EntryType.String:
                WriteString(writer, entry);
                break;
            case EntryType.Hash:
                WriteHash(writer, entry.Hash!);
                break;
            case EntryType.List:
                WriteList(writer, entry.List!);
                break;
            case EntryType.Set:
                WriteSet(writer, entry.Set!);
                break;
            default:
                WriteSortedSet(writer, entry.SortedSet!);
                break;
        }
    }

    /// <summary>Type, body, version and checksum: what DUMP answers.</summary>
    public static void WritePayload(RdbWriter writer, KeyEntry entry)
    {
        writer.Byte(TypeOf(entry));
        WriteBody(writer, entry);
        DumpPayload.Seal(writer);
    }

    /// <summary>
    /// Reads a body into an entry that carries <paramref name="key"/> and <paramref name="expireAtMs"/> (<see cref="KeyedValue.NoExpiry"/>
    /// for none), ready for <see cref="SlotTable.Restore"/>; null with the reader's failure set if it is malformed, empty, holds something
    /// twice, or is of a kind that this server does not have.
    /// </summary>
    public static object? ReadBody(scoped ref RdbReader reader, byte type, ReadOnlySpan<byte> key, long expireAtMs)
    {
        if (!reader.TryBegin(type, out var kind))
        {
            return null;
        }

        if (kind == RdbKind.String)
        {
            return ReadString(ref reader, key, expireAtMs);
        }

        KeyedValue value = kind switch
        {
            RdbKind.Hash => ReadHash(ref reader, key),
            RdbKind.List => ReadList(ref reader, key),
            RdbKind.Set => ReadSet(ref reader, key),
            _ => ReadSortedSet(ref reader, key),
        };
        if (reader.Failure is not null)
        {
            return null;
        }

        value.ExpireAtMs = expireAtMs;
        return value;
    }

    /// <summary>Reads type and body that fill <paramref name="bytes"/> exactly, as a payload without its footer; null as for <see cref="ReadBody"/>.</summary>
    public static object? Read(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> key, long expireAtMs)
    {
        var reader = new RdbReader(bytes);
        return reader.TryByte(out var type) && ReadBody(ref reader, type, key, expireAtMs) is { } entry && reader.Remaining == 0 ? entry : null;
    }

    private static void WriteString(RdbWriter writer, KeyEntry entry)
    {
        if (entry.IsInteger)
        {
            writer.Integer(entry.Integer);
        }
        else
        {
            writer.String(entry.Text(default));
        }
    }

    private static void WriteHash(RdbWriter writer, HashValue hash)
    {
        writer.Count((ulong)hash.Count);
        foreach (var field in hash)
        {
            writer.String(field.Field);
            writer.String(field.Value);
        }
    }

    private static void WriteList(RdbWriter writer, ListValue list)
    {
        writer.Count((ulong)list.Count);
        foreach (var element in list)
        {
            writer.String(element);
        }
    }

    private static void WriteSet(RdbWriter writer, SetValue set)
    {
        writer.Count((ulong)set.Count);
        foreach (var member in set)
        {
            writer.String(member);
        }
    }

    /// <summary>Highest first, as Redis does: its skip list then inserts every member at the head.</summary>
    private static void WriteSortedSet(RdbWriter writer, SortedSetValue set)
    {
        writer.Count((ulong)set.Count);
        var members = set.Range(set.Count - 1, set.Count, reverse: true);
        while (members.MoveNext())
        {
            writer.String(members.Current.Member);
            writer.Double(members.Current.Score);
        }
    }

    private static byte[]? ReadString(scoped ref RdbReader reader, ReadOnlySpan<byte> key, long expireAtMs)
    {
        if (!reader.TryNext(out var text))
        {
            return null;
        }

        return IntegerText.TryParse(text, out var integer)
            ? StringEntry.Create(key, integer, expireAtMs)
            : StringEntry.Create(key, text, expireAtMs);
    }

    private static HashValue ReadHash(scoped ref RdbReader reader, ReadOnlySpan<byte> key)
    {
        var hash = new HashValue(key.ToArray());
        while (reader.TryNextField(out var field, out var value))
        {
            if (!hash.Set(field, value))
            {
                reader.Fail("a field that stands in the hash twice");
            }
        }

        if (hash.Count == 0)
        {
            reader.Fail("a hash without fields");
        }

        return hash;
    }

    private static ListValue ReadList(scoped ref RdbReader reader, ReadOnlySpan<byte> key)
    {
        var list = new ListValue(key.ToArray());
        while (reader.TryNext(out var element))
        {
            list.Insert(list.Count, element);
        }

        if (list.Count == 0)
        {
            reader.Fail("a list without elements");
        }

        return list;
    }

    private static SetValue ReadSet(scoped ref RdbReader reader, ReadOnlySpan<byte> key)
    {
        var set = new SetValue(key.ToArray());
        while (reader.TryNext(out var member))
        {
            if (!set.Add(member))
            {
                reader.Fail("a member that stands in the set twice");
            }
        }

        if (set.Count == 0)
        {
            reader.Fail("a set without members");
        }

        return set;
    }

    private static SortedSetValue ReadSortedSet(scoped ref RdbReader reader, ReadOnlySpan<byte> key)
    {
        var set = new SortedSetValue(key.ToArray());
        while (reader.TryNextMember(out var member, out var score))
        {
            if (!set.Set(member, score))
            {
                reader.Fail("a member that stands in the sorted set twice");
            }
        }

        if (set.Count == 0)
        {
            reader.Fail("a sorted set without members");
        }

        return set;
    }
}

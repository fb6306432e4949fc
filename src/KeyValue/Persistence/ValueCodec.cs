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
        _ => throw new InvalidOperationException($"No RDB form for {entry.Type}."),
    };

    /// <summary>The value without its type, key and expiry.</summary>
    public static void WriteBody(RdbWriter writer, KeyEntry entry)
    {
        if (entry.IsString)
        {
            WriteString(writer, entry);
            return;
        }

        var hash = entry.Hash!;
        writer.Count((ulong)hash.Count);
        foreach (var field in hash)
        {
            writer.String(field.Field);
            writer.String(field.Value);
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

        KeyedValue? value;
        switch (kind)
        {
            case RdbKind.String:
                return ReadString(ref reader, key, expireAtMs);
            case RdbKind.Hash:
                value = ReadHash(ref reader, key);
                break;
            default:
                reader.Fail($"a {kind}, which this server does not have yet");
                return null;
        }

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
}

using Trefoil.Primitives;
using Trefoil.Sharding;

namespace Trefoil.Migration;

/// <summary>The wire form of <see cref="MigrationMessage"/>: a kind byte, always ≥ <see cref="FirstKind"/>, then the fields. Kinds are append-only.</summary>
public static class MigrationCodec
{
    /// <summary>Messages of control and of replication, on the same transport, are below.</summary>
    public const byte FirstKind = 0xC0;

    private const byte Ack = 0xC0;
    private const byte Bytes = 0xC1;
    private const byte Frozen = 0xC2;

    /// <summary>Appends the message.</summary>
    public static void Write(ByteWriter writer, MigrationMessage message)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(message);
        switch (message)
        {
            case MigrationMessage.Ack m:
                Head(writer, Ack, m);
                writer.Varint((ulong)m.Received);
                writer.Varint((ulong)m.Held);
                break;
            case MigrationMessage.Bytes m:
                Head(writer, Bytes, m);
                writer.Varint((ulong)m.Offset);
                writer.Raw(m.Data.Span);
                break;
            case MigrationMessage.Frozen m:
                Head(writer, Frozen, m);
                writer.Varint((ulong)m.End);
                break;
            default:
                throw new ArgumentException($"No wire form for {message}.", nameof(message));
        }
    }

    /// <summary>Reads one whole message; null when malformed. Bytes of the stream stay a slice of <paramref name="bytes"/>: do not reuse it.</summary>
    public static MigrationMessage? Read(ReadOnlyMemory<byte> bytes)
    {
        var reader = new ByteReader(bytes.Span);
        MigrationMessage? message = reader.Byte() switch
        {
            Ack => new MigrationMessage.Ack(Id(ref reader), Attempt(ref reader), Offset(ref reader), Offset(ref reader)),
            Bytes => new MigrationMessage.Bytes(Id(ref reader), Attempt(ref reader), Offset(ref reader), Rest(ref reader, bytes)),
            Frozen => new MigrationMessage.Frozen(Id(ref reader), Attempt(ref reader), Offset(ref reader)),
            _ => null,
        };
        return reader.Ended ? message : null;
    }

    private static void Head(ByteWriter writer, byte kind, MigrationMessage message)
    {
        writer.Byte(kind);
        writer.Node(message.Migration.Proposer);
        writer.Varint(message.Migration.Sequence);
        writer.Varint(message.Migration.Ordinal);
        writer.Varint(message.Attempt);
    }

    private static MigrationId Id(ref ByteReader reader) => new(reader.Node(), reader.Varint(), (ushort)reader.Count(ushort.MaxValue));

    private static uint Attempt(ref ByteReader reader) => (uint)reader.Count(int.MaxValue);

    private static long Offset(ref ByteReader reader)
    {
        var value = reader.Varint();
        if (value > long.MaxValue)
        {
            reader.Fail();
            return 0;
        }

        return (long)value;
    }

    private static ReadOnlyMemory<byte> Rest(ref ByteReader reader, ReadOnlyMemory<byte> bytes)
    {
        var count = reader.Failed ? 0 : reader.Remaining;
        reader.Raw(count);
        return bytes[(bytes.Length - count)..];
    }
}

using Trefoil.Primitives;

namespace Trefoil.Replication;

/// <summary>The wire form of <see cref="ReplicaMessage"/>: a kind byte, always ≥ <see cref="FirstKind"/>, then the fields. Kinds are append-only.</summary>
public static class ReplicaCodec
{
    /// <summary>Control messages of the same transport are below.</summary>
    public const byte FirstKind = 0x80;

    private const int MaxText = 1024;
    private const byte Hello = 0x80;
    private const byte Records = 0x81;
    private const byte Heartbeat = 0x82;
    private const byte Ack = 0x83;
    private const byte SnapshotPart = 0x84;
    private const byte SnapshotAck = 0x85;
    private const byte Refused = 0x86;
    private const byte HandOverRequest = 0x87;
    private const byte HandOverAnswer = 0x88;

    /// <summary>Appends the message.</summary>
    public static void Write(ByteWriter writer, ReplicaMessage message)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(message);
        switch (message)
        {
            case ReplicaMessage.Hello m:
                Varints(writer, Hello, m.Epoch, m.Session, m.LastLsn, m.ConsistentLsn);
                m.History.Write(writer);
                break;
            case ReplicaMessage.Records m:
                Varints(writer, Records, m.Epoch, m.Session, m.From.Lsn, (ulong)m.From.Offset);
                writer.Raw(m.Bytes.Span);
                break;
            case ReplicaMessage.Heartbeat m:
                Varints(writer, Heartbeat, m.Epoch, m.Session, m.LastLsn, m.AckedLsn);
                break;
            case ReplicaMessage.Ack m:
                Varints(
                    writer, Ack, m.Epoch, m.Session, m.Next.Lsn, (ulong)m.Next.Offset, m.ReceivedLsn, m.DurableLsn, m.ConsistentLsn);
                break;
            case ReplicaMessage.SnapshotPart m:
                Varints(writer, SnapshotPart, m.Epoch, m.Session, m.Transfer, (ulong)m.Length, m.Shared, (ulong)m.Offset);
                writer.Raw(m.Bytes.Span);
                break;
            case ReplicaMessage.SnapshotAck m:
                Varints(writer, SnapshotAck, m.Epoch, m.Session, m.Transfer, (ulong)m.Offset);
                break;
            case ReplicaMessage.Refused m:
                Varints(writer, Refused, m.Epoch);
                break;
            case ReplicaMessage.HandOverRequest m:
                Varints(writer, HandOverRequest, m.Epoch, m.Token);
                break;
            case ReplicaMessage.HandOverAnswer m:
                Varints(writer, HandOverAnswer, m.Epoch, m.Token);
                writer.Bool(m.Error is not null);
                writer.Text(m.Error ?? "");
                break;
            default:
                throw new ArgumentException($"No wire form for {message}.", nameof(message));
        }
    }

    /// <summary>Reads one whole message; null when malformed. Records and snapshot parts keep a slice of <paramref name="bytes"/>: do not reuse it.</summary>
    public static ReplicaMessage? Read(ReadOnlyMemory<byte> bytes)
    {
        var reader = new ByteReader(bytes.Span);
        ReplicaMessage? message = reader.Byte() switch
        {
            Hello => new ReplicaMessage.Hello(
                reader.Varint(), reader.Varint(), reader.Varint(), reader.Varint(), EpochHistory.Read(ref reader)),
            Records => new ReplicaMessage.Records(reader.Varint(), reader.Varint(), Cursor(ref reader), Rest(ref reader, bytes)),
            Heartbeat => new ReplicaMessage.Heartbeat(reader.Varint(), reader.Varint(), reader.Varint(), reader.Varint()),
            Ack => new ReplicaMessage.Ack(
                reader.Varint(), reader.Varint(), Cursor(ref reader), reader.Varint(), reader.Varint(), reader.Varint()),
            SnapshotPart => new ReplicaMessage.SnapshotPart(
                reader.Varint(), reader.Varint(), reader.Varint(), Offset(ref reader), reader.Varint(), Offset(ref reader), Rest(ref reader, bytes)),
            SnapshotAck => new ReplicaMessage.SnapshotAck(reader.Varint(), reader.Varint(), reader.Varint(), Offset(ref reader)),
            Refused => new ReplicaMessage.Refused(reader.Varint()),
            HandOverRequest => new ReplicaMessage.HandOverRequest(reader.Varint(), reader.Varint()),
            HandOverAnswer => new ReplicaMessage.HandOverAnswer(reader.Varint(), reader.Varint(), Error(ref reader)),
            _ => null,
        };
        return reader.Ended ? message : null;
    }

    private static void Varints(ByteWriter writer, byte kind, params ReadOnlySpan<ulong> values)
    {
        writer.Byte(kind);
        foreach (var value in values)
        {
            writer.Varint(value);
        }
    }

    private static LogCursor Cursor(ref ByteReader reader) => new(reader.Varint(), reader.Count(int.MaxValue));

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

    private static string? Error(ref ByteReader reader)
    {
        var present = reader.Bool();
        var text = reader.Text(MaxText);
        return present ? text : null;
    }
}

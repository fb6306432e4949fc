using Trefoil.Assertions.Model;
using Trefoil.Primitives;

namespace Trefoil.Assertions.Records;

/// <summary>Records as bytes: in the log, in the store (key and state apart), between nodes. Equal records have equal bytes.</summary>
public static class RecordCodec
{
    /// <summary>Longest record, in bytes.</summary>
    public const int MaxBytes = RecordKey.MaxSize + HybridTime.Size + AssertionCodec.MaxBytes;

    /// <summary>Key, then state, to the end of the bytes: who stores it knows its length.</summary>
    public static void Write(ByteWriter writer, Record record)
    {
        ArgumentNullException.ThrowIfNull(record);
        record.Key.Write(writer);
        WriteState(writer, record);
    }

    /// <summary>As <see cref="Write"/>, in an array of its own.</summary>
    public static byte[] Encode(Record record)
    {
        var writer = new ByteWriter();
        Write(writer, record);
        return writer.ToArray();
    }

    /// <summary>The state alone, to the end of the bytes.</summary>
    public static void WriteState(ByteWriter writer, Record record)
    {
        ArgumentNullException.ThrowIfNull(writer);
        switch (record)
        {
            case Record.Claim claim:
                claim.Ingested.Write(writer);
                writer.Raw(claim.Body.Span);
                break;
            case Record.Signature signature:
                writer.Raw(signature.Bytes.Span);
                break;
            case Record.Vote vote:
                vote.At.Write(writer);
                writer.UInt32((uint)vote.ValuePpm);
                break;
            case Record.Retraction retraction:
                retraction.At.Write(writer);
                break;
            case Record.LifecycleEvent lifecycle:
                lifecycle.At.Write(writer);
                writer.Byte((byte)lifecycle.State);
                lifecycle.By.Write(writer);
                break;
            case Record.Redaction redaction:
                redaction.At.Write(writer);
                break;
            default:
                throw new ArgumentException($"{record?.GetType()} is no record", nameof(record));
        }
    }

    /// <summary>Reads what <see cref="Write"/> wrote, without copying: the bytes must not change any more. Null if they are no record.</summary>
    /// <remarks>It knows the form only; whether a body has its id and a signature is one, <see cref="RecordRules.Check"/> tells.</remarks>
    public static Record? TryRead(ReadOnlyMemory<byte> bytes)
    {
        var reader = new ByteReader(bytes.Span);
        var key = RecordKey.Read(ref reader);
        return reader.Failed ? null : TryReadState(key, bytes[^reader.Remaining..]);
    }

    /// <summary>Reads what <see cref="WriteState"/> wrote, without copying. Null if the bytes are no state of such a key.</summary>
    public static Record? TryReadState(RecordKey key, ReadOnlyMemory<byte> state)
    {
        if (key.Kind == RecordKind.Signature)
        {
            return state.Length == Ed25519.SignatureSize ? new Record.Signature(key.Id, key.Agent, state) : null;
        }

        var reader = new ByteReader(state.Span);
        var at = HybridTime.Read(ref reader);
        if (key.Kind == RecordKind.Assertion)
        {
            return reader.Failed || reader.Remaining > AssertionCodec.MaxBytes ? null : new Record.Claim(key.Id, at, state[HybridTime.Size..]);
        }

        Record? record = key.Kind switch
        {
            RecordKind.Vote => Vote(key, at, ref reader),
            RecordKind.Retraction => new Record.Retraction(key.Id, key.Agent, at),
            RecordKind.Lifecycle => Lifecycle(key, at, ref reader),
            RecordKind.Redaction => new Record.Redaction(key.Id, at),
            _ => null,
        };
        return reader.Ended ? record : null;
    }

    private static Record.Vote Vote(RecordKey key, HybridTime at, ref ByteReader reader)
    {
        var value = (int)reader.UInt32();
        if (value is < -Ppm.One or > Ppm.One)
        {
            reader.Fail();
        }

        return new Record.Vote(key.Id, key.Agent, value, at);
    }

    private static Record.LifecycleEvent Lifecycle(RecordKey key, HybridTime at, ref ByteReader reader)
    {
        var state = reader.Byte();
        if (state >= Lifecycles.Count)
        {
            reader.Fail();
        }

        return new Record.LifecycleEvent(key.Id, (Lifecycle)state, at, AgentKey.Read(ref reader));
    }
}

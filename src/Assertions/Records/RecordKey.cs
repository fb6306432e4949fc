using Trefoil.Assertions.Model;
using Trefoil.Primitives;

namespace Trefoil.Assertions.Records;

/// <summary>What a record is the state of. All records of one assertion are neighbours: id, then kind, then agent.</summary>
/// <param name="Id">The assertion; it need not be known yet.</param>
/// <param name="Kind">What is recorded of it.</param>
/// <param name="Agent">Whose signature, vote or retraction; zero for the other kinds, which there is one of.</param>
public readonly record struct RecordKey(AssertionId Id, RecordKind Kind, AgentKey Agent = default) : IComparable<RecordKey>
{
    /// <summary>Longest form, in bytes.</summary>
    public const int MaxSize = AssertionId.Size + 1 + AgentKey.Size;

    /// <summary>True for kinds of which each agent may have one.</summary>
    public bool HasAgent => Kind is RecordKind.Signature or RecordKind.Vote or RecordKind.Retraction;

    /// <summary>Length of this key's bytes.</summary>
    public int Size => HasAgent ? MaxSize : AssertionId.Size + 1;

    /// <summary>Writes <see cref="Size"/> bytes, whose byte order is the order of the keys; returns how many.</summary>
    public int Write(Span<byte> destination)
    {
        Id.Write(destination);
        destination[AssertionId.Size] = (byte)Kind;
        if (HasAgent)
        {
            Agent.Write(destination[(AssertionId.Size + 1)..]);
        }

        return Size;
    }

    /// <summary>Appends <see cref="Size"/> bytes.</summary>
    public void Write(ByteWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        Span<byte> bytes = stackalloc byte[MaxSize];
        writer.Raw(bytes[..Write(bytes)]);
    }

    /// <summary>Reads a key and nothing behind it; the reader fails on an unknown kind.</summary>
    public static RecordKey Read(ref ByteReader reader)
    {
        var key = new RecordKey(AssertionId.Read(ref reader), (RecordKind)reader.Byte());
        if (key.Kind is < RecordKind.Assertion or > RecordKind.Redaction)
        {
            reader.Fail();
        }

        return key.HasAgent ? key with { Agent = AgentKey.Read(ref reader) } : key;
    }

    /// <inheritdoc/>
    public int CompareTo(RecordKey other) =>
        Id != other.Id ? Id.CompareTo(other.Id)
        : Kind != other.Kind ? Kind.CompareTo(other.Kind)
        : Agent.CompareTo(other.Agent);

    public static bool operator <(RecordKey left, RecordKey right) => left.CompareTo(right) < 0;

    public static bool operator >(RecordKey left, RecordKey right) => left.CompareTo(right) > 0;

    public static bool operator <=(RecordKey left, RecordKey right) => left.CompareTo(right) <= 0;

    public static bool operator >=(RecordKey left, RecordKey right) => left.CompareTo(right) >= 0;
}

using System.Buffers.Binary;
using Trefoil.Primitives;

namespace Trefoil.Sharding;

/// <summary>Names one migration for ever: the command that began it, and which of the command's parts it was.</summary>
/// <param name="Proposer">The node that asked.</param>
/// <param name="Sequence">The number of its request.</param>
/// <param name="Ordinal">Which part, from 0.</param>
public readonly record struct MigrationId(NodeId Proposer, ulong Sequence, ushort Ordinal) : IComparable<MigrationId>
{
    /// <summary>By proposer, request and part; says nothing about time.</summary>
    public int CompareTo(MigrationId other) =>
        Proposer.CompareTo(other.Proposer) is var first and not 0 ? first
        : Sequence != other.Sequence ? Sequence.CompareTo(other.Sequence) : Ordinal.CompareTo(other.Ordinal);

    public static bool operator <(MigrationId left, MigrationId right) => left.CompareTo(right) < 0;

    public static bool operator >(MigrationId left, MigrationId right) => left.CompareTo(right) > 0;

    public static bool operator <=(MigrationId left, MigrationId right) => left.CompareTo(right) <= 0;

    public static bool operator >=(MigrationId left, MigrationId right) => left.CompareTo(right) >= 0;

    /// <summary>The 40 hex digits that clients see, as Valkey's job names have: the head of the BLAKE3 of the three.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[NodeId.Size + sizeof(ulong) + sizeof(ushort)];
        Proposer.Write(bytes);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[NodeId.Size..], Sequence);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[(NodeId.Size + sizeof(ulong))..], Ordinal);
        Span<byte> name = stackalloc byte[20];
        Blake3.Hash(bytes, name);
        return Convert.ToHexStringLower(name);
    }
}

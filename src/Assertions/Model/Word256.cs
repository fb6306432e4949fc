using System.Buffers.Binary;
using System.Globalization;

namespace Trefoil.Assertions.Model;

/// <summary>32 bytes held by value and ordered as bytes: what ids and keys of agents are made of.</summary>
internal readonly record struct Word256(ulong A, ulong B, ulong C, ulong D) : IComparable<Word256>
{
    public const int Size = 32;

    /// <summary>Reads the first <see cref="Size"/> bytes.</summary>
    public static Word256 Read(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadUInt64BigEndian(bytes),
        BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]),
        BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]),
        BinaryPrimitives.ReadUInt64BigEndian(bytes[24..]));

    public static bool TryParse(ReadOnlySpan<char> hex, out Word256 word)
    {
        word = default;
        Span<byte> bytes = stackalloc byte[Size];
        if (hex.Length != 2 * Size || Convert.FromHexString(hex, bytes, out _, out _) != System.Buffers.OperationStatus.Done)
        {
            return false;
        }

        word = Read(bytes);
        return true;
    }

    public static bool TryParse(ReadOnlySpan<byte> hex, out Word256 word)
    {
        word = default;
        Span<byte> bytes = stackalloc byte[Size];
        if (hex.Length != 2 * Size || Convert.FromHexString(hex, bytes, out _, out _) != System.Buffers.OperationStatus.Done)
        {
            return false;
        }

        word = Read(bytes);
        return true;
    }

    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, A);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], B);
        BinaryPrimitives.WriteUInt64BigEndian(destination[16..], C);
        BinaryPrimitives.WriteUInt64BigEndian(destination[24..], D);
    }

    public int CompareTo(Word256 other) =>
        A != other.A ? A.CompareTo(other.A)
        : B != other.B ? B.CompareTo(other.B)
        : C != other.C ? C.CompareTo(other.C)
        : D.CompareTo(other.D);

    /// <summary>The first 32 bits: ids are hashes already, and the value must not depend on the process.</summary>
    public override int GetHashCode() => (int)(A ^ (A >> 32));

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{A:x16}{B:x16}{C:x16}{D:x16}");
}

using System.Buffers.Binary;

namespace Trefoil.Primitives;

/// <summary>The random identity of one cluster, the first entry of its log; checked on every packet and call.</summary>
public readonly record struct ClusterId(ulong High, ulong Low)
{
    /// <summary>Length on the wire and on disk, in bytes.</summary>
    public const int Size = 16;

    /// <summary>No cluster.</summary>
    public static readonly ClusterId None;

    /// <summary>True for <see cref="None"/>.</summary>
    public bool IsNone => High == 0 && Low == 0;

    /// <summary>Draws a fresh id, never <see cref="None"/>.</summary>
    public static ClusterId Draw(Prng random)
    {
        ArgumentNullException.ThrowIfNull(random);
        return new ClusterId(random.Next() | 1, random.Next());
    }

    /// <summary>Reads an id from exactly <see cref="Size"/> bytes.</summary>
    public static ClusterId Read(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]));

    /// <summary>Writes <see cref="Size"/> bytes.</summary>
    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, High);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], Low);
    }

    /// <summary>32 lower-case hex digits.</summary>
    public override string ToString() => $"{High:x16}{Low:x16}";
}

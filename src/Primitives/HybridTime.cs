namespace Trefoil.Primitives;

/// <summary>One reading of a <see cref="HybridClock"/>: totally ordered by physical time, counter, node.</summary>
/// <param name="PhysicalMs">Milliseconds since 1970, 48 bits.</param>
/// <param name="Counter">Orders the readings of one millisecond.</param>
/// <param name="Node">Who read it; breaks ties between nodes.</param>
public readonly record struct HybridTime(long PhysicalMs, ushort Counter, NodeId Node) : IComparable<HybridTime>
{
    /// <summary>Length on the wire and on disk, in bytes.</summary>
    public const int Size = 8 + NodeId.Size;

    /// <summary>The largest physical time: the year 10889.</summary>
    public const long MaxPhysicalMs = (1L << 48) - 1;

    /// <summary>Physical time and counter in one number, which orders the readings of one node.</summary>
    public ulong Packed => ((ulong)PhysicalMs << 16) | Counter;

    /// <summary>The reading that <see cref="Packed"/> came from.</summary>
    public static HybridTime Unpack(ulong packed, NodeId node) => new((long)(packed >> 16), (ushort)packed, node);

    /// <summary>Writes <see cref="Size"/> bytes, whose byte order is the order of the readings.</summary>
    public void Write(ByteWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        Span<byte> packed = stackalloc byte[8];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(packed, Packed);
        writer.Raw(packed);
        writer.Node(Node);
    }

    /// <summary>Reads what <see cref="Write"/> wrote; any <see cref="Size"/> bytes are a reading.</summary>
    public static HybridTime Read(ref ByteReader reader)
    {
        var packed = reader.Raw(8);
        var value = packed.Length == 8 ? System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(packed) : 0;
        return Unpack(value, reader.Node());
    }

    /// <inheritdoc/>
    public int CompareTo(HybridTime other) => Packed != other.Packed ? Packed.CompareTo(other.Packed) : Node.CompareTo(other.Node);

    public static bool operator <(HybridTime left, HybridTime right) => left.CompareTo(right) < 0;

    public static bool operator >(HybridTime left, HybridTime right) => left.CompareTo(right) > 0;

    public static bool operator <=(HybridTime left, HybridTime right) => left.CompareTo(right) <= 0;

    public static bool operator >=(HybridTime left, HybridTime right) => left.CompareTo(right) >= 0;
}

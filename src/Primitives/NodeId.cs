using System.Buffers.Binary;

namespace Trefoil.Primitives;

/// <summary>A node's identity: 16 random bytes drawn once, on an empty data directory, and kept for ever.</summary>
/// <remarks>Ordered as a 128-bit big-endian number, so "the smaller id" means the same on every node.</remarks>
public readonly record struct NodeId(ulong High, ulong Low) : IComparable<NodeId>
{
    /// <summary>Length on the wire and on disk, in bytes.</summary>
    public const int Size = 16;

    /// <summary>No node; never drawn by <see cref="Draw"/>.</summary>
    public static readonly NodeId None;

    /// <summary>True for <see cref="None"/>.</summary>
    public bool IsNone => High == 0 && Low == 0;

    /// <summary>Draws a fresh id. Two draws of one generator never return <see cref="None"/>.</summary>
    public static NodeId Draw(Prng random)
    {
        ArgumentNullException.ThrowIfNull(random);
        return new NodeId(random.Next() | 1, random.Next());
    }

    /// <summary>Reads an id from exactly <see cref="Size"/> bytes.</summary>
    public static NodeId Read(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]));

    /// <summary>Parses the 32 hex digits of <see cref="ToString"/>; false when malformed.</summary>
    public static bool TryParse(ReadOnlySpan<char> hex, out NodeId id)
    {
        id = None;
        if (hex.Length != 32
            || !ulong.TryParse(hex[..16], System.Globalization.NumberStyles.AllowHexSpecifier, null, out var high)
            || !ulong.TryParse(hex[16..], System.Globalization.NumberStyles.AllowHexSpecifier, null, out var low))
        {
            return false;
        }

        id = new NodeId(high, low);
        return true;
    }

    /// <summary>Writes <see cref="Size"/> bytes.</summary>
    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, High);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], Low);
    }

    /// <inheritdoc/>
    public int CompareTo(NodeId other) => High != other.High ? High.CompareTo(other.High) : Low.CompareTo(other.Low);

    /// <summary>32 lower-case hex digits.</summary>
    public override string ToString() => $"{High:x16}{Low:x16}";

    public static bool operator <(NodeId left, NodeId right) => left.CompareTo(right) < 0;

    public static bool operator >(NodeId left, NodeId right) => left.CompareTo(right) > 0;

    public static bool operator <=(NodeId left, NodeId right) => left.CompareTo(right) <= 0;

    public static bool operator >=(NodeId left, NodeId right) => left.CompareTo(right) >= 0;
}

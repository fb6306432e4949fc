using System.Buffers.Binary;
using System.Text;

namespace Trefoil.Primitives;

/// <summary>Reads what <see cref="ByteWriter"/> wrote, from bytes that nobody vouches for.</summary>
/// <remarks>
/// It never throws on bad input: the first value that does not fit sets <see cref="Failed"/>, and every later read
/// returns zero or empty. A codec reads its fields straight through and looks at <see cref="Ended"/> once at the end.
/// </remarks>
public ref struct ByteReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    /// <summary>True once a value did not fit.</summary>
    public bool Failed { get; private set; }

    /// <summary>Bytes not read yet.</summary>
    public readonly int Remaining => _rest.Length;

    /// <summary>True when everything was read and nothing failed: what a complete message must end with.</summary>
    public readonly bool Ended => !Failed && _rest.IsEmpty;

    public byte Byte() => Take(1) is [var value] ? value : (byte)0;

    /// <summary>0 or 1; any other byte fails.</summary>
    public bool Bool()
    {
        var value = Byte();
        Failed |= value > 1;
        return value == 1;
    }

    public ushort UInt16() => Take(2) is { Length: 2 } s ? BinaryPrimitives.ReadUInt16LittleEndian(s) : (ushort)0;

    public uint UInt32() => Take(4) is { Length: 4 } s ? BinaryPrimitives.ReadUInt32LittleEndian(s) : 0;

    public ulong UInt64() => Take(8) is { Length: 8 } s ? BinaryPrimitives.ReadUInt64LittleEndian(s) : 0;

    /// <summary>LEB128; more than ten bytes, or bits beyond 64, fail.</summary>
    public ulong Varint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 70; shift += 7)
        {
            var next = Byte();
            if (Failed || (shift == 63 && next > 1))
            {
                break;
            }

            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        Failed = true;
        return 0;
    }

    /// <summary>A varint that must be at most <paramref name="max"/>: every count and length has a named limit.</summary>
    public int Count(int max)
    {
        var value = Varint();
        if (value > (ulong)max)
        {
            Failed = true;
            return 0;
        }

        return (int)value;
    }

    public NodeId Node() => Take(NodeId.Size) is { Length: NodeId.Size } s ? NodeId.Read(s) : NodeId.None;

    public ClusterId Cluster() => Take(ClusterId.Size) is { Length: ClusterId.Size } s ? ClusterId.Read(s) : ClusterId.None;

    /// <summary>Exactly <paramref name="count"/> bytes, or empty and failed.</summary>
    public ReadOnlySpan<byte> Raw(int count) => Take(count);

    /// <summary>A varint length of at most <paramref name="max"/>, then that many bytes.</summary>
    public ReadOnlySpan<byte> Bytes(int max) => Take(Count(max));

    /// <summary>A varint length of at most <paramref name="max"/> bytes, then UTF-8 text.</summary>
    public string Text(int max) => Encoding.UTF8.GetString(Bytes(max));

    /// <summary>Marks the input as bad: for values that parse but are out of range.</summary>
    public void Fail() => Failed = true;

    private ReadOnlySpan<byte> Take(int count)
    {
        if (Failed || count < 0 || count > _rest.Length)
        {
            Failed = true;
            return default;
        }

        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }
}

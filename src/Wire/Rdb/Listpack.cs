using System.Buffers.Binary;

namespace Trefoil.Wire.Rdb;

/// <summary>The listpack of Redis 7: <c>bytes u32, count u16, (encoding, data, length backwards)*, 0xFF</c>.</summary>
internal static class Listpack
{
    private const int HeaderBytes = 6;
    private const byte EndMark = 0xFF;

    public static bool TryOpen(ReadOnlySpan<byte> bytes, out int at, out int count)
    {
        (at, count) = (HeaderBytes, PackedReader.Unknown);
        if (bytes.Length < HeaderBytes + 1 || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != (uint)bytes.Length || bytes[^1] != EndMark)
        {
            return false;
        }

        var declared = BinaryPrimitives.ReadUInt16LittleEndian(bytes[4..]);
        count = declared == ushort.MaxValue ? PackedReader.Unknown : declared;
        return true;
    }

    public static bool TryEntry(ReadOnlySpan<byte> bytes, scoped ref int at, out ReadOnlySpan<byte> text, out long number, out bool isNumber)
    {
        text = default;
        (number, isNumber) = (0, false);
        var rest = bytes[at..^1];
        if (!TryHead(rest, out var head, out var textLength))
        {
            return false;
        }

        var size = head + textLength;
        if (textLength >= 0 && size > rest.Length)
        {
            return false;
        }

        var first = rest[0];
        isNumber = first < 0x80 || (first & 0xE0) == 0xC0 || first is >= 0xF1 and <= 0xF4;
        if (isNumber)
        {
            number = Number(rest[..(int)size]);
        }
        else
        {
            text = rest.Slice(head, (int)textLength);
        }

        var backBytes = BackwardBytes(size);
        if (backBytes > rest.Length - size || !IsBackwardLength(rest.Slice((int)size, backBytes), size))
        {
            return false;
        }

        at += (int)size + backBytes;
        return true;
    }

    /// <summary>Bytes before the text (for a number: all of them) and of the text.</summary>
    private static bool TryHead(ReadOnlySpan<byte> rest, out int head, out long text)
    {
        (head, text) = (1, 0);
        if (rest.IsEmpty)
        {
            return false;
        }

        switch (rest[0])
        {
            case < 0x80:
                return true;
            case < 0xC0:
                text = rest[0] & 0x3F;
                return true;
            case < 0xE0:
                head = 2;
                return rest.Length >= head;
            case < 0xF0:
                head = 2;
                text = rest.Length >= head ? ((rest[0] & 0x0F) << 8) | rest[1] : 0;
                return rest.Length >= head;
            case 0xF0:
                head = 5;
                text = rest.Length >= head ? BinaryPrimitives.ReadUInt32LittleEndian(rest[1..]) : 0;
                return rest.Length >= head;
            case <= 0xF4:
                head = rest[0] switch { 0xF1 => 3, 0xF2 => 4, 0xF3 => 5, _ => 9 };
                return rest.Length >= head;
            default:
                return false;
        }
    }

    private static long Number(ReadOnlySpan<byte> entry) => entry[0] switch
    {
        < 0x80 => entry[0],
        < 0xE0 => (((entry[0] & 0x1F) << 8 | entry[1]) << 19) >> 19,
        0xF1 => BinaryPrimitives.ReadInt16LittleEndian(entry[1..]),
        0xF2 => PackedIntegers.Int24(entry[1..]),
        0xF3 => BinaryPrimitives.ReadInt32LittleEndian(entry[1..]),
        _ => BinaryPrimitives.ReadInt64LittleEndian(entry[1..]),
    };

    private static int BackwardBytes(long size) => size switch
    {
        <= 127 => 1,
        < 16383 => 2,
        < 2097151 => 3,
        < 268435455 => 4,
        _ => 5,
    };

    /// <summary>Seven bits a byte, the lowest last; all bytes but the first say that more precede them.</summary>
    private static bool IsBackwardLength(ReadOnlySpan<byte> bytes, long size)
    {
        for (var i = bytes.Length - 1; i >= 0; i--, size >>= 7)
        {
            if (bytes[i] != (byte)((size & 0x7F) | (i > 0 ? 0x80L : 0)))
            {
                return false;
            }
        }

        return size == 0;
    }
}

using System.Buffers.Binary;

namespace Trefoil.Wire.Rdb;

/// <summary>The ziplist, which Redis wrote before 7.0: <c>bytes u32, offset of the last entry u32, count u16, (length of the previous, encoding, data)*, 0xFF</c>.</summary>
internal static class Ziplist
{
    private const int HeaderBytes = 10;
    private const byte EndMark = 0xFF;
    private const byte LongPrevious = 254;

    public static bool TryOpen(ReadOnlySpan<byte> bytes, out int at, out int count)
    {
        (at, count) = (HeaderBytes, PackedReader.Unknown);
        if (bytes.Length < HeaderBytes + 1 || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != (uint)bytes.Length || bytes[^1] != EndMark
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]) > (uint)bytes.Length - 1)
        {
            return false;
        }

        var declared = BinaryPrimitives.ReadUInt16LittleEndian(bytes[8..]);
        count = declared == ushort.MaxValue ? PackedReader.Unknown : declared;
        return true;
    }

    public static bool TryEntry(
        ReadOnlySpan<byte> bytes, scoped ref int at, scoped ref int previous, out ReadOnlySpan<byte> text, out long number, out bool isNumber)
    {
        text = default;
        (number, isNumber) = (0, false);
        var rest = bytes[at..^1];
        if (!TryPrevious(rest, previous, out var skip))
        {
            return false;
        }

        var entry = rest[skip..];
        if (!TryHead(entry, out var head, out var length, out isNumber) || head + length > entry.Length)
        {
            return false;
        }

        var data = entry.Slice(head, (int)length);
        if (isNumber)
        {
            number = Number(entry[0], data);
        }
        else
        {
            text = data;
        }

        previous = skip + head + (int)length;
        at += previous;
        return true;
    }

    /// <summary>The length of the entry before: one byte, or five, which may stay when the entry before shrinks.</summary>
    private static bool TryPrevious(ReadOnlySpan<byte> rest, int previous, out int skip)
    {
        skip = 1;
        if (rest.IsEmpty || rest[0] != LongPrevious)
        {
            return !rest.IsEmpty && rest[0] == previous;
        }

        skip = 5;
        return rest.Length >= skip && BinaryPrimitives.ReadUInt32LittleEndian(rest[1..]) == (uint)previous;
    }

    private static bool TryHead(ReadOnlySpan<byte> entry, out int head, out long length, out bool isNumber)
    {
        (head, length, isNumber) = (1, 0, true);
        if (entry.IsEmpty)
        {
            return false;
        }

        switch (entry[0])
        {
            case < 0x40:
                (isNumber, length) = (false, entry[0]);
                return true;
            case < 0x80:
                (isNumber, head) = (false, 2);
                length = entry.Length >= head ? ((entry[0] & 0x3F) << 8) | entry[1] : 0;
                return entry.Length >= head;
            case 0x80:
                (isNumber, head) = (false, 5);
                length = entry.Length >= head ? BinaryPrimitives.ReadUInt32BigEndian(entry[1..]) : 0;
                return entry.Length >= head;
            case 0xC0:
                length = 2;
                return true;
            case 0xD0:
                length = 4;
                return true;
            case 0xE0:
                length = 8;
                return true;
            case 0xF0:
                length = 3;
                return true;
            case 0xFE:
                length = 1;
                return true;
            default:
                return entry[0] is >= 0xF1 and <= 0xFD;
        }
    }

    private static long Number(byte encoding, ReadOnlySpan<byte> data) => encoding switch
    {
        0xC0 => BinaryPrimitives.ReadInt16LittleEndian(data),
        0xD0 => BinaryPrimitives.ReadInt32LittleEndian(data),
        0xE0 => BinaryPrimitives.ReadInt64LittleEndian(data),
        0xF0 => PackedIntegers.Int24(data),
        0xFE => (sbyte)data[0],
        _ => (encoding & 0x0F) - 1,
    };
}

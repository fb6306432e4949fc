using System.Buffers.Binary;

namespace Trefoil.Wire.Rdb;

/// <summary>The zipmap of Redis before 2.6: <c>count u8 (254: walk and see), (length, field, length, free u8, value, free bytes)*, 0xFF</c>.</summary>
internal static class Zipmap
{
    private const byte EndMark = 0xFF;
    private const byte LongLength = 254;

    public static bool TryOpen(ReadOnlySpan<byte> bytes, out int at, out int count)
    {
        at = 1;
        count = bytes.Length > 0 && bytes[0] < LongLength ? bytes[0] * 2 : PackedReader.Unknown;
        return bytes.Length >= 2 && bytes[^1] == EndMark;
    }

    public static bool TryEntry(ReadOnlySpan<byte> bytes, scoped ref int at, bool isValue, out ReadOnlySpan<byte> text)
    {
        text = default;
        var rest = bytes[at..^1];
        var head = 1;
        if (rest.IsEmpty || rest[0] == EndMark)
        {
            return false;
        }

        long length = rest[0];
        if (length == LongLength)
        {
            head = 5;
            if (rest.Length < head)
            {
                return false;
            }

            length = BinaryPrimitives.ReadUInt32LittleEndian(rest[1..]);
        }

        var free = 0;
        if (isValue)
        {
            if (rest.Length <= head)
            {
                return false;
            }

            free = rest[head++];
        }

        if (length + free > rest.Length - head)
        {
            return false;
        }

        text = rest.Slice(head, (int)length);
        at += head + (int)length + free;
        return true;
    }
}

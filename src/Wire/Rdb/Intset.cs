using System.Buffers.Binary;

namespace Trefoil.Wire.Rdb;

/// <summary>The intset: <c>width u32 (2, 4, 8), count u32, integers in ascending order</c>.</summary>
internal static class Intset
{
    private const int HeaderBytes = 8;

    public static bool TryOpen(ReadOnlySpan<byte> bytes, out int at, out int count)
    {
        (at, count) = (HeaderBytes, 0);
        if (bytes.Length < HeaderBytes)
        {
            return false;
        }

        var width = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        var declared = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
        count = (int)Math.Min(declared, int.MaxValue);
        return width is 2 or 4 or 8 && (ulong)declared * width == (ulong)(bytes.Length - HeaderBytes);
    }

    public static bool TryEntry(ReadOnlySpan<byte> bytes, scoped ref int at, out long number, out bool isNumber)
    {
        isNumber = true;
        var width = bytes[0];
        number = width switch
        {
            2 => BinaryPrimitives.ReadInt16LittleEndian(bytes[at..]),
            4 => BinaryPrimitives.ReadInt32LittleEndian(bytes[at..]),
            _ => BinaryPrimitives.ReadInt64LittleEndian(bytes[at..]),
        };
        at += width;
        return true;
    }
}

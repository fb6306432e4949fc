using System.Buffers.Text;

namespace Trefoil.Wire.Rdb;

/// <summary>First bytes of RDB's lengths: two bits of form and six of value, or one of these.</summary>
internal static class RdbLength
{
    public const byte Bits32 = 0x80;
    public const byte Bits64 = 0x81;
    public const byte Int8 = 0xC0;
    public const byte Int16 = 0xC1;
    public const byte Int32 = 0xC2;
    public const byte Compressed = 0xC3;

    /// <summary>Longest decimal form of 64 signed bits.</summary>
    public const int LongestInteger = 20;

    /// <summary>Writes <paramref name="value"/> in decimal and returns how long it is.</summary>
    public static int Format(long value, Span<byte> into)
    {
        _ = Utf8Formatter.TryFormat(value, into, out var written);
        return written;
    }
}

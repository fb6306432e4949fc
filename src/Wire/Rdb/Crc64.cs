using System.Buffers.Binary;

namespace Trefoil.Wire.Rdb;

/// <summary>CRC-64 with Jones' polynomial 0xad93d23594c935a9, reflected, initial 0: the checksum of RDB files and DUMP payloads.</summary>
/// <remarks>Eight tables take eight bytes at a step ("slicing-by-8", Kounavis and Berry 2008): 100 MB in well under 0.1 s.</remarks>
public static class Crc64
{
    private const ulong ReflectedPolynomial = 0x95ac9329ac4bc9b5;
    private static readonly ulong[] Tables = BuildTables();

    /// <summary>The checksum of <paramref name="bytes"/>; "123456789" gives 0xe9c6d914c4b8d9ca.</summary>
    public static ulong Of(ReadOnlySpan<byte> bytes) => Append(0, bytes);

    /// <summary>The checksum of what gave <paramref name="crc"/> followed by <paramref name="bytes"/>.</summary>
    public static ulong Append(ulong crc, ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<ulong> t = Tables.AsSpan(0, 8 * 256);
        while (bytes.Length >= 8)
        {
            var x = crc ^ BinaryPrimitives.ReadUInt64LittleEndian(bytes);
            crc = t[(7 * 256) + (int)(x & 0xFF)] ^ t[(6 * 256) + (int)((x >> 8) & 0xFF)]
                ^ t[(5 * 256) + (int)((x >> 16) & 0xFF)] ^ t[(4 * 256) + (int)((x >> 24) & 0xFF)]
                ^ t[(3 * 256) + (int)((x >> 32) & 0xFF)] ^ t[(2 * 256) + (int)((x >> 40) & 0xFF)]
                ^ t[256 + (int)((x >> 48) & 0xFF)] ^ t[(int)(x >> 56)];
            bytes = bytes[8..];
        }

        foreach (var b in bytes)
        {
            crc = t[(int)((crc ^ b) & 0xFF)] ^ (crc >> 8);
        }

        return crc;
    }

    private static ulong[] BuildTables()
    {
        var tables = new ulong[8 * 256];
        for (var i = 0; i < 256; i++)
        {
            var crc = (ulong)i;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? (crc >> 1) ^ ReflectedPolynomial : crc >> 1;
            }

            tables[i] = crc;
        }

        for (var i = 256; i < tables.Length; i++)
        {
            var shorter = tables[i - 256];
            tables[i] = tables[(int)(shorter & 0xFF)] ^ (shorter >> 8);
        }

        return tables;
    }
}

using System.Numerics;
using System.Runtime.InteropServices;

namespace Trefoil.Primitives;

/// <summary>CRC32C (Castagnoli), the checksum of everything on disk and between nodes; one instruction per eight bytes where there is one.</summary>
public static class Crc32C
{
    /// <summary>The checksum of <paramref name="bytes"/>; "123456789" gives 0xE3069283 without a salt.</summary>
    public static uint Of(ReadOnlySpan<byte> bytes, uint salt = 0)
    {
        var crc = ~salt;
        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (var word in words)
        {
            crc = BitOperations.Crc32C(crc, BitConverter.IsLittleEndian ? word : System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(word));
        }

        foreach (var rest in bytes[(words.Length * sizeof(ulong))..])
        {
            crc = BitOperations.Crc32C(crc, rest);
        }

        return ~crc;
    }
}

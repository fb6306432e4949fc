using System.Buffers.Binary;

namespace Trefoil.Wire.Rdb;

/// <summary>What DUMP answers and RESTORE takes: type byte and value, then the RDB version (2 bytes) and the CRC64 of all before it (8), little-endian.</summary>
public static class DumpPayload
{
    /// <summary>Bytes behind the value.</summary>
    public const int FooterBytes = 10;

    /// <summary>Completes what the writer holds (type and value, nothing else) to a payload.</summary>
    public static void Seal(RdbWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.UInt16(RdbWriter.Version);
        writer.UInt64(Crc64.Of(writer.Written));
    }

    /// <summary>The type and value of a payload; false if it is too short, of a later version, or damaged: Redis gives all three one error.</summary>
    public static bool TryOpen(ReadOnlySpan<byte> payload, out ReadOnlySpan<byte> value)
    {
        value = default;
        if (payload.Length < FooterBytes
            || BinaryPrimitives.ReadUInt16LittleEndian(payload[^FooterBytes..]) > RdbWriter.Version
            || BinaryPrimitives.ReadUInt64LittleEndian(payload[^8..]) != Crc64.Of(payload[..^8]))
        {
            return false;
        }

        value = payload[..^FooterBytes];
        return true;
    }
}

namespace Trefoil.Primitives;

/// <summary>CRC16/XMODEM (polynomial 0x1021, initial 0, not reflected): the checksum Redis Cluster hashes keys with.</summary>
public static class Crc16
{
    private static readonly ushort[] Table = BuildTable();

    /// <summary>The checksum of <paramref name="bytes"/>; "123456789" gives 0x31C3.</summary>
    public static ushort Of(ReadOnlySpan<byte> bytes)
    {
        var table = Table;
        uint crc = 0;
        foreach (var b in bytes)
        {
            crc = ((crc << 8) ^ table[((crc >> 8) ^ b) & 0xFF]) & 0xFFFF;
        }

        return (ushort)crc;
    }

    private static ushort[] BuildTable()
    {
        var table = new ushort[256];
        for (var i = 0; i < 256; i++)
        {
            var crc = i << 8;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 0x8000) != 0 ? (crc << 1) ^ 0x1021 : crc << 1;
            }

            table[i] = (ushort)crc;
        }

        return table;
    }
}

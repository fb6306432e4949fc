namespace Trefoil.Wire.Rdb;

/// <summary>The one width that .NET does not read.</summary>
internal static class PackedIntegers
{
    /// <summary>Three bytes, little-endian, signed.</summary>
    public static int Int24(ReadOnlySpan<byte> bytes) => ((bytes[0] << 8) | (bytes[1] << 16) | (bytes[2] << 24)) >> 8;
}

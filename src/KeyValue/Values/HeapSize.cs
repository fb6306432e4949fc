namespace Trefoil.KeyValue.Values;

/// <summary>What objects cost on a 64-bit heap: the unit of the byte accounting per slot.</summary>
internal static class HeapSize
{
    /// <summary>Header, type pointer, length and padding of an array.</summary>
    public const int ArrayOverhead = 24;

    public static long OfArray(int length) => (ArrayOverhead + (long)length + 7) & ~7L;
}

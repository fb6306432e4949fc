namespace Trefoil.Primitives;

/// <summary>The 16384 hash slots of Redis Cluster: which one a key belongs to.</summary>
public static class HashSlot
{
    /// <summary>Number of slots.</summary>
    public const int Count = 16384;

    /// <summary>The slot (0..16383) of <paramref name="key"/>: CRC16 of its hash tag if it has one, else of the whole key.</summary>
    /// <remarks>A tag is what stands between the first <c>{</c> and the first <c>}</c> after it, if that is not empty.</remarks>
    public static int Of(ReadOnlySpan<byte> key) => Crc16.Of(Tag(key)) & (Count - 1);

    private static ReadOnlySpan<byte> Tag(ReadOnlySpan<byte> key)
    {
        var open = key.IndexOf((byte)'{');
        if (open < 0)
        {
            return key;
        }

        var length = key[(open + 1)..].IndexOf((byte)'}');
        return length <= 0 ? key : key.Slice(open + 1, length);
    }
}

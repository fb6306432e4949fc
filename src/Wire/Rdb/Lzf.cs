namespace Trefoil.Wire.Rdb;

/// <summary>LibLZF's format (Marc Lehmann), read only: literal runs of up to 32 bytes and copies of up to 264 from at most 8 KiB back.</summary>
internal static class Lzf
{
    /// <summary>A copy of three bytes gives at most 264: no honest text expands further than this.</summary>
    public const int MaxExpansion = 88;

    /// <summary>Fills <paramref name="into"/> exactly; false if the bytes are malformed or give another length.</summary>
    public static bool TryExpand(ReadOnlySpan<byte> packed, Span<byte> into)
    {
        int from = 0, to = 0;
        while (from < packed.Length)
        {
            int control = packed[from++];
            if (control < 32)
            {
                var count = control + 1;
                if (count > packed.Length - from || count > into.Length - to)
                {
                    return false;
                }

                packed.Slice(from, count).CopyTo(into[to..]);
                from += count;
                to += count;
                continue;
            }

            var length = control >> 5;
            if (length == 7)
            {
                if (from >= packed.Length)
                {
                    return false;
                }

                length += packed[from++];
            }

            if (from >= packed.Length)
            {
                return false;
            }

            var back = ((control & 0x1F) << 8) + packed[from++] + 1;
            length += 2;
            if (back > to || length > into.Length - to)
            {
                return false;
            }

            // The ranges may overlap: a run repeats itself, so byte by byte.
            for (var end = to + length; to < end; to++)
            {
                into[to] = into[to - back];
            }
        }

        return to == into.Length;
    }
}

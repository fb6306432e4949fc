namespace Trefoil.KeyValue.Commands.Data;

/// <summary>The part of a string that BITCOUNT and BITPOS look at, in bits: first, and behind the last.</summary>
internal readonly record struct BitRange(long First, long End)
{
    public bool IsEmpty => First >= End;

    /// <summary>
    /// From both ends inclusive, in bytes or bits, where negative ones count from the end of <paramref name="length"/> bytes. As Redis does, what
    /// lies before the beginning is the beginning, for the last position too.
    /// </summary>
    public static BitRange Of(long first, long last, int length, bool inBits)
    {
        var all = inBits ? length * 8L : length;
        first = Math.Max(first < 0 ? first + all : first, 0);
        last = Math.Min(Math.Max(last < 0 ? last + all : last, 0), all - 1);
        if (first > last)
        {
            return default;
        }

        return inBits ? new BitRange(first, last + 1) : new BitRange(first * 8, (last + 1) * 8);
    }
}

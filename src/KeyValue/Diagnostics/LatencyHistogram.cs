using System.Numerics;

namespace Trefoil.KeyValue.Diagnostics;

/// <summary>How long the calls of one command took: counts per range of nanoseconds, two significant digits, up to a second.</summary>
/// <remarks>
/// The layout of an HDR histogram (Tene): ranges double in width every 128 counters, so each is at most a hundredth of its value wide.
/// Recording is an addition to one of 3072 numbers. Written by the I/O thread; readers may see it a moment late.
/// </remarks>
internal sealed class LatencyHistogram
{
    private const int HalfBits = 7;
    private const int Half = 1 << HalfBits;
    private const int SubBuckets = 2 * Half;
    private const long Highest = 1_000_000_000;
    private const int Buckets = 23;
    private readonly int[] _counts = new int[(Buckets + 1) * Half];

    /// <summary>Recorded calls.</summary>
    public long Total { get; private set; }

    public void Record(long nanoseconds)
    {
        _counts[IndexOf((ulong)Math.Clamp(nanoseconds, 1, Highest))]++;
        Total++;
    }

    /// <summary>The upper end, in nanoseconds, of the range below which this part (0..100) of the calls stayed.</summary>
    public long Percentile(double percentile)
    {
        var wanted = Math.Max(1, (long)((Math.Min(percentile, 100) / 100 * Total) + 0.5));
        var seen = 0L;
        for (var i = 0; i < _counts.Length; i++)
        {
            seen += _counts[i];
            if (seen >= wanted)
            {
                return UpperEnd(i);
            }
        }

        return 0;
    }

    /// <summary>Cumulative counts at doubling times from 1 µs: (microseconds, calls up to then), only where something was added.</summary>
    public IEnumerable<(long Micros, long Calls)> Doubling()
    {
        var (seen, told) = (0L, 0L);
        var level = 1024UL;
        for (var i = 0; i < _counts.Length && told < Total; i++)
        {
            seen += _counts[i];
            if (i < IndexOf(level))
            {
                continue;
            }

            if (seen > told)
            {
                yield return (UpperEnd(i) / 1000, seen);
                told = seen;
            }

            level *= 2;
        }
    }

    private static int IndexOf(ulong value)
    {
        var bucket = 64 - BitOperations.LeadingZeroCount(value | (SubBuckets - 1)) - (HalfBits + 1);
        return ((bucket + 1) << HalfBits) + (int)(value >> bucket) - Half;
    }

    private static long UpperEnd(int index)
    {
        var bucket = Math.Max(0, (index >> HalfBits) - 1);
        var position = index < SubBuckets ? index : (index & (Half - 1)) + Half;
        return ((position + 1L) << bucket) - 1;
    }
}

using Trefoil.Sharding;

namespace Trefoil.KeyValue.SlotMigration;

/// <summary>Ranges of slots, one slot after the other.</summary>
internal static class SlotRanges
{
    public static IEnumerable<int> Slots(this IReadOnlyList<SlotRange> ranges)
    {
        foreach (var range in ranges)
        {
            for (var slot = range.Start; slot <= range.End; slot++)
            {
                yield return slot;
            }
        }
    }

    /// <summary>Whether <paramref name="slot"/> is in one of them, which ascend. O(log ranges).</summary>
    public static bool Contains(this IReadOnlyList<SlotRange> ranges, int slot)
    {
        var (low, high) = (0, ranges.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            if (slot < ranges[middle].Start)
            {
                high = middle - 1;
            }
            else if (slot > ranges[middle].End)
            {
                low = middle + 1;
            }
            else
            {
                return true;
            }
        }

        return false;
    }
}

using System.Globalization;
using Trefoil.Primitives;
using Trefoil.Sharding;

namespace Trefoil.Cli.Cluster.Picture;

/// <summary>Sets of slots as ascending ranges that do not touch. Pure.</summary>
internal static class SlotRanges
{
    public static int Count(IEnumerable<SlotRange> ranges) => ranges.Sum(range => range.Count);

    /// <summary><c>0-5 7 9-11</c>; "-" for none.</summary>
    public static string Show(IReadOnlyList<SlotRange> ranges) => ranges.Count == 0 ? "-" : string.Join(' ', ranges);

    /// <summary>As <see cref="Show(IReadOnlyList{SlotRange})"/>, cut after <paramref name="most"/> ranges.</summary>
    public static string Show(IReadOnlyList<SlotRange> ranges, int most) =>
        ranges.Count <= most ? Show(ranges) : $"{Show([.. ranges.Take(most)])} and {ranges.Count - most} more ranges";

    /// <summary>Reads <c>7</c> or <c>0-5</c>; null if it is neither, or not a range of slots.</summary>
    public static SlotRange? ReadOne(string text)
    {
        var ends = text.Split('-');
        return ends.Length is 1 or 2
            && int.TryParse(ends[0], NumberStyles.None, CultureInfo.InvariantCulture, out var start)
            && int.TryParse(ends[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var end)
            && new SlotRange(start, end) is { IsValid: true } range
            ? range
            : null;
    }

    /// <summary>Sorts, merges what overlaps or touches.</summary>
    public static IReadOnlyList<SlotRange> Normal(IEnumerable<SlotRange> ranges)
    {
        var normal = new List<SlotRange>();
        foreach (var range in ranges.OrderBy(range => range.Start))
        {
            if (normal.Count > 0 && normal[^1].End + 1 >= range.Start)
            {
                normal[^1] = normal[^1] with { End = Math.Max(normal[^1].End, range.End) };
            }
            else
            {
                normal.Add(range);
            }
        }

        return normal;
    }

    /// <summary>What is in <paramref name="from"/> and not in <paramref name="without"/>.</summary>
    public static IReadOnlyList<SlotRange> Except(IReadOnlyList<SlotRange> from, IReadOnlyList<SlotRange> without)
    {
        var left = new List<SlotRange>();
        foreach (var range in from)
        {
            var start = range.Start;
            foreach (var hole in without.Where(hole => hole.End >= range.Start && hole.Start <= range.End))
            {
                if (hole.Start > start)
                {
                    left.Add(new SlotRange(start, hole.Start - 1));
                }

                start = Math.Max(start, hole.End + 1);
            }

            if (start <= range.End)
            {
                left.Add(range with { Start = start });
            }
        }

        return left;
    }

    /// <summary>What is in both.</summary>
    public static IReadOnlyList<SlotRange> Common(IReadOnlyList<SlotRange> one, IReadOnlyList<SlotRange> other) => Except(one, Except(one, other));

    /// <summary>Slots that are in none of them.</summary>
    public static IReadOnlyList<SlotRange> Missing(IEnumerable<SlotRange> ranges) => Except([SlotRange.All], Normal(ranges));

    /// <summary>The first <paramref name="count"/> slots, or all if there are fewer, and the rest.</summary>
    public static (IReadOnlyList<SlotRange> Taken, IReadOnlyList<SlotRange> Left) TakeFirst(IReadOnlyList<SlotRange> ranges, int count)
    {
        var taken = new List<SlotRange>();
        foreach (var range in ranges)
        {
            var here = Math.Min(count, range.Count);
            if (here > 0)
            {
                taken.Add(new SlotRange(range.Start, range.Start + here - 1));
                count -= here;
            }
        }

        return (taken, Except(ranges, taken));
    }

    /// <summary>The last <paramref name="count"/> slots, or all if there are fewer, and the rest.</summary>
    public static (IReadOnlyList<SlotRange> Taken, IReadOnlyList<SlotRange> Left) TakeLast(IReadOnlyList<SlotRange> ranges, int count)
    {
        var (left, taken) = TakeFirst(ranges, Math.Max(0, Count(ranges) - count));
        return (taken, left);
    }

    /// <summary>Arguments of CLUSTER verbs that want start and end in pairs.</summary>
    public static IEnumerable<string> Arguments(IEnumerable<SlotRange> ranges) =>
        ranges.SelectMany(range => new[] { range.Start, range.End }).Select(slot => slot.ToString(CultureInfo.InvariantCulture));

    /// <summary>Reads <c>0-99,200</c>, blanks allowed too; the text says what is wrong.</summary>
    public static (IReadOnlyList<SlotRange>? Ranges, string? Problem) Read(string text)
    {
        var ranges = new List<SlotRange>();
        foreach (var word in text.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries))
        {
            if (ReadOne(word) is not { } range)
            {
                return (null, $"'{word}' is no slot and no range of slots (0 to {HashSlot.Count - 1}, as in 0-99,200)");
            }

            if (ranges.FindIndex(other => other.Start <= range.End && range.Start <= other.End) is var twice and >= 0)
            {
                return (null, $"{ranges[twice]} and {range} overlap: name each slot once");
            }

            ranges.Add(range);
        }

        return ranges.Count == 0 ? (null, "no slots are named") : (Normal(ranges), null);
    }
}

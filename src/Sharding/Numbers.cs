namespace Trefoil.Sharding;

/// <summary>Lists of numbers as people write them: <c>shards 3-5, 9 have</c>.</summary>
internal static class Numbers
{
    /// <summary>The noun, the ascending <paramref name="numbers"/> with runs joined, and has or have.</summary>
    public static string Plural(string noun, IReadOnlyList<int> numbers)
    {
        var runs = new List<SlotRange>();
        foreach (var number in numbers)
        {
            if (runs.Count > 0 && runs[^1].End + 1 == number)
            {
                runs[^1] = runs[^1] with { End = number };
            }
            else
            {
                runs.Add(new SlotRange(number, number));
            }
        }

        return numbers.Count == 1 ? $"{noun} {runs[0]} has" : $"{noun}s {string.Join(", ", runs)} have";
    }
}

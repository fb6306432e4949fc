namespace Trefoil.Cli.Cluster.Planning;

/// <summary>Divides a number of slots. Pure.</summary>
internal static class Shares
{
    /// <summary>Whole numbers in proportion to the weights, each less than one away from its exact share; they add up to <paramref name="total"/>.</summary>
    /// <param name="total">What is divided.</param>
    /// <param name="weights">None below 0; 0 gets nothing.</param>
    /// <param name="has">What each has now: who has more than its share, rounded down, keeps one slot that is left over before others get it.</param>
    public static IReadOnlyList<int> Proportional(int total, IReadOnlyList<double> weights, IReadOnlyList<int> has)
    {
        var sum = weights.Sum();
        if (sum <= 0)
        {
            return [.. weights.Select(_ => 0)];
        }

        var exact = weights.Select(weight => total * weight / sum).ToList();
        var shares = exact.Select(share => (int)Math.Floor(share)).ToArray();
        var order = Enumerable.Range(0, shares.Length).Where(i => weights[i] > 0)
            .OrderByDescending(i => has[i] > shares[i]).ThenByDescending(i => exact[i] - shares[i]).ThenBy(i => i).ToList();
        var left = total - shares.Sum();
        for (var i = 0; i < left; i++)
        {
            shares[order[i % order.Count]]++;
        }

        return shares;
    }

    /// <summary>Gives out <paramref name="more"/>, one by one, always to who has least; returns what each has then.</summary>
    public static IReadOnlyList<int> FillLowest(IReadOnlyList<int> has, int more)
    {
        var filled = has.ToArray();
        var lowest = new PriorityQueue<int, (int Count, int Index)>(has.Select((count, i) => (i, (count, i))));
        for (; more > 0 && lowest.Count > 0; more--)
        {
            var i = lowest.Dequeue();
            filled[i]++;
            lowest.Enqueue(i, (filled[i], i));
        }

        return filled;
    }
}

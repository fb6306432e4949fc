using Trefoil.Cli.Cluster.Picture;
using Trefoil.Sharding;

namespace Trefoil.Cli.Cluster.Planning;

/// <summary>Who gives which slots to whom. Pure, and the same for the same input.</summary>
internal static class MovePlan
{
    /// <summary>Makes each holder have its target number of slots; moves no slot twice and none without need.</summary>
    /// <param name="holders">All primaries that take part.</param>
    /// <param name="targets">One number per holder; their sum is that of the holders' slots.</param>
    public static IReadOnlyList<Move> ToCounts(IReadOnlyList<Holder> holders, IReadOnlyList<int> targets)
    {
        var moves = new List<Move>();
        var wants = holders.Zip(targets, (holder, target) => (holder.Id, Lacks: target - holder.Count)).Where(want => want.Lacks > 0).ToList();
        var next = 0;
        for (var i = 0; i < holders.Count; i++)
        {
            // The last slots: a primary that began with one range keeps one, however often it gives.
            var (give, _) = SlotRanges.TakeLast(holders[i].Ranges, Math.Max(0, holders[i].Count - targets[i]));
            while (give.Count > 0 && next < wants.Count)
            {
                var (taken, left) = SlotRanges.TakeFirst(give, wants[next].Lacks);
                moves.Add(new Move(holders[i].Id, wants[next].Id, taken));
                give = left;
                wants[next] = wants[next] with { Lacks = wants[next].Lacks - SlotRanges.Count(taken) };
                next += wants[next].Lacks == 0 ? 1 : 0;
            }
        }

        return moves;
    }

    /// <summary>Takes <paramref name="count"/> slots from the sources in proportion to what they have.</summary>
    public static IReadOnlyList<Move> Reshard(IReadOnlyList<Holder> sources, string target, int count)
    {
        var shares = Shares.Proportional(Math.Min(count, sources.Sum(source => source.Count)), [.. sources.Select(source => (double)source.Count)], [.. sources.Select(source => source.Count)]);
        return
        [
            .. sources.Zip(shares, (source, share) => new Move(source.Id, target, SlotRanges.TakeLast(source.Ranges, share).Taken))
                .Where(move => move.Ranges.Count > 0),
        ];
    }

    /// <summary>Named slots, each from its present owner; those that the target has already stay out.</summary>
    public static IReadOnlyList<Move> ReshardRanges(IReadOnlyList<Holder> holders, string target, IReadOnlyList<SlotRange> ranges) =>
    [
        .. holders.Where(holder => holder.Id != target).Select(holder => new Move(holder.Id, target, SlotRanges.Common(holder.Ranges, ranges)))
            .Where(move => move.Ranges.Count > 0),
    ];

    /// <summary>Levels the holders by weight. Nothing moves while nobody is further than <paramref name="threshold"/> percent from its share.</summary>
    public static IReadOnlyList<Move> Rebalance(IReadOnlyList<Holder> holders, IReadOnlyList<double> weights, double threshold)
    {
        var total = holders.Sum(holder => holder.Count);
        var sum = weights.Sum();
        if (sum <= 0 || holders.Zip(weights).All(pair => IsLevel(pair.First.Count, total * pair.Second / sum, threshold)))
        {
            return [];
        }

        return ToCounts(holders, Shares.Proportional(total, weights, [.. holders.Select(holder => holder.Count)]));
    }

    /// <summary>Empties one holder into the others, the one with the fewest slots first, so that they end as level as they can without giving any.</summary>
    public static IReadOnlyList<Move> Drain(Holder leaving, IReadOnlyList<Holder> receivers)
    {
        var filled = Shares.FillLowest([.. receivers.Select(receiver => receiver.Count)], leaving.Count);
        var moves = new List<Move>();
        var left = leaving.Ranges;
        for (var i = 0; i < receivers.Count; i++)
        {
            (var taken, left) = SlotRanges.TakeFirst(left, filled[i] - receivers[i].Count);
            if (taken.Count > 0)
            {
                moves.Add(new Move(leaving.Id, receivers[i].Id, taken));
            }
        }

        return moves;
    }

    /// <summary>Cuts moves into pieces of at most <paramref name="most"/> slots: what a failure makes begin again.</summary>
    public static IReadOnlyList<Move> Jobs(IReadOnlyList<Move> moves, int most)
    {
        var jobs = new List<Move>();
        foreach (var move in moves)
        {
            for (var left = move.Ranges; left.Count > 0;)
            {
                (var taken, left) = SlotRanges.TakeFirst(left, most);
                jobs.Add(move with { Ranges = taken });
            }
        }

        return jobs;
    }

    private static bool IsLevel(int count, double ideal, double threshold) =>
        ideal == 0 ? count == 0 : Math.Abs(count - ideal) <= Math.Max(1, ideal * threshold / 100);
}

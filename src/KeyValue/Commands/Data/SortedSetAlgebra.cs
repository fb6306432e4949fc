using Trefoil.KeyValue.Values;

namespace Trefoil.KeyValue.Commands.Data;

/// <summary>Intersection, union and difference of sorted sets (and sets), answered, counted or stored.</summary>
internal static class SortedSetAlgebra
{
    private enum Operation
    {
        Union,
        Intersection,
        Difference,
    }

    private enum Aggregate
    {
        Sum,
        Min,
        Max,
    }

    public static void ZUnion(CommandContext context) => Answer(context, Operation.Union);

    public static void ZInter(CommandContext context) => Answer(context, Operation.Intersection);

    public static void ZDiff(CommandContext context) => Answer(context, Operation.Difference);

    public static void ZUnionStore(CommandContext context) => Store(context, Operation.Union);

    public static void ZInterStore(CommandContext context) => Store(context, Operation.Intersection);

    public static void ZDiffStore(CommandContext context) => Store(context, Operation.Difference);

    public static void ZInterCard(CommandContext context)
    {
        if (!TrySources(context, 1, out var sources))
        {
            return;
        }

        long limit = 0;
        for (var i = 2 + sources.Length; i < context.Count; i += 2)
        {
            if (!context.Is(i, "LIMIT"u8) || i + 1 == context.Count)
            {
                context.SyntaxError();
                return;
            }

            if (!context.TryInteger(i + 1, 0, out limit, DataErrors.NegativeLimit))
            {
                return;
            }
        }

        var count = 0L;
        Intersect(sources, Aggregate.Sum, (_, _) => ++count != limit);
        context.Reply.Integer(count);
    }

    private static void Answer(CommandContext context, Operation operation)
    {
        if (!TrySources(context, 1, out var sources) || !TryOptions(context, 1, operation, sources, out var aggregate, out var withScores))
        {
            return;
        }

        var order = Run(operation, sources, aggregate).Order;
        var nested = context.Reply.Protocol == 3;
        context.Reply.Array(withScores && !nested ? 2 * order.Count : order.Count);
        if (order.Count == 0)
        {
            return;
        }

        var leaf = order.Leaf(0, out var position);
        foreach (var member in new ScoreRange(leaf, position, order.Count, reverse: false))
        {
            context.Reply.Member(member.Member, member.Score, withScores, nested);
        }
    }

    private static void Store(CommandContext context, Operation operation)
    {
        if (!TrySources(context, 2, out var sources) || !TryOptions(context, 2, operation, sources, out var aggregate, out _))
        {
            return;
        }

        var result = Run(operation, sources, aggregate);
        context.Table().Remove(context[1], context.NowMs);
        SortedSetValue? stored = null;
        var members = new List<ScoredMember>(result.Count);
        result.Collect(0, int.MaxValue, members);
        foreach (var (member, score) in members)
        {
            context.Table().SetScore(context[1], ref stored, member, score);
        }

        context.Reply.Integer(members.Count);
    }

    private static IndexedScores Run(Operation operation, ScoreSource[] sources, Aggregate aggregate)
    {
        var result = new IndexedScores();
        switch (operation)
        {
            case Operation.Union:
                Unite(BySize(sources), aggregate, result);
                break;
            case Operation.Intersection:
                Intersect(sources, aggregate, (member, score) =>
                {
                    result.Set(member, score);
                    return true;
                });
                break;
            default:
                sources[0].Visit((member, score) =>
                {
                    if (!IsInAny(sources.AsSpan(1), member))
                    {
                        result.Set(member, score);
                    }

                    return true;
                });
                break;
        }

        return result;
    }

    private static void Unite(ScoreSource[] sources, Aggregate aggregate, IndexedScores result)
    {
        foreach (var source in sources)
        {
            source.Visit((member, score) =>
            {
                score = Weighted(score, source.Weight);
                result.Set(member, result.TryGet(member, out var before) ? Combine(before, score, aggregate) : score);
                return true;
            });
        }
    }

    /// <summary>Walks the smallest input and asks the others, in ascending size: sums of doubles depend on the order.</summary>
    private static void Intersect(ScoreSource[] sources, Aggregate aggregate, Func<ReadOnlySpan<byte>, double, bool> found)
    {
        sources = BySize(sources);
        sources[0].Visit((member, score) =>
        {
            score = Weighted(score, sources[0].Weight);
            foreach (var source in sources.AsSpan(1))
            {
                if (!source.TryGet(member, out var other))
                {
                    return true;
                }

                score = Combine(score, other * source.Weight, aggregate);
            }

            return found(member, score);
        });
    }

    private static bool IsInAny(ReadOnlySpan<ScoreSource> sources, ReadOnlySpan<byte> member)
    {
        foreach (var source in sources)
        {
            if (source.TryGet(member, out _))
            {
                return true;
            }
        }

        return false;
    }

    private static ScoreSource[] BySize(ScoreSource[] sources) => [.. sources.OrderBy(source => source.Count)];

    /// <summary>Infinity times zero counts as 0, and so does infinity minus infinity: Redis' convention.</summary>
    private static double Weighted(double score, double weight) => double.IsNaN(score * weight) ? 0 : score * weight;

    private static double Combine(double score, double other, Aggregate aggregate) => aggregate switch
    {
        Aggregate.Min => other < score ? other : score,
        Aggregate.Max => other > score ? other : score,
        _ => Weighted(score + other, 1),
    };

    private static bool TrySources(CommandContext context, int numberAt, out ScoreSource[] sources)
    {
        sources = [];
        if (!context.TryInteger(numberAt, out var number))
        {
            return false;
        }

        if (number < 1)
        {
            context.Reply.Error($"ERR at least 1 input key is needed for '{context.Command.Name}' command");
            return false;
        }

        if (number > context.Count - numberAt - 1)
        {
            context.SyntaxError();
            return false;
        }

        sources = new ScoreSource[number];
        for (var i = 0; i < number; i++)
        {
            var entry = context.Table().Read(context[numberAt + 1 + i], context.NowMs);
            if (entry.Exists && entry.SortedSet is null && entry.Set is null)
            {
                context.Reply.Error(DataErrors.WrongType);
                return false;
            }

            sources[i] = new ScoreSource(entry);
        }

        return true;
    }

    private static bool TryOptions(
        CommandContext context, int numberAt, Operation operation, ScoreSource[] sources, out Aggregate aggregate, out bool withScores)
    {
        (aggregate, withScores) = (Aggregate.Sum, false);
        var weighs = operation != Operation.Difference;
        for (var i = numberAt + 1 + sources.Length; i < context.Count; i++)
        {
            if (weighs && i + sources.Length < context.Count && context.Is(i, "WEIGHTS"u8))
            {
                if (!TryWeights(context, i + 1, sources))
                {
                    return false;
                }

                i += sources.Length;
            }
            else if (weighs && i + 1 < context.Count && context.Is(i, "AGGREGATE"u8) && TryAggregate(context, i + 1, ref aggregate))
            {
                i++;
            }
            else if (numberAt == 1 && context.Is(i, "WITHSCORES"u8))
            {
                withScores = true;
            }
            else
            {
                context.SyntaxError();
                return false;
            }
        }

        return true;
    }

    private static bool TryWeights(CommandContext context, int first, ScoreSource[] sources)
    {
        for (var i = 0; i < sources.Length; i++)
        {
            if (!DoubleText.TryParse(context[first + i], out var weight))
            {
                context.Reply.Error(DataErrors.WeightNotFloat);
                return false;
            }

            sources[i].Weight = weight;
        }

        return true;
    }

    private static bool TryAggregate(CommandContext context, int index, ref Aggregate aggregate)
    {
        if (context.Is(index, "SUM"u8))
        {
            aggregate = Aggregate.Sum;
            return true;
        }

        if (context.Is(index, "MIN"u8))
        {
            aggregate = Aggregate.Min;
            return true;
        }

        aggregate = Aggregate.Max;
        return context.Is(index, "MAX"u8);
    }
}

using Trefoil.KeyValue.Values;

namespace Trefoil.KeyValue.Commands.Data;

/// <summary>ZRANGE and everything that is a form of it, ZREMRANGEBY*.</summary>
internal static class SortedSetRanges
{
    public static void ZRange(CommandContext context) => Range(context, 1, null, null);

    public static void ZRangeStore(CommandContext context) => Range(context, 2, null, null);

    public static void ZRevRange(CommandContext context) => Range(context, 1, RangeKind.Rank, true);

    public static void ZRangeByScore(CommandContext context) => Range(context, 1, RangeKind.Score, false);

    public static void ZRevRangeByScore(CommandContext context) => Range(context, 1, RangeKind.Score, true);

    public static void ZRangeByLex(CommandContext context) => Range(context, 1, RangeKind.Lex, false);

    public static void ZRevRangeByLex(CommandContext context) => Range(context, 1, RangeKind.Lex, true);

    public static void ZRemRangeByRank(CommandContext context) => Remove(context, RangeKind.Rank);

    public static void ZRemRangeByScore(CommandContext context) => Remove(context, RangeKind.Score);

    public static void ZRemRangeByLex(CommandContext context) => Remove(context, RangeKind.Lex);

    /// <summary>The key to read is argument <paramref name="source"/>; kind and direction are open to options where they are null.</summary>
    private static void Range(CommandContext context, int source, RangeKind? kind, bool? reverse)
    {
        if (!TryOptions(context, source, kind, reverse, out var options))
        {
            return;
        }

        var swapped = options.Reverse && options.Kind != RangeKind.Rank;
        var (low, high) = swapped ? (source + 2, source + 1) : (source + 1, source + 2);
        if (!SortedSetBounds.TryParse(context, options.Kind, low, high, out var bounds) || !context.TryRead<SortedSetValue>(source, out var set))
        {
            return;
        }

        var (first, count) = set is null ? default : bounds.Of(set, options.Reverse);
        if (options.Kind != RangeKind.Rank)
        {
            (first, count) = Limit(first, count, options);
        }

        if (source == 2)
        {
            Store(context, set, first, count);
        }
        else
        {
            Answer(context, set, first, count, options);
        }
    }

    /// <summary>A negative offset skips everything, a negative limit means none, as in Redis.</summary>
    private static (int First, int Count) Limit(int first, int count, in Options options)
    {
        var skipped = options.Offset < 0 ? count : (int)Math.Min(options.Offset, count);
        var kept = options.Limit < 0 ? count - skipped : (int)Math.Min(options.Limit, count - skipped);
        return (options.Reverse ? first + count - skipped - kept : first + skipped, kept);
    }

    private static void Answer(CommandContext context, SortedSetValue? set, int first, int count, in Options options)
    {
        var nested = context.Reply.Protocol == 3;
        context.Reply.Array(options.WithScores && !nested ? 2 * count : count);
        if (count == 0)
        {
            return;
        }

        foreach (var member in set!.Range(options.Reverse ? first + count - 1 : first, count, options.Reverse))
        {
            context.Reply.Member(member.Member, member.Score, options.WithScores, nested);
        }
    }

    /// <summary>Copies first: what is replaced may be what is read.</summary>
    private static void Store(CommandContext context, SortedSetValue? set, int first, int count)
    {
        var members = new List<ScoredMember>(count);
        if (count > 0)
        {
            foreach (var member in set!.Range(first, count, reverse: false))
            {
                members.Add(member.Copy());
            }
        }

        context.Table().Remove(context[1], context.NowMs);
        SortedSetValue? stored = null;
        foreach (var (member, score) in members)
        {
            context.Table().SetScore(context[1], ref stored, member, score);
        }

        context.Reply.Integer(count);
    }

    private static void Remove(CommandContext context, RangeKind kind)
    {
        if (!SortedSetBounds.TryParse(context, kind, 2, 3, out var bounds) || !context.TryFind<SortedSetValue>(1, out var set))
        {
            return;
        }

        var (first, count) = set is null ? default : bounds.Of(set);
        if (count > 0)
        {
            context.Table().RemoveRanks(set!, first, count);
        }

        context.Reply.Integer(count);
    }

    private static bool TryOptions(CommandContext context, int source, RangeKind? kind, bool? reverse, out Options options)
    {
        options = new Options { Limit = -1 };
        for (var i = source + 3; i < context.Count; i++)
        {
            if (source == 1 && context.Is(i, "WITHSCORES"u8))
            {
                options.WithScores = true;
            }
            else if (context.Is(i, "LIMIT"u8) && i + 2 < context.Count)
            {
                if (!context.TryInteger(i + 1, out options.Offset) || !context.TryInteger(i + 2, out options.Limit))
                {
                    return false;
                }

                i += 2;
            }
            else if (reverse is null && context.Is(i, "REV"u8))
            {
                reverse = true;
            }
            else if (kind is null && context.Is(i, "BYLEX"u8))
            {
                kind = RangeKind.Lex;
            }
            else if (kind is null && context.Is(i, "BYSCORE"u8))
            {
                kind = RangeKind.Score;
            }
            else
            {
                context.SyntaxError();
                return false;
            }
        }

        options.Kind = kind ?? RangeKind.Rank;
        options.Reverse = reverse ?? false;
        return AreCompatible(context, options);
    }

    private static bool AreCompatible(CommandContext context, in Options options)
    {
        if (options.Limit != -1 && options.Kind == RangeKind.Rank)
        {
            context.Reply.Error(DataErrors.LimitWithoutRange);
            return false;
        }

        if (options.WithScores && options.Kind == RangeKind.Lex)
        {
            context.Reply.Error(DataErrors.ScoresWithLex);
            return false;
        }

        return true;
    }

    private struct Options
    {
        public RangeKind Kind;
        public bool Reverse;
        public bool WithScores;
        public long Offset;
        public long Limit;
    }
}

using Trefoil.KeyValue.Values;

namespace Trefoil.KeyValue.Commands.Data;

/// <summary>ZADD with all its options, ZINCRBY, ZREM.</summary>
internal static class SortedSetAdd
{
    /// <summary>Scores that need no array.</summary>
    private const int OnStack = 64;

    [Flags]
    private enum Option
    {
        None = 0,
        Nx = 1,
        Xx = 2,
        Gt = 4,
        Lt = 8,
        Ch = 16,
        Incr = 32,
    }

    public static void ZAdd(CommandContext context) => Add(context, Option.None);

    public static void ZIncrBy(CommandContext context) => Add(context, Option.Incr);

    public static void ZRem(CommandContext context)
    {
        if (!context.TryFind<SortedSetValue>(1, out var set))
        {
            return;
        }

        var removed = 0;
        for (var i = 2; i < context.Count && set is { Count: > 0 }; i++)
        {
            removed += context.Table().RemoveScore(set, context[i]) ? 1 : 0;
        }

        context.Reply.Integer(removed);
    }

    private static void Add(CommandContext context, Option options)
    {
        var first = Options(context, ref options);
        var pairs = (context.Count - first) / 2;
        var scores = pairs <= OnStack ? stackalloc double[OnStack] : new double[pairs];
        scores = scores[..pairs];
        if (!AreValid(context, options, first) || !TryScores(context, first, scores) || !context.TryFind<SortedSetValue>(1, out var set))
        {
            return;
        }

        var (added, updated) = (0, 0);
        double? last = null;
        for (var i = 0; i < scores.Length; i++)
        {
            var member = context[first + 1 + (2 * i)];
            double current = 0;
            var exists = set is not null && set.TryGet(member, out current);
            var score = exists && options.HasFlag(Option.Incr) ? scores[i] + current : scores[i];
            if (double.IsNaN(score))
            {
                context.Reply.Error(DataErrors.ScoreNotNumber);
                return;
            }

            if (!Wants(options, exists, current, score))
            {
                continue;
            }

            last = score;
            if (!exists || score != current)
            {
                context.Table().SetScore(context[1], ref set, member, score);
                added += exists ? 0 : 1;
                updated += exists ? 1 : 0;
            }
        }

        Reply(context, options, last, options.HasFlag(Option.Ch) ? added + updated : added);
    }

    private static void Reply(CommandContext context, Option options, double? score, int changed)
    {
        if (!options.HasFlag(Option.Incr))
        {
            context.Reply.Integer(changed);
        }
        else if (score is { } value)
        {
            context.Reply.Double(value);
        }
        else
        {
            context.Reply.Null();
        }
    }

    private static bool Wants(Option options, bool exists, double before, double after) => exists
        ? !options.HasFlag(Option.Nx) && !(options.HasFlag(Option.Gt) && after <= before) && !(options.HasFlag(Option.Lt) && after >= before)
        : !options.HasFlag(Option.Xx);

    /// <summary>Reads options until a word that is none; returns its position.</summary>
    private static int Options(CommandContext context, ref Option options)
    {
        for (var i = 2; i < context.Count; i++)
        {
            var option = context.Is(i, "NX"u8) ? Option.Nx
                : context.Is(i, "XX"u8) ? Option.Xx
                : context.Is(i, "GT"u8) ? Option.Gt
                : context.Is(i, "LT"u8) ? Option.Lt
                : context.Is(i, "CH"u8) ? Option.Ch
                : context.Is(i, "INCR"u8) ? Option.Incr
                : Option.None;
            if (option == Option.None)
            {
                return i;
            }

            options |= option;
        }

        return context.Count;
    }

    private static bool AreValid(CommandContext context, Option options, int first)
    {
        var left = context.Count - first;
        if (left == 0 || left % 2 == 1)
        {
            context.SyntaxError();
            return false;
        }

        if (options.HasFlag(Option.Nx | Option.Xx))
        {
            context.Reply.Error(DataErrors.AddNxAndXx);
            return false;
        }

        if (options.HasFlag(Option.Gt | Option.Nx) || options.HasFlag(Option.Lt | Option.Nx) || options.HasFlag(Option.Gt | Option.Lt))
        {
            context.Reply.Error(DataErrors.AddConditions);
            return false;
        }

        if (options.HasFlag(Option.Incr) && left > 2)
        {
            context.Reply.Error(DataErrors.AddIncrOne);
            return false;
        }

        return true;
    }

    /// <summary>All scores are read before anything changes.</summary>
    private static bool TryScores(CommandContext context, int first, Span<double> scores)
    {
        for (var i = 0; i < scores.Length; i++)
        {
            if (!DoubleText.TryParse(context[first + (2 * i)], out scores[i]))
            {
                context.Reply.Error(DataErrors.NotFloat);
                return false;
            }
        }

        return true;
    }
}

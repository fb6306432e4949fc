using Trefoil.KeyValue.Values;
using Trefoil.Wire.Resp;

namespace Trefoil.KeyValue.Commands.Data;

/// <summary>Commands that ask a sorted set about members and counts.</summary>
internal static class SortedSetReads
{
    public static void ZCard(CommandContext context)
    {
        if (context.TryRead<SortedSetValue>(1, out var set))
        {
            context.Reply.Integer(set?.Count ?? 0);
        }
    }

    public static void ZScore(CommandContext context)
    {
        if (context.TryRead<SortedSetValue>(1, out var set))
        {
            ScoreOrNull(context, set, 2);
        }
    }

    public static void ZMScore(CommandContext context)
    {
        if (!context.TryRead<SortedSetValue>(1, out var set))
        {
            return;
        }

        context.Reply.Array(context.Count - 2);
        for (var i = 2; i < context.Count; i++)
        {
            ScoreOrNull(context, set, i);
        }
    }

    public static void ZRank(CommandContext context) => Rank(context, reverse: false);

    public static void ZRevRank(CommandContext context) => Rank(context, reverse: true);

    public static void ZCount(CommandContext context) => Count(context, RangeKind.Score);

    public static void ZLexCount(CommandContext context) => Count(context, RangeKind.Lex);

    /// <summary>As in Redis an absent key answers before the options are looked at.</summary>
    public static void ZScan(CommandContext context)
    {
        if (!ScanOptions.TryCursor(context, 2, out var cursor) || !context.TryRead<SortedSetValue>(1, out var set))
        {
            return;
        }

        ScanOptions options = default;
        if (set is not null && !ScanOptions.TryParse(context, 3, allowType: false, out options))
        {
            return;
        }

        var found = new List<ScoredMember>();
        var next = set?.Scan(cursor, options.Count, found) ?? 0;
        context.Reply.Array(2);
        context.Reply.BulkInteger((long)next);
        var mark = context.Reply.Length;
        var count = 0;
        Span<byte> digits = stackalloc byte[32];
        foreach (var (member, score) in found)
        {
            if (options.Accepts(member))
            {
                context.Reply.Bulk(member);
                context.Reply.Bulk(digits[..DoubleText.Format(score, set!.IsPacked, digits)]);
                count += 2;
            }
        }

        context.Reply.ArrayAt(mark, count);
    }

    /// <summary>A member, with its score if wanted: flat in RESP2, a pair in RESP3 if <paramref name="nested"/>.</summary>
    public static void Member(this RespWriter reply, ReadOnlySpan<byte> member, double score, bool withScore, bool nested)
    {
        if (withScore && nested)
        {
            reply.Array(2);
        }

        reply.Bulk(member);
        if (withScore)
        {
            reply.Double(score);
        }
    }

    private static void ScoreOrNull(CommandContext context, SortedSetValue? set, int index)
    {
        if (set is not null && set.TryGet(context[index], out var score))
        {
            context.Reply.Double(score);
        }
        else
        {
            context.Reply.Null();
        }
    }

    private static void Rank(CommandContext context, bool reverse)
    {
        if (!context.TryRead<SortedSetValue>(1, out var set))
        {
            return;
        }

        if (set is null || !set.TryGet(context[2], out var score))
        {
            context.Reply.Null();
            return;
        }

        var rank = set.RankOf(ScoreBound.At(score, context[2]));
        context.Reply.Integer(reverse ? set.Count - 1 - rank : rank);
    }

    private static void Count(CommandContext context, RangeKind kind)
    {
        if (SortedSetBounds.TryParse(context, kind, 2, 3, out var bounds) && context.TryRead<SortedSetValue>(1, out var set))
        {
            context.Reply.Integer(set is null ? 0 : bounds.Of(set).Count);
        }
    }
}

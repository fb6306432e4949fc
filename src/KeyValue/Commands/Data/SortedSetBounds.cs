using Trefoil.KeyValue.Values;

namespace Trefoil.KeyValue.Commands.Data;

/// <summary>What the two ends of a range mean.</summary>
internal enum RangeKind
{
    Rank,
    Score,
    Lex,
}

/// <summary>Two ends of a range as a command gave them; becomes ranks of a set.</summary>
internal readonly ref struct SortedSetBounds
{
    private readonly RangeKind _kind;
    private readonly long _from;
    private readonly long _to;
    private readonly ScoreBound _low;
    private readonly ScoreBound _high;
    private readonly End _lowEnd;
    private readonly End _highEnd;

    private SortedSetBounds(long from, long to)
    {
        _kind = RangeKind.Rank;
        _from = from;
        _to = to;
    }

    private SortedSetBounds(ScoreBound low, ScoreBound high, End lowEnd = End.Here, End highEnd = End.Here)
    {
        _kind = RangeKind.Score;
        _low = low;
        _high = high;
        _lowEnd = lowEnd;
        _highEnd = highEnd;
    }

    private enum End
    {
        Here,
        First,
        Last,
    }

    /// <summary>Reads the ends at two arguments, or replies what is wrong with them.</summary>
    public static bool TryParse(CommandContext context, RangeKind kind, int low, int high, out SortedSetBounds bounds)
    {
        bounds = default;
        switch (kind)
        {
            case RangeKind.Rank:
                if (!context.TryInteger(low, out var from) || !context.TryInteger(high, out var to))
                {
                    return false;
                }

                bounds = new SortedSetBounds(from, to);
                return true;
            case RangeKind.Score:
                if (!TryScore(context[low], isLow: true, out var below) || !TryScore(context[high], isLow: false, out var above))
                {
                    context.Reply.Error(DataErrors.ScoreRange);
                    return false;
                }

                bounds = new SortedSetBounds(below, above);
                return true;
            default:
                if (!TryLex(context[low], isLow: true, out below, out var lowEnd) || !TryLex(context[high], isLow: false, out above, out var highEnd))
                {
                    context.Reply.Error(DataErrors.LexRange);
                    return false;
                }

                bounds = new SortedSetBounds(below, above, lowEnd, highEnd);
                return true;
        }
    }

    /// <summary>The first rank of the range in this set and how many there are; ranks count from the other side if <paramref name="reverse"/>.</summary>
    public (int First, int Count) Of(SortedSetValue set, bool reverse = false)
    {
        if (_kind == RangeKind.Rank)
        {
            var (start, count) = DataContext.Clip(_from, _to, set.Count);
            return (reverse ? set.Count - start - count : start, count);
        }

        var first = Rank(set, _lowEnd, _low);
        return (first, Math.Max(0, Rank(set, _highEnd, _high) - first));
    }

    private static int Rank(SortedSetValue set, End end, in ScoreBound bound) =>
        end == End.Here ? set.RankOf(bound) : end == End.First ? 0 : set.Count;

    private static bool TryScore(ReadOnlySpan<byte> text, bool isLow, out ScoreBound bound)
    {
        var excludes = !text.IsEmpty && text[0] == '(';
        var isNumber = DoubleText.TryParseBound(excludes ? text[1..] : text, out var score);
        bound = isLow == excludes ? ScoreBound.Above(score) : ScoreBound.Below(score);
        return isNumber;
    }

    private static bool TryLex(ReadOnlySpan<byte> text, bool isLow, out ScoreBound bound, out End end)
    {
        bound = default;
        end = End.Here;
        if (text.IsEmpty)
        {
            return false;
        }

        switch (text[0])
        {
            case (byte)'-' or (byte)'+' when text.Length == 1 || text[1] == 0:
                end = text[0] == '-' ? End.First : End.Last;
                return true;
            case (byte)'(' or (byte)'[':
                bound = isLow == (text[0] == '(') ? ScoreBound.Above(text[1..]) : ScoreBound.Below(text[1..]);
                return true;
            default:
                return false;
        }
    }
}

using Trefoil.KeyValue.Store;
using Trefoil.KeyValue.Values;
using Trefoil.Primitives;
using Trefoil.Wire.Resp;

namespace Trefoil.KeyValue.Commands.Data;

/// <summary>ZPOPMIN, ZPOPMAX, ZMPOP, ZRANDMEMBER.</summary>
internal static class SortedSetPops
{
    /// <summary>Below this share of the set, distinct ranks are drawn until there are enough; above, all are walked.</summary>
    private const int DrawShare = 3;

    public static void ZPopMin(CommandContext context) => Pop(context, lowest: true);

    public static void ZPopMax(CommandContext context) => Pop(context, lowest: false);

    public static void ZMPop(CommandContext context)
    {
        if (!TryManyKeys(context, 1, out var keys, out var lowest, out var count))
        {
            return;
        }

        for (var i = 2; i < 2 + keys; i++)
        {
            if (!context.TryFind<SortedSetValue>(i, out var set))
            {
                return;
            }

            if (set is not null)
            {
                var taken = (int)Math.Min(count, set.Count);
                context.Reply.Array(2);
                context.Reply.Bulk(context[i]);
                context.Reply.Array(taken);
                Take(context.Table(), context.Reply, set, taken, lowest, nested: true);
                return;
            }
        }

        context.Reply.NullArray();
    }

    /// <summary>Reads <c>numkeys key ... MIN|MAX [COUNT n]</c>.</summary>
    public static bool TryManyKeys(CommandContext context, int at, out int keys, out bool lowest, out long count)
    {
        (keys, lowest, count) = (0, false, 1);
        if (!context.TryInteger(at, 1, out var number, DataErrors.KeyNumber))
        {
            return false;
        }

        keys = (int)Math.Min(number, context.Count);
        var end = at + 1 + keys;
        lowest = end < context.Count && context.Is(end, "MIN"u8);
        if (end >= context.Count || !(lowest || context.Is(end, "MAX"u8)))
        {
            context.SyntaxError();
            return false;
        }

        return ListPops.TryCount(context, end + 1, out count);
    }

    public static void ZRandMember(CommandContext context)
    {
        long count = 0;
        if (context.Count >= 3 && !TryRandomCount(context, out count))
        {
            return;
        }

        if (!context.TryRead<SortedSetValue>(1, out var set))
        {
            return;
        }

        var random = context.Store.ForkRandom();
        if (context.Count >= 3)
        {
            Many(context, set, count, random);
        }
        else if (set is null)
        {
            context.Reply.Null();
        }
        else
        {
            context.Reply.Bulk(set.At(random.Below(set.Count)).Member);
        }
    }

    private static void Pop(CommandContext context, bool lowest)
    {
        if (context.Count > 3)
        {
            context.SyntaxError();
            return;
        }

        long count = 1;
        var many = context.Count == 3;
        if ((many && !context.TryInteger(2, 0, out count, DataErrors.NotPositive)) || !context.TryFind<SortedSetValue>(1, out var set))
        {
            return;
        }

        var nested = many && context.Reply.Protocol == 3;
        var taken = (int)Math.Min(count, set?.Count ?? 0);
        context.Reply.Array(nested ? taken : 2 * taken);
        if (taken > 0)
        {
            Take(context.Table(), context.Reply, set!, taken, lowest, nested);
        }
    }

    /// <summary>Takes members from an end and writes them with their scores; the array's head is written.</summary>
    public static void Take(SlotTable table, RespWriter reply, SortedSetValue set, int count, bool lowest, bool nested)
    {
        foreach (var member in set.Range(lowest ? 0 : set.Count - 1, count, reverse: !lowest))
        {
            reply.Member(member.Member, member.Score, withScore: true, nested);
        }

        table.RemoveRanks(set, lowest ? 0 : set.Count - count, count);
    }

    private static bool TryRandomCount(CommandContext context, out long count)
    {
        if (!context.TrySignedCount(2, out count))
        {
            return false;
        }

        if (context.Count > 4 || (context.Count == 4 && !context.Is(3, "WITHSCORES"u8)))
        {
            context.SyntaxError();
            return false;
        }

        if (context.Count == 4 && count is < -(long.MaxValue / 2) or > long.MaxValue / 2)
        {
            context.Reply.Error(DataErrors.OutOfRange);
            return false;
        }

        return true;
    }

    private static void Many(CommandContext context, SortedSetValue? set, long count, Prng random)
    {
        if (set is null || count == 0)
        {
            context.Reply.Array(0);
            return;
        }

        var withScores = context.Count == 4;
        var nested = context.Reply.Protocol == 3;
        var ranks = count < 0 ? Repeated(set.Count, -count, random) : Distinct(set.Count, count, random);
        var total = count < 0 ? (int)Math.Min(-count, int.MaxValue / 2) : (int)Math.Min(count, set.Count);
        context.Reply.Array(withScores && !nested ? 2 * total : total);
        foreach (var rank in ranks)
        {
            var member = set.At(rank);
            context.Reply.Member(member.Member, member.Score, withScores, nested);
        }
    }

    private static IEnumerable<int> Repeated(int size, long count, Prng random)
    {
        for (; count > 0; count--)
        {
            yield return random.Below(size);
        }
    }

    private static IEnumerable<int> Distinct(int size, long count, Prng random)
    {
        if (count <= size / DrawShare)
        {
            var drawn = new HashSet<int>();
            while (drawn.Count < count)
            {
                drawn.Add(random.Below(size));
            }

            return drawn;
        }

        // Selection sampling (Knuth 3.4.2 S).
        var (left, wanted) = (size, count);
        return Enumerable.Range(0, size).Where(_ => random.Below(left--) < wanted && wanted-- > 0);
    }
}

using Trefoil.KeyValue.Values;
using Trefoil.Primitives;

namespace Trefoil.KeyValue.Commands.Data;

/// <summary>SPOP and SRANDMEMBER: one member, or a number of them, distinct unless SRANDMEMBER's number is negative.</summary>
internal static class SetRandom
{
    /// <summary>Below this share of the set, distinct members are drawn until there are enough; above, all are walked.</summary>
    private const int DrawShare = 3;

    public static void SRandMember(CommandContext context)
    {
        if (context.Count > 3)
        {
            context.SyntaxError();
            return;
        }

        long count = 0;
        if ((context.Count == 3 && !context.TrySignedCount(2, out count)) || !context.TryRead<SetValue>(1, out var set))
        {
            return;
        }

        if (context.Count == 2)
        {
            BulkOrNull(context, set?.Random(context.Store.ForkRandom()));
            return;
        }

        if (set is null || count == 0)
        {
            context.Reply.Array(0);
            return;
        }

        var random = context.Store.ForkRandom();
        if (count > 0)
        {
            var members = Distinct(set, (int)Math.Min(count, set.Count), random);
            context.Reply.Array(members.Count);
            members.ForEach(member => context.Reply.Bulk(member));
            return;
        }

        var repeated = (int)Math.Min(-count, int.MaxValue / 2);
        context.Reply.Array(repeated);
        for (var i = 0; i < repeated; i++)
        {
            context.Reply.Bulk(set.Random(random));
        }
    }

    public static void SPop(CommandContext context)
    {
        if (context.Count > 3)
        {
            context.SyntaxError();
            return;
        }

        long count = 1;
        if ((context.Count == 3 && !context.TryInteger(2, 0, out count, DataErrors.NotPositive)) || !context.TryFind<SetValue>(1, out var set))
        {
            return;
        }

        if (context.Count == 2)
        {
            var member = set?.Random(context.Store.ForkRandom());
            BulkOrNull(context, member);
            if (member is not null)
            {
                context.Table().RemoveMember(set!, member);
            }

            return;
        }

        if (set is null || count >= set.Count)
        {
            SetReads.Members(context, set);
            context.Table().Remove(context[1], context.NowMs);
            return;
        }

        var popped = count == 0 ? [] : Distinct(set, (int)count, context.Store.ForkRandom());
        context.Reply.Set(popped.Count);
        foreach (var member in popped)
        {
            context.Reply.Bulk(member);
            context.Table().RemoveMember(set, member);
        }
    }

    private static void BulkOrNull(CommandContext context, byte[]? member)
    {
        if (member is null)
        {
            context.Reply.Null();
        }
        else
        {
            context.Reply.Bulk(member);
        }
    }

    private static List<byte[]> Distinct(SetValue set, int count, Prng random)
    {
        if (count > set.Count / DrawShare)
        {
            return Selected(set, count, random);
        }

        var drawn = new HashSet<byte[]>(ByteComparer.Instance);
        while (drawn.Count < count)
        {
            drawn.Add(set.Random(random));
        }

        return [.. drawn];
    }

    /// <summary>Selection sampling (Knuth 3.4.2 S): keeps the set's order.</summary>
    private static List<byte[]> Selected(SetValue set, int count, Prng random)
    {
        var selected = new List<byte[]>(count);
        var left = set.Count;
        foreach (var member in set)
        {
            if (random.Below(left--) < count - selected.Count)
            {
                selected.Add(member.ToArray());
            }
        }

        return selected;
    }
}

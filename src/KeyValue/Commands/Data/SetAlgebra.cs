using Trefoil.KeyValue.Values;

namespace Trefoil.KeyValue.Commands.Data;

/// <summary>Intersection, union and difference of sets, answered, counted or stored.</summary>
internal static class SetAlgebra
{
    private delegate SetValue Operation(SetValue?[] sets);

    public static void SInter(CommandContext context) => Answer(context, Intersection);

    public static void SUnion(CommandContext context) => Answer(context, Union);

    public static void SDiff(CommandContext context) => Answer(context, Difference);

    public static void SInterStore(CommandContext context) => Store(context, Intersection);

    public static void SUnionStore(CommandContext context) => Store(context, Union);

    public static void SDiffStore(CommandContext context) => Store(context, Difference);

    public static void SInterCard(CommandContext context)
    {
        if (!context.TryInteger(1, 1, out var keys, DataErrors.KeyNumber))
        {
            return;
        }

        if (keys > context.Count - 2)
        {
            context.Reply.Error(DataErrors.KeysBeyondArguments);
            return;
        }

        long limit = 0;
        for (var i = 2 + (int)keys; i < context.Count; i += 2)
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

        if (TryRead(context, 2, (int)keys, out var sets))
        {
            context.Reply.Integer(Common(sets, limit == 0 ? long.MaxValue : limit, _ => { }));
        }
    }

    private static void Answer(CommandContext context, Operation operation)
    {
        if (TryRead(context, 1, context.Count - 1, out var sets))
        {
            SetReads.Members(context, operation(sets));
        }
    }

    private static void Store(CommandContext context, Operation operation)
    {
        if (!TryRead(context, 2, context.Count - 2, out var sets))
        {
            return;
        }

        var result = operation(sets);
        context.Table().Remove(context[1], context.NowMs);
        SetValue? stored = null;
        foreach (var member in result)
        {
            context.Table().AddMember(context[1], ref stored, member);
        }

        context.Reply.Integer(result.Count);
    }

    private static bool TryRead(CommandContext context, int first, int count, out SetValue?[] sets)
    {
        sets = new SetValue?[count];
        for (var i = 0; i < count; i++)
        {
            if (!context.TryRead(first + i, out sets[i]))
            {
                return false;
            }
        }

        return true;
    }

    private static SetValue Intersection(SetValue?[] sets)
    {
        var result = new SetValue([]);
        Common(sets, long.MaxValue, member => result.Add(member));
        return result;
    }

    private static SetValue Union(SetValue?[] sets)
    {
        var result = new SetValue([]);
        foreach (var set in sets)
        {
            foreach (var member in set ?? new SetValue([]))
            {
                result.Add(member);
            }
        }

        return result;
    }

    private static SetValue Difference(SetValue?[] sets)
    {
        var result = new SetValue([]);
        foreach (var member in sets[0] ?? result)
        {
            if (!IsInAny(sets.AsSpan(1), member))
            {
                result.Add(member);
            }
        }

        return result;
    }

    private static bool IsInAny(ReadOnlySpan<SetValue?> sets, ReadOnlySpan<byte> member)
    {
        foreach (var set in sets)
        {
            if (set is not null && set.Contains(member))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Walks the smallest set and asks the others; stops at <paramref name="limit"/>. Returns how many members all have.</summary>
    private static int Common(SetValue?[] sets, long limit, Action<ReadOnlySpan<byte>> found)
    {
        if (sets.Contains(null))
        {
            return 0;
        }

        Array.Sort(sets, (left, right) => left!.Count.CompareTo(right!.Count));
        var count = 0;
        foreach (var member in sets[0]!)
        {
            if (IsInAll(sets.AsSpan(1), member))
            {
                found(member);
                if (++count == limit)
                {
                    break;
                }
            }
        }

        return count;
    }

    private static bool IsInAll(ReadOnlySpan<SetValue?> sets, ReadOnlySpan<byte> member)
    {
        foreach (var set in sets)
        {
            if (!set!.Contains(member))
            {
                return false;
            }
        }

        return true;
    }
}

using Trefoil.KeyValue.Values;

namespace Trefoil.KeyValue.Commands.Data;

/// <summary>Commands that change lists in place: pushes at the ends, LSET, LINSERT, LREM, LTRIM.</summary>
internal static class ListWrites
{
    public static void LPush(CommandContext context) => Push(context, atHead: true, create: true);

    public static void RPush(CommandContext context) => Push(context, atHead: false, create: true);

    public static void LPushX(CommandContext context) => Push(context, atHead: true, create: false);

    public static void RPushX(CommandContext context) => Push(context, atHead: false, create: false);

    public static void LSet(CommandContext context)
    {
        if (!context.TryFind<ListValue>(1, out var list))
        {
            return;
        }

        if (list is null)
        {
            context.Reply.Error(DataErrors.NoSuchKey);
            return;
        }

        if (!context.TryInteger(2, out var index))
        {
            return;
        }

        index += index < 0 ? list.Count : 0;
        if (index < 0 || index >= list.Count)
        {
            context.Reply.Error(DataErrors.IndexOutOfRange);
            return;
        }

        context.Table().SetElement(list, (int)index, context[3]);
        context.Reply.Ok();
    }

    public static void LInsert(CommandContext context)
    {
        var after = context.Is(2, "AFTER"u8);
        if (!after && !context.Is(2, "BEFORE"u8))
        {
            context.SyntaxError();
            return;
        }

        if (!context.TryFind<ListValue>(1, out var list))
        {
            return;
        }

        if (list is null)
        {
            context.Reply.Integer(0);
            return;
        }

        var index = IndexOf(list, context[3]);
        if (index < 0)
        {
            context.Reply.Integer(-1);
            return;
        }

        index += after ? 1 : 0;
        if (index == list.Count)
        {
            context.Table().Push(context[1], list, context[4], atHead: false);
        }
        else
        {
            context.Table().InsertElement(list, index, context[4]);
        }

        context.Reply.Integer(list.Count);
    }

    public static void LRem(CommandContext context)
    {
        if (!context.TryInteger(2, out var count) || !context.TryFind<ListValue>(1, out var list))
        {
            return;
        }

        // The one number without an opposite means all, as every other that is large enough.
        var found = list is null ? [] : Matches(list, context[3], Math.Max(count, -long.MaxValue));

        // From the last to the first, runs at once: no removal moves what is still to be removed.
        for (var i = found.Count - 1; i >= 0;)
        {
            var (last, first) = (found[i], found[i]);
            while (--i >= 0 && found[i] == first - 1)
            {
                first--;
            }

            context.Table().RemoveElements(list!, first, last - first + 1);
        }

        context.Reply.Integer(found.Count);
    }

    public static void LTrim(CommandContext context)
    {
        if (!context.TryInteger(2, out var from) || !context.TryInteger(3, out var to) || !context.TryFind<ListValue>(1, out var list))
        {
            return;
        }

        if (list is not null)
        {
            var (start, kept) = DataContext.Clip(from, to, list.Count);
            context.Table().RemoveElements(list, start + kept, list.Count - start - kept);
            context.Table().RemoveElements(list, 0, kept == 0 ? 0 : start);
        }

        context.Reply.Ok();
    }

    private static void Push(CommandContext context, bool atHead, bool create)
    {
        if (!context.TryFind<ListValue>(1, out var list))
        {
            return;
        }

        if (list is null && !create)
        {
            context.Reply.Integer(0);
            return;
        }

        for (var i = 2; i < context.Count; i++)
        {
            list = context.Table().Push(context[1], list, context[i], atHead);
        }

        context.Reply.Integer(list!.Count);
    }

    private static int IndexOf(ListValue list, ReadOnlySpan<byte> element)
    {
        var index = 0;
        foreach (var candidate in list)
        {
            if (candidate.SequenceEqual(element))
            {
                return index;
            }

            index++;
        }

        return -1;
    }

    /// <summary>Where the first (negative: the last) <paramref name="count"/> equal elements are, all if 0; ascending.</summary>
    private static List<int> Matches(ListValue list, ReadOnlySpan<byte> element, long count)
    {
        var forward = count >= 0;
        var found = new List<int>();
        var index = 0;
        foreach (var candidate in list.From(forward ? 0 : list.Count - 1, forward))
        {
            if (candidate.SequenceEqual(element))
            {
                found.Add(forward ? index : list.Count - 1 - index);
                if (found.Count == Math.Abs(count))
                {
                    break;
                }
            }

            index++;
        }

        if (!forward)
        {
            found.Reverse();
        }

        return found;
    }
}

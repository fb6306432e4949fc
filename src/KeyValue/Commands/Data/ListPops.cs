using Trefoil.KeyValue.Values;

namespace Trefoil.KeyValue.Commands.Data;

/// <summary>Commands that take elements from a list's ends: LPOP, RPOP, LMPOP, LMOVE, RPOPLPUSH.</summary>
internal static class ListPops
{
    public static void LPop(CommandContext context) => Pop(context, fromHead: true);

    public static void RPop(CommandContext context) => Pop(context, fromHead: false);

    public static void RPopLPush(CommandContext context) => Move(context, fromHead: false, toHead: true);

    public static void LMove(CommandContext context)
    {
        if (TryEnd(context, 3, out var fromHead) && TryEnd(context, 4, out var toHead))
        {
            Move(context, fromHead, toHead);
        }
    }

    public static void LMPop(CommandContext context)
    {
        if (!context.TryInteger(1, 1, out var keys, DataErrors.KeyNumber))
        {
            return;
        }

        if (keys > context.Count - 3)
        {
            context.SyntaxError();
            return;
        }

        var end = 2 + (int)keys;
        if (!TryEnd(context, end, out var fromHead) || !TryCount(context, end + 1, out var count))
        {
            return;
        }

        for (var i = 2; i < end; i++)
        {
            if (!context.TryFind<ListValue>(i, out var list))
            {
                return;
            }

            if (list is not null)
            {
                context.Reply.Array(2);
                context.Reply.Bulk(context[i]);
                Take(context, list, count, fromHead);
                return;
            }
        }

        context.Reply.NullArray();
    }

    /// <summary>Reads the <c>COUNT n</c> that may end LMPOP and ZMPOP; 1 without it.</summary>
    public static bool TryCount(CommandContext context, int index, out long count)
    {
        count = 1;
        if (index == context.Count)
        {
            return true;
        }

        if (!context.Is(index, "COUNT"u8) || index + 1 == context.Count)
        {
            context.SyntaxError();
            return false;
        }

        if (!context.TryInteger(index + 1, 1, out count, DataErrors.PopCount))
        {
            return false;
        }

        if (index + 2 < context.Count)
        {
            context.SyntaxError();
            return false;
        }

        return true;
    }

    private static void Pop(CommandContext context, bool fromHead)
    {
        if (context.Count > 3)
        {
            context.WrongArity();
            return;
        }

        var many = context.Count == 3;
        long count = 1;
        if ((many && !context.TryInteger(2, 0, out count, DataErrors.NotPositive)) || !context.TryFind<ListValue>(1, out var list))
        {
            return;
        }

        if (list is null)
        {
            if (many)
            {
                context.Reply.NullArray();
            }
            else
            {
                context.Reply.Null();
            }
        }
        else if (many)
        {
            Take(context, list, count, fromHead);
        }
        else
        {
            var index = fromHead ? 0 : list.Count - 1;
            context.Reply.Bulk(list[index]);
            context.Table().RemoveElements(list, index, 1);
        }
    }

    private static void Take(CommandContext context, ListValue list, long wanted, bool fromHead)
    {
        var count = (int)Math.Min(wanted, list.Count);
        ListReads.Elements(context, list, fromHead ? 0 : list.Count - 1, count, fromHead);
        context.Table().RemoveElements(list, fromHead ? 0 : list.Count - count, count);
    }

    private static void Move(CommandContext context, bool fromHead, bool toHead)
    {
        if (!context.TryFind<ListValue>(1, out var source))
        {
            return;
        }

        if (source is null)
        {
            context.Reply.Null();
            return;
        }

        if (!context.TryFind<ListValue>(2, out var target))
        {
            return;
        }

        // In before out, so that a list turned around keeps its key and expiry even if this is its only element.
        var element = source[fromHead ? 0 : source.Count - 1].ToArray();
        context.Table().Push(context[2], target, element, toHead);
        var moved = target == source && toHead == fromHead ? 1 : 0;
        context.Table().RemoveElements(source, fromHead ? moved : source.Count - 1 - moved, 1);
        context.Reply.Bulk(element);
    }

    private static bool TryEnd(CommandContext context, int index, out bool isHead)
    {
        isHead = context.Is(index, "LEFT"u8);
        if (isHead || context.Is(index, "RIGHT"u8))
        {
            return true;
        }

        context.SyntaxError();
        return false;
    }
}

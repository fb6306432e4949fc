using Trefoil.KeyValue.Store;
using Trefoil.KeyValue.Values;
using Trefoil.Wire.Resp;

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
        if (!TryManyKeys(context, 1, out var keys, out var fromHead, out var count))
        {
            return;
        }

        for (var i = 2; i < 2 + keys; i++)
        {
            if (!context.TryFind<ListValue>(i, out var list))
            {
                return;
            }

            if (list is not null)
            {
                context.Reply.Array(2);
                context.Reply.Bulk(context[i]);
                Take(context.Table(), context.Reply, list, count, fromHead);
                return;
            }
        }

        context.Reply.NullArray();
    }

    /// <summary>Reads <c>numkeys key ... LEFT|RIGHT [COUNT n]</c>.</summary>
    public static bool TryManyKeys(CommandContext context, int at, out int keys, out bool fromHead, out long count)
    {
        (keys, fromHead, count) = (0, false, 1);
        if (!context.TryInteger(at, 1, out var number, DataErrors.KeyNumber))
        {
            return false;
        }

        if (number > context.Count - at - 2)
        {
            context.SyntaxError();
            return false;
        }

        keys = (int)number;
        return TryEnd(context, at + 1 + keys, out fromHead) && TryCount(context, at + 2 + keys, out count);
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
            Take(context.Table(), context.Reply, list, count, fromHead);
        }
        else
        {
            TakeOne(context.Table(), context.Reply, list, fromHead);
        }
    }

    /// <summary>Takes up to <paramref name="wanted"/> elements from an end and replies with an array of them.</summary>
    public static void Take(SlotTable table, RespWriter reply, ListValue list, long wanted, bool fromHead)
    {
        var count = (int)Math.Min(wanted, list.Count);
        ListReads.Elements(reply, list, fromHead ? 0 : list.Count - 1, count, fromHead);
        table.RemoveElements(list, fromHead ? 0 : list.Count - count, count);
    }

    /// <summary>Takes one element from an end and replies with it.</summary>
    public static void TakeOne(SlotTable table, RespWriter reply, ListValue list, bool fromHead)
    {
        var index = fromHead ? 0 : list.Count - 1;
        reply.Bulk(list[index]);
        table.RemoveElements(list, index, 1);
    }

    /// <summary>Moves one element to an end of the list at <paramref name="key"/> and replies with it, unless that key holds something else.</summary>
    public static void Move(SlotTable table, RespWriter reply, ListValue source, ReadOnlySpan<byte> key, bool fromHead, bool toHead, long nowMs)
    {
        var entry = table.Find(key, nowMs);
        var target = entry.List;
        if (entry.Exists && target is null)
        {
            reply.Error(DataErrors.WrongType);
            return;
        }

        // In before out, so that a list turned around keeps its key and expiry even if this is its only element.
        var element = source[fromHead ? 0 : source.Count - 1].ToArray();
        table.Push(key, target, element, toHead);
        var moved = target == source && toHead == fromHead ? 1 : 0;
        table.RemoveElements(source, fromHead ? moved : source.Count - 1 - moved, 1);
        reply.Bulk(element);
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

        Move(context.Table(), context.Reply, source, context[2], fromHead, toHead, context.NowMs);
    }

    /// <summary>Reads <c>LEFT</c> or <c>RIGHT</c>, or replies that it is neither.</summary>
    public static bool TryEnd(CommandContext context, int index, out bool isHead)
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

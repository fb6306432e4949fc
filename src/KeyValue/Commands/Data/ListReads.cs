using Trefoil.KeyValue.Values;
using Trefoil.Wire.Resp;

namespace Trefoil.KeyValue.Commands.Data;

/// <summary>Commands that read lists.</summary>
internal static class ListReads
{
    public static void LLen(CommandContext context)
    {
        if (context.TryRead<ListValue>(1, out var list))
        {
            context.Reply.Integer(list?.Count ?? 0);
        }
    }

    /// <summary>As in Redis an absent key answers before the position is looked at.</summary>
    public static void LIndex(CommandContext context)
    {
        if (!context.TryRead<ListValue>(1, out var list))
        {
            return;
        }

        if (list is null)
        {
            context.Reply.Null();
            return;
        }

        if (!context.TryInteger(2, out var index))
        {
            return;
        }

        index += index < 0 ? list.Count : 0;
        if (index < 0 || index >= list.Count)
        {
            context.Reply.Null();
        }
        else
        {
            context.Reply.Bulk(list[(int)index]);
        }
    }

    public static void LRange(CommandContext context)
    {
        if (!context.TryInteger(2, out var from) || !context.TryInteger(3, out var to) || !context.TryRead<ListValue>(1, out var list))
        {
            return;
        }

        var (start, count) = DataContext.Clip(from, to, list?.Count ?? 0);
        Elements(context.Reply, list, start, count, forward: true);
    }

    /// <summary>Replies <paramref name="count"/> elements from a position on, towards the tail or the head.</summary>
    public static void Elements(RespWriter reply, ListValue? list, int start, int count, bool forward)
    {
        reply.Array(count);
        if (count == 0)
        {
            return;
        }

        foreach (var element in list!.From(start, forward))
        {
            reply.Bulk(element);
            if (--count == 0)
            {
                return;
            }
        }
    }

    public static void LPos(CommandContext context)
    {
        if (!TryOptions(context, out var rank, out var count, out var longest) || !context.TryRead<ListValue>(1, out var list))
        {
            return;
        }

        if (list is null)
        {
            Unmatched(context, count);
            return;
        }

        var forward = rank > 0;
        var skipped = Math.Abs(rank) - 1;
        var mark = context.Reply.Length;
        var (index, matches) = (0, 0);
        foreach (var element in list.From(forward ? 0 : list.Count - 1, forward))
        {
            if (longest > 0 && index >= longest)
            {
                break;
            }

            if (element.SequenceEqual(context[2]) && skipped-- <= 0)
            {
                context.Reply.Integer(forward ? index : list.Count - 1 - index);
                if (++matches == (count ?? 1))
                {
                    break;
                }
            }

            index++;
        }

        if (matches == 0)
        {
            Unmatched(context, count);
        }
        else if (count is not null)
        {
            context.Reply.ArrayAt(mark, matches);
        }
    }

    private static void Unmatched(CommandContext context, long? count)
    {
        if (count is null)
        {
            context.Reply.Null();
        }
        else
        {
            context.Reply.Array(0);
        }
    }

    /// <summary>Without a COUNT the first match is the reply; a COUNT of 0 means all.</summary>
    private static bool TryOptions(CommandContext context, out long rank, out long? count, out long longest)
    {
        (rank, count, longest) = (1, null, 0);
        for (var i = 3; i < context.Count; i += 2)
        {
            if (i + 1 == context.Count)
            {
                context.SyntaxError();
                return false;
            }

            if (context.Is(i, "RANK"u8))
            {
                if (!context.TrySignedCount(i + 1, out rank))
                {
                    return false;
                }

                if (rank == 0)
                {
                    context.Reply.Error(DataErrors.ZeroRank);
                    return false;
                }
            }
            else if (context.Is(i, "COUNT"u8))
            {
                if (!context.TryInteger(i + 1, 0, out var wanted, DataErrors.NegativeCount))
                {
                    return false;
                }

                count = wanted;
            }
            else if (context.Is(i, "MAXLEN"u8))
            {
                if (!context.TryInteger(i + 1, 0, out longest, DataErrors.NegativeMaxLength))
                {
                    return false;
                }
            }
            else
            {
                context.SyntaxError();
                return false;
            }
        }

        return true;
    }
}

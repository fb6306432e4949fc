using Trefoil.KeyValue.Blocking;

namespace Trefoil.KeyValue.Commands.Data;

/// <summary>BLPOP, BRPOP, BLMOVE, BRPOPLPUSH, BLMPOP, BZPOPMIN, BZPOPMAX, BZMPOP: pops that wait for their keys.</summary>
internal static class BlockingPops
{
    public static IEnumerable<CommandBinding> Bindings =>
    [
        new("blpop", context => PopFirst(context, new ListTaking(fromHead: true))),
        new("brpop", context => PopFirst(context, new ListTaking(fromHead: false))),
        new("bzpopmin", context => PopFirst(context, new SortedSetTaking(lowest: true))),
        new("bzpopmax", context => PopFirst(context, new SortedSetTaking(lowest: false))),
        new("blmove", BLMove),
        new("brpoplpush", context => Pop(context, 1, 1, 3, new MoveTaking(context[2].ToArray(), fromHead: false, toHead: true))),
        new("blmpop", BLMPop),
        new("bzmpop", BZMPop),
    ];

    private static void PopFirst(CommandContext context, Taking taking) => Pop(context, 1, context.Count - 2, context.Count - 1, taking);

    private static void BLMove(CommandContext context)
    {
        if (ListPops.TryEnd(context, 3, out var fromHead) && ListPops.TryEnd(context, 4, out var toHead))
        {
            Pop(context, 1, 1, 5, new MoveTaking(context[2].ToArray(), fromHead, toHead));
        }
    }

    private static void BLMPop(CommandContext context)
    {
        if (ListPops.TryManyKeys(context, 2, out var keys, out var fromHead, out var count))
        {
            Pop(context, 3, keys, 1, new ListTaking(fromHead, count));
        }
    }

    private static void BZMPop(CommandContext context)
    {
        if (SortedSetPops.TryManyKeys(context, 2, out var keys, out var lowest, out var count))
        {
            Pop(context, 3, keys, 1, new SortedSetTaking(lowest, count));
        }
    }

    /// <summary>Takes from the first of the keys that holds something; where none does, waits: registered under the same lock, so that no push is missed.</summary>
    private static void Pop(CommandContext context, int firstKey, int keyCount, int timeoutAt, Taking taking)
    {
        if (!BlockingTimeout.TryReadSeconds(context, timeoutAt, out var timeout))
        {
            return;
        }

        var table = context.Table();
        for (var i = firstKey; i < firstKey + keyCount; i++)
        {
            var entry = table.Find(context[i], context.NowMs);
            if (!entry.Exists)
            {
                continue;
            }

            if (taking.Fits(entry))
            {
                taking.Take(table, context[i], entry, context.Reply, context.NowMs);
            }
            else
            {
                context.Reply.Error(DataErrors.WrongType);
            }

            return;
        }

        if (context.Client.Running is not null)
        {
            taking.Nothing(context.Reply);
            return;
        }

        var keys = new byte[keyCount][];
        for (var i = 0; i < keyCount; i++)
        {
            keys[i] = context[firstKey + i].ToArray();
        }

        var blocked = new BlockedPop(context.Client, context.Slot, keys, taking);
        table.Await(blocked);
        blocked.Begin(timeout);
        context.Defer(blocked.Answer);
    }
}

namespace Trefoil.KeyValue.Commands.Data;

/// <summary>Commands that change hashes.</summary>
internal static class HashWrites
{
    public static void HSet(CommandContext context)
    {
        if (TrySetFields(context, out var created))
        {
            context.Reply.Integer(created);
        }
    }

    public static void HMSet(CommandContext context)
    {
        if (TrySetFields(context, out _))
        {
            context.Reply.Ok();
        }
    }

    public static void HSetNx(CommandContext context)
    {
        var entry = context.Find();
        if (!context.IsHashOrNone(entry))
        {
            return;
        }

        var absent = entry.Hash is not { } hash || !hash.TryGet(context[2], out _);
        if (absent)
        {
            context.Table().SetField(context[1], entry.Hash, context[2], context[3]);
        }

        context.Reply.Integer(absent ? 1 : 0);
    }

    public static void HDel(CommandContext context)
    {
        var entry = context.Find();
        if (!context.IsHashOrNone(entry))
        {
            return;
        }

        var removed = 0;
        for (var i = 2; i < context.Count && entry.Hash is { Count: > 0 } hash; i++)
        {
            removed += context.Table().RemoveField(hash, context[i]) ? 1 : 0;
        }

        context.Reply.Integer(removed);
    }

    private static bool TrySetFields(CommandContext context, out int created)
    {
        created = 0;
        if (context.Count % 2 == 1)
        {
            context.WrongArity();
            return false;
        }

        var entry = context.Find();
        if (!context.IsHashOrNone(entry))
        {
            return false;
        }

        var table = context.Table();
        var hash = entry.Hash;
        for (var i = 2; i < context.Count; i += 2)
        {
            created += table.SetField(context[1], hash, context[i], context[i + 1]) ? 1 : 0;
            hash ??= table.Look(context[1], context.NowMs).Hash;
        }

        return true;
    }
}

using Trefoil.KeyValue.Values;

namespace Trefoil.KeyValue.Commands.Data;

/// <summary>Commands that answer the old value and change the key: GETSET, GETDEL, GETEX.</summary>
internal static class GetAndChange
{
    public static void GetSet(CommandContext context)
    {
        if (TryReply(context, out _))
        {
            context.Table().SetString(context[1], context[2], KeyedValue.NoExpiry);
        }
    }

    public static void GetDel(CommandContext context)
    {
        if (TryReply(context, out var exists) && exists)
        {
            context.Table().Remove(context[1], context.NowMs);
        }
    }

    public static void GetEx(CommandContext context)
    {
        if (!SetOptions.TryParse(context, 2, forSet: false, out var options))
        {
            return;
        }

        // As in Redis an absent key answers before its options' values are looked at.
        var entry = context.Read();
        if (!entry.Exists || !entry.IsString)
        {
            if (context.IsStringOrNone(entry))
            {
                context.Reply.Null();
            }

            return;
        }

        if (!options.TryExpireAt(context, out var expireAtMs))
        {
            return;
        }

        context.Reply.StringOrNull(entry);
        if (options.IsAbsolute && expireAtMs <= context.NowMs)
        {
            context.Table().Remove(context[1], context.NowMs);
        }
        else if (options.HasExpiry || (options.Persist && entry.ExpireAtMs != KeyedValue.NoExpiry))
        {
            context.Table().SetExpiry(context[1], expireAtMs, context.NowMs);
        }
    }

    private static bool TryReply(CommandContext context, out bool exists)
    {
        var entry = context.Read();
        exists = entry.Exists;
        if (!context.IsStringOrNone(entry))
        {
            return false;
        }

        context.Reply.StringOrNull(entry);
        return true;
    }
}

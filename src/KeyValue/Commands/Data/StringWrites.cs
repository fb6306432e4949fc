using Trefoil.KeyValue.Values;

namespace Trefoil.KeyValue.Commands.Data;

/// <summary>APPEND, SETRANGE, MSET, MSETNX.</summary>
internal static class StringWrites
{
    /// <summary>Longest string, as Redis' proto-max-bulk-len.</summary>
    public const long MaxLength = 512L * 1024 * 1024;

    public static void Append(CommandContext context)
    {
        var entry = context.Find();
        if (!context.IsStringOrNone(entry))
        {
            return;
        }

        if (!entry.Exists)
        {
            context.Table().SetString(context[1], context[2], KeyedValue.NoExpiry);
            context.Reply.Integer(context[2].Length);
        }
        else if (IsAllowed(context, entry.Length, context[2].Length))
        {
            context.Reply.Integer(context.Table().WriteRange(context[1], entry.Length, context[2], context.NowMs));
        }
    }

    public static void SetRange(CommandContext context)
    {
        if (!context.TryInteger(2, out var offset))
        {
            return;
        }

        if (offset < 0)
        {
            context.Reply.Error(DataErrors.Offset);
            return;
        }

        var entry = context.Find();
        if (!context.IsStringOrNone(entry))
        {
            return;
        }

        if (context[3].IsEmpty)
        {
            context.Reply.Integer(entry.Exists ? entry.Length : 0);
        }
        else if (IsAllowed(context, offset, context[3].Length))
        {
            context.Reply.Integer(context.Table().WriteRange(context[1], (int)offset, context[3], context.NowMs));
        }
    }

    public static void MSet(CommandContext context)
    {
        if (HasPairs(context))
        {
            SetPairs(context);
            context.Reply.Ok();
        }
    }

    /// <summary>All or nothing: one key that exists keeps all from being set.</summary>
    public static void MSetNx(CommandContext context)
    {
        if (!HasPairs(context))
        {
            return;
        }

        for (var i = 1; i < context.Count; i += 2)
        {
            if (context.Table().Find(context[i], context.NowMs).Exists)
            {
                context.Reply.Integer(0);
                return;
            }
        }

        SetPairs(context);
        context.Reply.Integer(1);
    }

    private static bool HasPairs(CommandContext context)
    {
        if (context.Count % 2 == 1)
        {
            return true;
        }

        context.WrongArity();
        return false;
    }

    private static void SetPairs(CommandContext context)
    {
        var table = context.Table();
        for (var i = 1; i < context.Count; i += 2)
        {
            table.SetString(context[i], context[i + 1], KeyedValue.NoExpiry);
        }
    }

    private static bool IsAllowed(CommandContext context, long offset, int length)
    {
        if (offset <= MaxLength - length)
        {
            return true;
        }

        context.Reply.Error(DataErrors.StringTooLong);
        return false;
    }
}

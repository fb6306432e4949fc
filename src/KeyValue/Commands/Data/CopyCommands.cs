namespace Trefoil.KeyValue.Commands.Data;

/// <summary>COPY, RENAME, RENAMENX: a value under another key of its slot, with its expiry.</summary>
internal static class CopyCommands
{
    /// <summary>Redis' <c>databases</c>: a cluster uses the first only, and says of the others why not.</summary>
    private const int Databases = 16;

    public static void Copy(CommandContext context)
    {
        if (!TryOptions(context, out var replace))
        {
            return;
        }

        if (context[1].SequenceEqual(context[2]))
        {
            context.Reply.Error("ERR source and destination objects are the same"u8);
            return;
        }

        var table = context.Table();
        if (!context.Read().Exists || (!replace && table.Contains(context[2], context.NowMs)))
        {
            context.Reply.Integer(0);
            return;
        }

        table.Copy(context[1], context[2], context.NowMs);
        context.Reply.Integer(1);
    }

    public static void Rename(CommandContext context)
    {
        if (!context.Find().Exists)
        {
            context.Reply.Error(DataErrors.NoSuchKey);
            return;
        }

        Move(context);
        context.Reply.Ok();
    }

    public static void RenameNx(CommandContext context)
    {
        if (!context.Find().Exists)
        {
            context.Reply.Error(DataErrors.NoSuchKey);
        }
        else if (context.Table().Contains(context[2], context.NowMs))
        {
            context.Reply.Integer(0);
        }
        else
        {
            Move(context);
            context.Reply.Integer(1);
        }
    }

    private static void Move(CommandContext context)
    {
        if (!context[1].SequenceEqual(context[2]))
        {
            context.Table().Rename(context[1], context[2], context.NowMs);
        }
    }

    private static bool TryOptions(CommandContext context, out bool replace)
    {
        replace = false;
        var database = 0L;
        for (var i = 3; i < context.Count; i++)
        {
            if (context.Is(i, "REPLACE"u8))
            {
                replace = true;
            }
            else if (context.Is(i, "DB"u8) && i + 1 < context.Count)
            {
                if (!TryDatabase(context, ++i, out database))
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

        if (database == 0)
        {
            return true;
        }

        context.Reply.Error("ERR Copying to another database is not allowed in cluster mode"u8);
        return false;
    }

    private static bool TryDatabase(CommandContext context, int index, out long database)
    {
        if (!context.TryInteger(index, out database))
        {
            return false;
        }

        if (database != (int)database)
        {
            context.Reply.Error($"ERR value is out of range, value must between {int.MinValue} and {int.MaxValue}");
            return false;
        }

        if (database is >= 0 and < Databases)
        {
            return true;
        }

        context.Reply.Error("ERR DB index is out of range"u8);
        return false;
    }
}

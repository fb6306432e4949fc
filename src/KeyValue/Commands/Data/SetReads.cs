using Trefoil.KeyValue.Values;

namespace Trefoil.KeyValue.Commands.Data;

/// <summary>Commands that read one set.</summary>
internal static class SetReads
{
    public static void SCard(CommandContext context)
    {
        if (context.TryRead<SetValue>(1, out var set))
        {
            context.Reply.Integer(set?.Count ?? 0);
        }
    }

    public static void SIsMember(CommandContext context)
    {
        if (context.TryRead<SetValue>(1, out var set))
        {
            context.Reply.Integer(set is not null && set.Contains(context[2]) ? 1 : 0);
        }
    }

    public static void SMIsMember(CommandContext context)
    {
        if (!context.TryRead<SetValue>(1, out var set))
        {
            return;
        }

        context.Reply.Array(context.Count - 2);
        for (var i = 2; i < context.Count; i++)
        {
            context.Reply.Integer(set is not null && set.Contains(context[i]) ? 1 : 0);
        }
    }

    public static void SMembers(CommandContext context)
    {
        if (context.TryRead<SetValue>(1, out var set))
        {
            Members(context, set);
        }
    }

    /// <summary>Replies all members, as a set.</summary>
    public static void Members(CommandContext context, SetValue? set)
    {
        context.Reply.Set(set?.Count ?? 0);
        if (set is null)
        {
            return;
        }

        foreach (var member in set)
        {
            context.Reply.Bulk(member);
        }
    }

    /// <summary>As in Redis an absent key answers before the options are looked at.</summary>
    public static void SScan(CommandContext context)
    {
        if (!ScanOptions.TryCursor(context, 2, out var cursor) || !context.TryRead<SetValue>(1, out var set))
        {
            return;
        }

        ScanOptions options = default;
        if (set is not null && !ScanOptions.TryParse(context, 3, allowType: false, out options))
        {
            return;
        }

        var found = new List<byte[]>();
        var next = set?.Scan(cursor, options.Count, found) ?? 0;
        context.Reply.Array(2);
        context.Reply.BulkInteger((long)next);
        var mark = context.Reply.Length;
        var count = 0;
        foreach (var member in found)
        {
            if (options.Accepts(member))
            {
                context.Reply.Bulk(member);
                count++;
            }
        }

        context.Reply.ArrayAt(mark, count);
    }
}

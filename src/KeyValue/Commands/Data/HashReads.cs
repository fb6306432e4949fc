using Trefoil.KeyValue.Values;

namespace Trefoil.KeyValue.Commands.Data;

/// <summary>Commands that read hashes.</summary>
internal static class HashReads
{
    public static void HGet(CommandContext context)
    {
        if (TryRead(context, out var hash))
        {
            ValueOrNull(context, hash, context[2]);
        }
    }

    public static void HMGet(CommandContext context)
    {
        if (!TryRead(context, out var hash))
        {
            return;
        }

        context.Reply.Array(context.Count - 2);
        for (var i = 2; i < context.Count; i++)
        {
            ValueOrNull(context, hash, context[i]);
        }
    }

    public static void HExists(CommandContext context)
    {
        if (TryRead(context, out var hash))
        {
            context.Reply.Integer(hash is not null && hash.TryGet(context[2], out _) ? 1 : 0);
        }
    }

    public static void HStrLen(CommandContext context)
    {
        if (TryRead(context, out var hash))
        {
            context.Reply.Integer(hash is not null && hash.TryGet(context[2], out var value) ? value.Length : 0);
        }
    }

    public static void HLen(CommandContext context)
    {
        if (TryRead(context, out var hash))
        {
            context.Reply.Integer(hash?.Count ?? 0);
        }
    }

    public static void HGetAll(CommandContext context)
    {
        if (!TryRead(context, out var hash))
        {
            return;
        }

        context.Reply.Map(hash?.Count ?? 0);
        Fields(context, hash, fields: true, values: true);
    }

    public static void HKeys(CommandContext context)
    {
        if (TryRead(context, out var hash))
        {
            context.Reply.Array(hash?.Count ?? 0);
            Fields(context, hash, fields: true, values: false);
        }
    }

    public static void HVals(CommandContext context)
    {
        if (TryRead(context, out var hash))
        {
            context.Reply.Array(hash?.Count ?? 0);
            Fields(context, hash, fields: false, values: true);
        }
    }

    /// <summary>As in Redis an absent key answers before the options are looked at.</summary>
    public static void HScan(CommandContext context)
    {
        if (!ScanOptions.TryCursor(context, 2, out var cursor) || !TryRead(context, out var hash))
        {
            return;
        }

        ScanOptions options = default;
        if (hash is not null && !ScanOptions.TryParse(context, 3, allowType: false, out options))
        {
            return;
        }

        var found = new List<HashField>();
        var next = hash?.Scan(cursor, options.Count, found) ?? 0;
        context.Reply.Array(2);
        context.Reply.BulkInteger((long)next);
        var mark = context.Reply.Length;
        var count = 0;
        foreach (var (field, value) in found)
        {
            if (options.Accepts(field))
            {
                context.Reply.Bulk(field);
                context.Reply.Bulk(value);
                count += 2;
            }
        }

        context.Reply.ArrayAt(mark, count);
    }

    /// <summary>The hash at argument 1, null if there is no such key; false after replying that it is no hash.</summary>
    private static bool TryRead(CommandContext context, out HashValue? hash)
    {
        var entry = context.Read();
        hash = entry.Hash;
        return context.IsHashOrNone(entry);
    }

    private static void ValueOrNull(CommandContext context, HashValue? hash, ReadOnlySpan<byte> field)
    {
        if (hash is not null && hash.TryGet(field, out var value))
        {
            context.Reply.Bulk(value);
        }
        else
        {
            context.Reply.Null();
        }
    }

    private static void Fields(CommandContext context, HashValue? hash, bool fields, bool values)
    {
        if (hash is null)
        {
            return;
        }

        foreach (var pair in hash)
        {
            if (fields)
            {
                context.Reply.Bulk(pair.Field);
            }

            if (values)
            {
                context.Reply.Bulk(pair.Value);
            }
        }
    }
}

namespace Trefoil.KeyValue.Commands.Data;

/// <summary>Commands about all keys of this node: SCAN, KEYS, RANDOMKEY, DBSIZE, FLUSHALL, FLUSHDB. They hold no slot's lock.</summary>
internal static class KeyspaceCommands
{
    public static void DbSize(CommandContext context) => context.Reply.Integer(context.Store.Count);

    /// <summary>ASYNC and SYNC are accepted and mean the same: the tables let go at once, freeing is the collector's work.</summary>
    public static void Flush(CommandContext context)
    {
        if (context.Count > 2 || (context.Count == 2 && !context.Is(1, "ASYNC"u8) && !context.Is(1, "SYNC"u8)))
        {
            context.SyntaxError();
            return;
        }

        context.Store.Clear();
        context.Client.WrittenLsn = context.Store.LastLsn;
        context.Reply.Ok();
    }

    public static void RandomKey(CommandContext context)
    {
        if (context.Store.RandomKey(context.NowMs) is { } key)
        {
            context.Reply.Bulk(key);
        }
        else
        {
            context.Reply.Null();
        }
    }

    public static void Keys(CommandContext context)
    {
        var reply = context.Reply;
        var all = context[1].SequenceEqual("*"u8);
        var mark = reply.Length;
        var count = 0;
        context.Store.VisitAll(context.NowMs, entry =>
        {
            if (all || GlobPattern.IsMatch(context[1], entry.Key))
            {
                reply.Bulk(entry.Key);
                count++;
            }
        });
        reply.ArrayAt(mark, count);
    }

    public static void Scan(CommandContext context)
    {
        if (!ScanOptions.TryCursor(context, 1, out var cursor) || !ScanOptions.TryParse(context, 2, allowType: true, out var options))
        {
            return;
        }

        var keys = new List<byte[]>();
        var next = Collect(context, cursor, options, keys);
        context.Reply.Array(2);
        context.Reply.BulkInteger((long)next);
        context.Reply.Array(keys.Count);
        foreach (var key in keys)
        {
            context.Reply.Bulk(key);
        }
    }

    private static ulong Collect(CommandContext context, ulong cursor, ScanOptions options, List<byte[]> keys)
    {
        var found = new List<(byte[] Key, Values.EntryType Type)>();
        var next = context.Store.Scan(cursor, options.Count, context.NowMs, entry => found.Add((entry.Key.ToArray(), entry.Type)));
        foreach (var (key, type) in found)
        {
            if (options.Accepts(key) && options.Accepts(type))
            {
                keys.Add(key);
            }
        }

        return next;
    }
}

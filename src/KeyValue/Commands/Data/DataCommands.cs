namespace Trefoil.KeyValue.Commands.Data;

/// <summary>The handlers of strings, keys, hashes: name → handler. Everything else about a command stands in <c>Commands/Table/*.jsonl</c>.</summary>
internal static class DataCommands
{
    public static IEnumerable<CommandBinding> Bindings => [.. Strings, .. Counters, .. Keys, .. Keyspace, .. Hashes];

    private static CommandBinding[] Strings =>
    [
        new("append", StringWrites.Append),
        new("get", StringReads.Get),
        new("getdel", GetAndChange.GetDel),
        new("getex", GetAndChange.GetEx),
        new("getrange", StringReads.GetRange),
        new("getset", GetAndChange.GetSet),
        new("lcs", CommonSubsequence.Lcs),
        new("mget", StringReads.MGet),
        new("mset", StringWrites.MSet),
        new("msetnx", StringWrites.MSetNx),
        new("psetex", SetCommands.PSetEx),
        new("set", SetCommands.Set),
        new("setex", SetCommands.SetEx),
        new("setnx", SetCommands.SetNx),
        new("setrange", StringWrites.SetRange),
        new("strlen", StringReads.StrLen),
        new("substr", StringReads.GetRange),
    ];

    private static CommandBinding[] Counters =>
    [
        new("decr", CounterCommands.Decr),
        new("decrby", CounterCommands.DecrBy),
        new("incr", CounterCommands.Incr),
        new("incrby", CounterCommands.IncrBy),
        new("incrbyfloat", CounterCommands.IncrByFloat),
    ];

    private static CommandBinding[] Keys =>
    [
        new("copy", CopyCommands.Copy),
        new("del", KeyCommands.Del),
        new("dump", DumpCommands.Dump),
        new("exists", KeyCommands.Exists),
        new("expire", ExpireCommands.Expire),
        new("expireat", ExpireCommands.ExpireAt),
        new("expiretime", TimeToLiveCommands.ExpireTime),
        new("move", context => context.Reply.Error("ERR MOVE is not allowed in cluster mode"u8)),
        new("persist", TimeToLiveCommands.Persist),
        new("pexpire", ExpireCommands.PExpire),
        new("pexpireat", ExpireCommands.PExpireAt),
        new("pexpiretime", TimeToLiveCommands.PExpireTime),
        new("pttl", TimeToLiveCommands.PTtl),
        new("rename", CopyCommands.Rename),
        new("renamenx", CopyCommands.RenameNx),
        new("restore", DumpCommands.Restore),
        new("restore-asking", DumpCommands.Restore),
        new("sort", SortCommands.Sort),
        new("sort_ro", SortCommands.SortReadOnly),
        new("touch", KeyCommands.Touch),
        new("ttl", TimeToLiveCommands.Ttl),
        new("type", KeyCommands.Type),
        new("unlink", KeyCommands.Del),
    ];

    private static CommandBinding[] Keyspace =>
    [
        new("dbsize", KeyspaceCommands.DbSize),
        new("flushall", KeyspaceCommands.Flush),
        new("flushdb", KeyspaceCommands.Flush),
        new("keys", KeyspaceCommands.Keys),
        new("randomkey", KeyspaceCommands.RandomKey),
        new("scan", KeyspaceCommands.Scan),
        new("swapdb", context => context.Reply.Error("ERR SWAPDB is not allowed in cluster mode"u8)),
    ];

    private static CommandBinding[] Hashes =>
    [
        new("hdel", HashWrites.HDel),
        new("hexists", HashReads.HExists),
        new("hget", HashReads.HGet),
        new("hgetall", HashReads.HGetAll),
        new("hincrby", HashCounters.HIncrBy),
        new("hincrbyfloat", HashCounters.HIncrByFloat),
        new("hkeys", HashReads.HKeys),
        new("hlen", HashReads.HLen),
        new("hmget", HashReads.HMGet),
        new("hmset", HashWrites.HMSet),
        new("hrandfield", HashRandom.HRandField),
        new("hscan", HashReads.HScan),
        new("hset", HashWrites.HSet),
        new("hsetnx", HashWrites.HSetNx),
        new("hstrlen", HashReads.HStrLen),
        new("hvals", HashReads.HVals),
    ];
}

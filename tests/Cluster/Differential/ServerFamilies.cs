namespace Trefoil.Cluster.Differential;

/// <summary>Random commands about memory and time: a full memory, what counts as a use of a key, what is noted of slow commands.</summary>
internal static class ServerFamilies
{
    private static readonly string[] Policies =
    [
        "noeviction", "allkeys-lru", "allkeys-lfu", "allkeys-random", "volatile-lru", "volatile-lfu", "volatile-random", "volatile-ttl",
    ];

    /// <summary>What both servers are told before: nothing here may depend on how fast a machine is.</summary>
    public static string[][] Setup(string family) => family switch
    {
        "full memory" => [["CONFIG", "SET", "maxmemory-eviction-tenacity", "100"]],
        "frequency" => [["CONFIG", "SET", "maxmemory-policy", "allkeys-lfu", "lfu-log-factor", "0", "lfu-decay-time", "0", "maxmemory", "1gb"]],
        "diagnostics" => [["CONFIG", "SET", "slowlog-log-slower-than", "1000000000"], ["SLOWLOG", "RESET"]],
        _ => [],
    };

    /// <summary>With room for nothing or for everything: what is evicted and what is refused does not depend on what a key takes.</summary>
    public static string[] FullMemory(Words words) => words.Below(24) switch
    {
        0 => ["CONFIG", "SET", "maxmemory", "1"],
        1 or 2 or 3 => ["CONFIG", "SET", "maxmemory", "0"],
        4 => ["CONFIG", "SET", "maxmemory-policy", words.Pick(Policies)],
        5 => ["CONFIG", "SET", words.Pick("maxmemory", "maxmemory-policy", "maxmemory-samples", "maxmemory-eviction-tenacity"), words.Pick("x", "-1", "", "lru", "101")],
        6 or 7 => ["DBSIZE"],
        8 => ["PEXPIRE", words.Key(words.StringKey), "100000000"],
        < 12 => [words.Pick("LPUSH", "RPUSH", "LREM", "LPUSHX", "RPUSHX"), words.ListKey(), words.Value()],
        12 => [words.Pick("SADD", "SREM"), words.SetKey(), words.Value()],
        13 => ["ZADD", words.SortedKey(), words.Float(), words.Text()],
        14 => [words.Pick("LPOP", "RPOP", "LLEN", "SCARD", "ZCARD"), words.Key(words.ListKey)],
        15 => ["COPY", words.StringKey(), words.StringKey()],
        _ => TransactionWords.Draw(words),
    };

    /// <summary>Every access counts one, without chance and without decay, so the counter shows what counts as an access.</summary>
    public static string[] Frequency(Words words) => words.Below(16) switch
    {
        < 5 => ["OBJECT", "FREQ", words.Key(words.StringKey)],
        5 => ["OBJECT", "FREQ", words.Key(words.HashKey)],
        6 => ["OBJECT", "IDLETIME", words.Key(words.StringKey)],
        7 => ["DEL", words.Key(words.StringKey)],
        8 => ["DEL", words.HashKey()],
        9 => ["SET", words.StringKey(), words.Value()],
        10 => ["GET", words.StringKey()],
        11 => [words.Pick("TYPE", "TTL", "PTTL", "EXISTS", "TOUCH", "STRLEN"), words.Key(words.StringKey)],
        12 => ["EXPIRE", words.StringKey(), "100000"],
        13 => ["HGET", words.HashKey(), "f1"],
        14 => ["HSET", words.HashKey(), "f1", "v"],
        _ => ["APPEND", words.StringKey(), "x"],
    };

    /// <summary>What SLOWLOG, LATENCY, MEMORY and their parameters answer while nothing was slow.</summary>
    public static string[] Diagnostics(Words words) => words.Below(22) switch
    {
        0 or 1 => ["SLOWLOG", "GET", .. words.Chance(0.7) ? [words.Integer()] : Array.Empty<string>(), .. Rare(words, "1")],
        2 => ["SLOWLOG", words.Pick("LEN", "RESET", "HELP", "len", "NOPE"), .. Rare(words, "x")],
        3 => ["SLOWLOG"],
        4 => ["LATENCY", words.Pick("LATEST", "RESET", "HELP", "latest", "NOPE")],
        5 => ["LATENCY", words.Pick("HISTORY", "GRAPH", "RESET"), words.Pick("command", "fast-command", "nothing", "")],
        6 => ["LATENCY", words.Pick("HISTORY", "GRAPH", "LATEST", "HELP", "DOCTOR"), "command", .. Rare(words, "x")],
        7 => ["LATENCY", "HISTOGRAM", words.Pick("nothing", "blmpop", "config|nothing", "")],
        8 => ["LATENCY"],
        9 => ["MEMORY", words.Pick("HELP", "PURGE", "NOPE"), .. Rare(words, "x")],
        10 => ["MEMORY"],
        11 or 12 => ["MEMORY", "USAGE", words.Key(words.StringKey), .. Samples(words)],
        13 => ["CONFIG", "SET", words.Pick("slowlog-max-len", "slowlog-log-slower-than"), words.Pick("1000000000", "-1", "-2", "x", "", "9223372036854775807")],
        14 => ["CONFIG", "SET", "latency-monitor-threshold", words.Pick("1000000", "0", "-1", "x")],
        15 => ["CONFIG", "GET", words.Pick("slowlog-max-len", "slowlog-log-slower-than", "latency-monitor-threshold", "maxmemory", "maxmemory-policy", "lfu-log-factor")],
        16 => ["CONFIG", "SET", words.Pick("lfu-log-factor", "lfu-decay-time", "maxmemory-samples"), words.Pick("0", "1", "10", "-1", "x")],
        17 => ["SHUTDOWN", words.Pick("ABORT", "NOPE", "SAVE NOSAVE"), .. Rare(words, "ABORT"), "NOPE"],
        18 => ["SHUTDOWN", "ABORT", .. Rare(words, words.Pick("SAVE", "NOSAVE", "NOW", "FORCE"))],
        19 => ["OBJECT", words.Pick("FREQ", "IDLETIME"), words.Key(words.StringKey), .. Rare(words, "x")],
        20 => ["SET", words.StringKey(), words.Value()],
        _ => ["DEL", words.StringKey()],
    };

    private static string[] Rare(Words words, string word) => words.Chance(0.15) ? [word] : [];

    private static string[] Samples(Words words) => words.Below(4) switch
    {
        0 => ["SAMPLES", words.Pick("0", "5", "-1", "x", "")],
        1 => [words.Pick("SAMPLES", "samples", "what")],
        _ => [],
    };
}

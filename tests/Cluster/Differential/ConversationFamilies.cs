namespace Trefoil.Cluster.Differential;

/// <summary>What clients say to each other through a server: blocking pops and their pushes, publishing and subscribing.</summary>
internal static class ConversationFamilies
{
    public static string[] Blocking(Words words)
    {
        var list = words.Key(List);
        return words.Below(26) switch
        {
            0 or 1 => [words.Pick("BLPOP", "BRPOP", "blpop"), .. Many(words, List), Seconds(words)],
            2 => ["BLMOVE", list, words.Key(List), End(words), End(words), Seconds(words)],
            3 => ["BRPOPLPUSH", list, words.Key(List), Seconds(words)],
            4 => ["BLMPOP", Seconds(words), .. Numbered(words, List), End(words), .. PopCount(words)],
            5 or 6 => [words.Pick("BZPOPMIN", "BZPOPMAX"), .. Many(words, Sorted), Seconds(words)],
            7 => ["BZMPOP", Seconds(words), .. Numbered(words, Sorted), words.Pick("MIN", "MAX", "min", "LEFT"), .. PopCount(words)],
            8 or 9 or 10 or 11 => [words.Pick("LPUSH", "RPUSH"), list, .. Some(words)],
            12 or 13 => ["ZADD", words.Key(Sorted), "1", words.Value(), $"{words.Below(9)}", words.Value()],
            14 => [words.Pick("LLEN", "TYPE", "ZCARD"), list],
            15 => ["LRANGE", list, "0", "-1"],
            16 => ["SET", words.Chance(0.5) ? List() : Sorted(), "x"],
            17 or 18 => [words.Pick("DEL", "UNLINK"), List(), Sorted()],
            19 => ["MULTI"],
            20 or 21 => ["EXEC"],
            22 when words.Chance(0.5) => words.Below(2) == 0
                ? [words.Pick("RENAME", "RENAMENX"), words.Chance(0.5) ? List() : Sorted(), words.Chance(0.7) ? List() : Sorted()]
                : ["COPY", words.Chance(0.5) ? List() : Sorted(), words.Chance(0.5) ? List() : Sorted(), "REPLACE"],
            22 => ["LMOVE", list, words.Key(List), End(words), End(words)],
            23 => words.Chance(0.7) ? ["PING"] : ["WAIT", words.Pick("0", "-1", "x", "1"), words.Pick("x", "-1", "1.5", "")],
            _ => ["CLIENT", "UNBLOCK", words.Pick("@0", "@1", "@2", "@3", "@4", "0", "x", "-1"), .. words.Below(3) == 0 ? [words.Pick("TIMEOUT", "ERROR", "error", "what")] : Array.Empty<string>()],
        };

        string List() => $"{Words.Tag}l{words.Below(4)}";
        string Sorted() => $"{Words.Tag}z{words.Below(3)}";
    }

    public static string[] Publishing(Words words)
    {
        var channel = Channel();
        return words.Below(24) switch
        {
            0 or 1 or 2 => ["SUBSCRIBE", .. Many(words, Channel)],
            3 or 4 => ["PSUBSCRIBE", .. Many(words, Pattern)],
            5 or 6 => ["SSUBSCRIBE", .. Many(words, Shard)],
            7 => ["UNSUBSCRIBE", .. words.Chance(0.2) ? [] : Many(words, Channel)],
            8 => ["PUNSUBSCRIBE", .. words.Chance(0.2) ? [] : Many(words, Pattern)],
            9 => ["SUNSUBSCRIBE", .. words.Chance(0.2) ? [] : Many(words, Shard)],
            10 or 11 or 12 or 13 => ["PUBLISH", channel, words.LongValue()],
            14 or 15 => ["SPUBLISH", Shard(), words.Value()],
            16 => ["PUBSUB", words.Pick("CHANNELS", "SHARDCHANNELS", "channels"), .. words.Below(3) switch { 0 => [], 1 => [Pattern()], _ => words.Chance(0.1) ? new[] { "a", "b" } : ["c1"] }],
            17 => ["PUBSUB", words.Pick("NUMSUB", "SHARDNUMSUB"), .. words.Chance(0.2) ? [] : Many(words, words.Chance(0.5) ? Channel : Shard)],
            18 => ["PUBSUB", words.Pick("NUMPAT", "NUMPAT", "HELP", "NOPE")],
            19 => words.Chance(0.3) ? ["RESET"] : words.Chance(0.3) ? ["PING", words.Value()] : ["PING"],
            20 => words.Chance(0.5) ? ["HELLO", words.Pick("2", "3")] : ["CLIENT", "REPLY", words.Pick("ON", "ON", "ON", "OFF", "SKIP")],
            21 => ["MULTI"],
            22 => ["EXEC"],
            _ => words.Chance(0.3) ? [words.Pick("SUBSCRIBE", "PUBLISH", "SSUBSCRIBE", "PUBSUB", "SPUBLISH")] : ["SET", Words.Tag, "x"],
        };

        string Channel() => words.Below(9) == 0 ? words.Text() : $"c{words.Below(4)}";
        string Shard() => words.Below(9) == 0 ? $"other{words.Below(3)}" : $"{Words.Tag}c{words.Below(3)}";
        string Pattern() => words.Pick("c*", "c[0-1]", "*", "c?", "c1", "", "\\c1", "d*");
    }

    private static string Seconds(Words words) => words.Chance(0.8)
        ? words.Pick("0", "0", "1000", "1000.5", "0x100000", "-0", "-0.0001", "9223372036854775", "0.0e5")
        : words.Pick("-1", "abc", "", "nan", "inf", "-inf", "1e400", "1e16", "9223372036854775807", " 1", "1 ", "1e-5000", "-0.001");

    private static string End(Words words) => words.Pick("LEFT", "RIGHT", "LEFT", "RIGHT", "left", words.Chance(0.2) ? "UP" : "RIGHT");

    private static string[] Numbered(Words words, Func<string> key)
    {
        var keys = Many(words, key);
        return [words.Chance(0.1) ? words.Pick("0", "-1", "x", "9", "2") : $"{keys.Length}", .. keys];
    }

    private static string[] PopCount(Words words) => words.Below(4) switch
    {
        0 => ["COUNT", words.Pick("1", "2", "10", "0", "-1", "x")],
        1 when words.Chance(0.2) => ["COUNT"],
        _ => [],
    };

    private static string[] Many(Words words, Func<string> one) => Enumerable.Range(0, 1 + words.Below(3)).Select(_ => one()).ToArray();

    private static string[] Some(Words words) => Many(words, words.Value);
}

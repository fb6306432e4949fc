namespace Trefoil.Cluster.Differential;

/// <summary>Random commands by family: mostly well-formed, with every option, on few keys so that they meet.</summary>
internal static class CommandFamilies
{
    public static string[] Strings(Words words)
    {
        var key = words.Key(words.StringKey);
        return words.Below(20) switch
        {
            0 or 1 => ["GET", key],
            2 => ["SET", key, words.LongValue()],
            3 or 4 => ["SET", key, words.Value(), .. SetOptions(words)],
            5 => ["GETSET", key, words.Value()],
            6 => ["GETDEL", key],
            7 => ["GETEX", key, .. GetExOptions(words)],
            8 => ["SETNX", key, words.Value()],
            9 => ["SETEX", key, words.TimeToLive(false), words.Value()],
            10 => ["PSETEX", key, words.TimeToLive(true), words.Value()],
            11 => ["MGET", .. Keys(words, words.StringKey)],
            12 => [words.Pick("MSET", "MSETNX"), .. Pairs(words, words.StringKey)],
            13 or 14 => ["APPEND", key, words.Value()],
            15 => ["STRLEN", key],
            16 or 17 => [words.Pick("GETRANGE", "SUBSTR"), key, words.Integer(), words.Integer()],
            18 => ["SETRANGE", key, words.Pick("0", "1", "5", "70", "536870912", words.Integer()), words.Value()],
            _ => words.Chance(0.5) ? ["TTL", key] : ["OBJECT", words.Pick("ENCODING", "REFCOUNT"), key],
        };
    }

    public static string[] Counters(Words words)
    {
        var key = words.Key(words.StringKey);
        return words.Below(10) switch
        {
            0 => ["INCR", key],
            1 => ["DECR", key],
            2 => ["INCRBY", key, words.Integer()],
            3 => ["DECRBY", key, words.Integer()],
            4 or 5 or 6 => ["INCRBYFLOAT", key, words.Float()],
            7 => ["SET", key, words.Integer()],
            8 => ["SET", key, words.Float()],
            _ => words.Chance(0.5) ? ["GET", key] : ["OBJECT", "ENCODING", key],
        };
    }

    public static string[] KeysAndExpiry(Words words)
    {
        var key = words.Key(words.Below(2) == 0 ? words.StringKey : words.HashKey);
        return words.Below(18) switch
        {
            0 => ["DEL", .. Keys(words, words.StringKey)],
            1 => ["UNLINK", .. Keys(words, words.HashKey)],
            2 => [words.Pick("EXISTS", "TOUCH"), .. Keys(words, words.StringKey)],
            3 => ["TYPE", key],
            4 or 5 => [words.Pick("TTL", "PTTL", "EXPIRETIME", "PEXPIRETIME"), key],
            6 or 7 => ["EXPIRE", key, words.TimeToLive(false), .. Conditions(words)],
            8 or 9 => ["PEXPIRE", key, words.TimeToLive(true), .. Conditions(words)],
            10 => ["EXPIREAT", key, words.PointInTime(false), .. Conditions(words)],
            11 => ["PEXPIREAT", key, words.PointInTime(true), .. Conditions(words)],
            12 => ["PERSIST", key],
            13 or 14 => ["SET", key, words.Value(), .. SetOptions(words)],
            15 => ["HSET", words.HashKey(), words.Text(), words.Text()],
            16 => ["GET", key],
            _ => ["GETEX", key, .. GetExOptions(words)],
        };
    }

    public static string[] Hashes(Words words)
    {
        var key = words.Key(words.HashKey);
        var field = Field(words);
        return words.Below(24) switch
        {
            0 or 1 or 2 => [words.Pick("HSET", "HMSET"), key, .. Pairs(words, () => Field(words))],
            3 => ["HSETNX", key, field, words.Value()],
            4 => ["HGET", key, field],
            5 => ["HMGET", key, .. Many(words, () => Field(words))],
            6 => ["HGETALL", key],
            7 => ["HKEYS", key],
            8 => ["HVALS", key],
            9 => ["HLEN", key],
            10 => ["HSTRLEN", key, field],
            11 => ["HEXISTS", key, field],
            12 or 13 => ["HDEL", key, .. Many(words, () => Field(words))],
            14 or 15 => ["HINCRBY", key, field, words.Integer()],
            16 or 17 => ["HINCRBYFLOAT", key, field, words.Float()],
            18 => ["HSCAN", key, words.Pick("0", "0", "0", "abc", "-1", "", "1 ", "+0"), .. ScanOptions(words, "10")],
            19 => ["HRANDFIELD", key],
            20 => ["HRANDFIELD", key, words.Pick("0", "1", "3", "-3", "100", "-20", "x", "-9223372036854775808", "9223372036854775807"), .. Rare(words, "WITHVALUES")],
            21 => ["DEL", key],
            22 => ["SET", key, words.Value()],
            _ => ["HRANDFIELD", key, "100", words.Pick("WITHVALUES", "withvalues", "values"), .. Rare(words, "more")],
        };
    }

    public static string[] Keyspace(Words words) => words.Below(14) switch
    {
        0 or 1 => ["KEYS", words.Glob()],
        2 or 3 or 4 => ["SCAN", "0", .. ScanOptions(words, Comparison.Everything), "COUNT", Comparison.Everything],
        5 => ["SCAN", words.Pick("abc", "", "-", "1x", " 1", "99999999999999999999", "18446744073709551616"), .. ScanOptions(words, "10")],
        6 => ["DBSIZE"],
        7 => ["RANDOMKEY"],
        8 => words.Chance(0.1) ? ["FLUSHALL", .. Rare(words, "ASYNC"), .. Rare(words, "SYNC")] : ["FLUSHDB", words.Pick("NOW", "ASYNC SYNC", "x")],
        9 => words.Below(4) switch
        {
            0 => ["HSET", words.HashKey(), words.Text(), words.Text()],
            1 => ["RPUSH", words.ListKey(), words.Text()],
            2 => ["SADD", words.SetKey(), words.Text()],
            _ => ["ZADD", words.SortedKey(), "1", words.Text()],
        },
        10 => ["DEL", words.Key(words.StringKey)],
        11 => ["SCAN", "0", "TYPE", words.Pick("string", "hash", "list", "set", "zset", "STRING", "nothing", ""), "COUNT", Comparison.Everything],
        _ => ["SET", words.Key(words.StringKey), words.Value()],
    };

    /// <summary>Any command with any number of any words: arity, types and syntax at their worst.</summary>
    public static string[] Nonsense(Words words)
    {
        var family = words.Below(15) switch
        {
            0 => Strings(words),
            1 => Counters(words),
            2 => KeysAndExpiry(words),
            3 => Hashes(words),
            4 => TypeFamilies.Lists(words),
            5 => TypeFamilies.Sets(words),
            6 => TypeFamilies.SortedSets(words),
            7 => TypeFamilies.SortedRanges(words),
            8 => TypeFamilies.SortedAlgebra(words),
            9 => DataFamilies.Bits(words),
            10 => DataFamilies.Bitfields(words),
            11 => DataFamilies.Copies(words),
            12 => DataFamilies.Sorting(words),
            13 => DataFamilies.Subsequences(words),
            _ => Keyspace(words),
        };
        if (family[0] is "SPOP" or "SETEX" or "PSETEX")
        {
            // One argument more or less and it draws, or the value becomes a time that ends during the test.
            return family;
        }

        var command = family.ToList();
        for (var change = words.Below(3); change >= 0; change--)
        {
            var at = words.Below(command.Count);
            switch (words.Below(3))
            {
                case 0 when command.Count > 1 && at > 0:
                    command.RemoveAt(at);
                    break;
                case 1:
                    command.Insert(Math.Max(1, at), words.Chance(0.5) ? words.Key(words.StringKey) : Words.Tag + words.Value());
                    break;
                default:
                    command.Add(Words.Tag + words.Text());
                    break;
            }
        }

        return [.. command];
    }

    private static string Field(Words words) => words.Chance(0.1) ? words.Text() : $"f{words.Below(10)}";

    private static List<string> Keys(Words words, Func<string> usual) => Many(words, () => words.Key(usual));

    private static List<string> Many(Words words, Func<string> one) =>
        Enumerable.Range(0, 1 + words.Below(4)).Select(_ => one()).ToList();

    private static IEnumerable<string> Pairs(Words words, Func<string> one)
    {
        var pairs = Enumerable.Range(0, 1 + words.Below(3)).SelectMany(_ => new[] { one(), words.Value() }).ToList();
        return words.Chance(0.05) ? pairs.SkipLast(1) : pairs;
    }

    private static IEnumerable<string> Rare(Words words, string option) => words.Chance(0.4) ? [option] : [];

    private static List<string> SetOptions(Words words)
    {
        var options = new List<string>();
        for (var count = words.Below(4); count > 0; count--)
        {
            options.AddRange(words.Below(9) switch
            {
                0 => [words.Pick("NX", "nx")],
                1 => ["XX"],
                2 => [words.Pick("GET", "get")],
                3 => ["KEEPTTL"],
                4 => ["EX", words.TimeToLive(false)],
                5 => ["PX", words.TimeToLive(true)],
                6 => ["EXAT", words.PointInTime(false)],
                7 => ["PXAT", words.PointInTime(true)],
                _ => [words.Pick("EX", "PERSIST", "what", "")],
            });
        }

        return options;
    }

    private static List<string> GetExOptions(Words words) => words.Below(6) switch
    {
        0 => [],
        1 => ["PERSIST", .. Rare(words, "PERSIST")],
        2 => ["EX", words.TimeToLive(false)],
        3 => ["PX", words.TimeToLive(true)],
        4 => [words.Pick("EXAT", "PXAT"), words.PointInTime(true)],
        _ => SetOptions(words),
    };

    private static List<string> Conditions(Words words) => words.Below(3) > 0
        ? []
        : Enumerable.Range(0, 1 + words.Below(2)).Select(_ => words.Pick("NX", "XX", "GT", "LT", "gt", "what")).ToList();

    private static List<string> ScanOptions(Words words, string count) => words.Below(4) switch
    {
        0 => ["MATCH", words.Glob()],
        1 => ["COUNT", words.Pick(count, count, "0", "-1", "x"), "MATCH", words.Glob()],
        2 => words.Chance(0.3) ? [words.Pick("MATCH", "COUNT", "TYPE", "what")] : [],
        _ => [],
    };
}

namespace Trefoil.Cluster.Differential;

/// <summary>Random commands on lists, sets and sorted sets.</summary>
internal static class TypeFamilies
{
    private static readonly string[] Bounds =
        ["-inf", "+inf", "inf", "(0", "0", "(1", "1", "(5", "5", "-3", "(-3", "2.5", "(2.5", "1e3", "", "(", "x", " 1", "1 ", "nan", "(inf", "1e400", "0x2"];

    private static readonly string[] LexBounds = ["-", "+", "[a", "(a", "[b", "(c", "[m", "[", "(", "", "a", "+x", "[aa", "(zz", "[\u00ff"];

    public static string[] Lists(Words words)
    {
        var key = words.Key(words.ListKey);
        var element = Element(words);
        return words.Below(28) switch
        {
            0 or 1 or 2 or 3 => [words.Pick("LPUSH", "RPUSH", "lpush"), key, .. Many(words, () => Element(words))],
            4 => [words.Pick("LPUSHX", "RPUSHX"), key, .. Many(words, () => Element(words))],
            5 => [words.Pick("LPOP", "RPOP"), key],
            6 => [words.Pick("LPOP", "RPOP"), key, Count(words), .. Seldom(words, "more")],
            7 => ["LLEN", key],
            8 or 9 => ["LINDEX", key, words.Integer()],
            10 or 11 => ["LRANGE", key, words.Integer(), words.Integer()],
            12 => ["LRANGE", key, "0", "-1"],
            13 or 14 => ["LSET", key, words.Integer(), element],
            15 or 16 => ["LINSERT", key, words.Pick("BEFORE", "AFTER", "after", "AROUND"), element, words.Value()],
            17 or 18 => ["LREM", key, words.Pick("0", "1", "-1", "2", "-2", words.Integer()), element],
            19 => ["LTRIM", key, words.Integer(), words.Integer()],
            20 or 21 or 22 => ["LPOS", key, element, .. LPosOptions(words)],
            23 => ["LMOVE", key, words.Key(words.ListKey), End(words), End(words)],
            24 => ["RPOPLPUSH", key, words.Key(words.ListKey)],
            25 or 26 => ["LMPOP", .. Numbered(words, words.ListKey), End(words), .. PopCount(words)],
            _ => words.Below(3) > 0 ? ["RPUSH", key, words.LongValue()] : [words.Pick("DEL", "TYPE", "TTL"), key],
        };
    }

    public static string[] Sets(Words words)
    {
        var key = words.Key(words.SetKey);
        var member = Member(words);
        return words.Below(25) switch
        {
            0 or 1 or 2 or 3 or 4 => ["SADD", key, .. Many(words, () => Member(words))],
            5 or 6 => ["SREM", key, .. Many(words, () => Member(words))],
            7 => ["SMEMBERS", key],
            8 => ["SISMEMBER", key, member],
            9 => ["SMISMEMBER", key, .. Many(words, () => Member(words))],
            10 => ["SCARD", key],

            // A draw would make the two differ for ever: only what leaves nothing to chance.
            11 => words.Chance(0.3) ? ["SPOP", key, "1000"] : ["SPOP", key, words.Pick("0", "-1", "x"), .. Seldom(words, "more")],
            12 => ["SPOP", Words.Tag + "nobody"],
            13 => ["SRANDMEMBER", key],
            14 => ["SRANDMEMBER", key, words.Pick("0", "1", "3", "-3", "100", "-20", "x", "-9223372036854775808", "9223372036854775807"), .. Seldom(words, "more")],
            15 => ["SMOVE", key, words.Key(words.SetKey), member],
            16 or 17 or 18 => [words.Pick("SINTER", "SUNION", "SDIFF"), .. Keys(words, words.SetKey)],
            19 or 20 or 21 => [words.Pick("SINTERSTORE", "SUNIONSTORE", "SDIFFSTORE"), key, .. Keys(words, words.SetKey)],
            22 => ["SINTERCARD", .. Numbered(words, words.SetKey), .. Limit(words)],
            23 => ["SSCAN", key, words.Pick("0", "0", "0", "abc", "1x"), .. ScanOptions(words), "COUNT", Comparison.Everything],
            _ => words.Chance(0.3) ? ["DEL", key] : ["SADD", key, .. Enumerable.Range(0, words.Below(60)).Select(_ => $"{words.Below(90)}").Append("7")],
        };
    }

    public static string[] SortedSets(Words words)
    {
        var key = words.Key(words.SortedKey);
        var member = Member(words);
        return words.Below(26) switch
        {
            0 or 1 or 2 or 3 or 4 or 5 => ["ZADD", key, .. AddOptions(words), .. Many(words, () => Score(words)).SelectMany(score => new[] { score, Member(words) })],
            6 => ["ZADD", key, .. AddOptions(words), "INCR", Score(words), member, .. Seldom(words, "1")],
            7 => ["ZINCRBY", key, Score(words), member],
            8 => ["ZREM", key, .. Many(words, () => Member(words))],
            9 => ["ZSCORE", key, member],
            10 => ["ZMSCORE", key, .. Many(words, () => Member(words))],
            11 => ["ZCARD", key],
            12 => [words.Pick("ZCOUNT", "zcount"), key, Bound(words), Bound(words)],
            13 or 14 => [words.Pick("ZRANK", "ZREVRANK"), key, member],
            15 => ["ZREMRANGEBYRANK", key, words.Integer(), words.Integer()],
            16 => ["ZREMRANGEBYSCORE", key, Bound(words), Bound(words)],
            17 => [words.Pick("ZPOPMIN", "ZPOPMAX"), key],
            18 => [words.Pick("ZPOPMIN", "ZPOPMAX"), key, Count(words), .. Seldom(words, "more")],
            19 => ["ZMPOP", .. Numbered(words, words.SortedKey), words.Pick("MIN", "MAX", "max", "MID"), .. PopCount(words)],
            20 => ["ZRANDMEMBER", key],
            21 => ["ZRANDMEMBER", key, words.Pick("0", "1", "3", "-3", "100", "-20", "x", "-9223372036854775808", "9223372036854775807"), .. Seldom(words, "WITHSCORES")],
            22 => ["ZSCAN", key, words.Pick("0", "0", "0", "abc", "1x"), .. ScanOptions(words), "COUNT", Comparison.Everything],
            23 => words.Chance(0.3) ? ["DEL", key] : ["ZADD", key, "1", new string('w', 60 + words.Below(10))],
            24 => ["ZADD", key, .. Enumerable.Range(0, 1 + words.Below(60)).SelectMany(_ => new[] { $"{words.Below(40)}", $"w{words.Below(200)}" })],
            _ => ["ZRANGE", key, "0", "-1", "WITHSCORES"],
        };
    }

    public static string[] SortedRanges(Words words)
    {
        var key = words.Key(words.SortedKey);
        return words.Below(15) switch
        {
            0 or 1 => ["ZADD", key, .. Many(words, () => Score(words)).SelectMany(score => new[] { score, Member(words) })],
            2 => ["ZRANGE", key, words.Integer(), words.Integer(), .. RangeOptions(words)],
            3 => ["ZRANGE", key, Bound(words), Bound(words), "BYSCORE", .. RangeOptions(words)],
            4 => ["ZRANGE", words.LexKey(), LexBound(words), LexBound(words), "BYLEX", .. RangeOptions(words)],
            5 => ["ZREVRANGE", key, words.Integer(), words.Integer(), .. RangeOptions(words)],
            6 => [words.Pick("ZRANGEBYSCORE", "ZREVRANGEBYSCORE"), key, Bound(words), Bound(words), .. RangeOptions(words)],
            7 => [words.Pick("ZRANGEBYLEX", "ZREVRANGEBYLEX"), words.LexKey(), LexBound(words), LexBound(words), .. RangeOptions(words)],
            8 => ["ZLEXCOUNT", words.LexKey(), LexBound(words), LexBound(words)],
            9 => words.Chance(0.5) ? ["ZREMRANGEBYLEX", words.LexKey(), LexBound(words), LexBound(words)] : ["ZREM", words.LexKey(), LexMember(words)],
            10 => ["ZADD", words.LexKey(), .. Many(words, () => "0").SelectMany(score => new[] { score, LexMember(words) })],
            11 => ["ZRANGESTORE", words.Key(words.SortedKey), key, words.Integer(), words.Integer(), .. RangeOptions(words)],
            12 => ["ZRANGESTORE", words.Key(words.SortedKey), key, Bound(words), Bound(words), "BYSCORE", .. RangeOptions(words)],
            13 => ["ZRANGE", key, "0", "-1", .. RangeOptions(words)],
            _ => words.Chance(0.3) ? ["ZREMRANGEBYRANK", key, "0", "3"] : ["ZCOUNT", key, Bound(words), Bound(words)],
        };
    }

    public static string[] SortedAlgebra(Words words)
    {
        var key = words.Key(words.SortedKey);
        Func<string> any = () => words.Chance(0.2) ? words.SetKey() : words.SortedKey();
        return words.Below(12) switch
        {
            0 or 1 or 2 => ["ZADD", key, .. Many(words, () => Score(words)).SelectMany(score => new[] { score, Member(words) })],
            3 => ["SADD", words.SetKey(), .. Many(words, () => Member(words))],
            4 or 5 or 6 => [words.Pick("ZUNION", "ZINTER", "ZDIFF"), .. AlgebraArguments(words, any)],
            7 or 8 or 9 => [words.Pick("ZUNIONSTORE", "ZINTERSTORE", "ZDIFFSTORE"), key, .. AlgebraArguments(words, any)],
            10 => ["ZINTERCARD", .. Numbered(words, any), .. Limit(words)],
            _ => words.Chance(0.5) ? ["DEL", key] : ["ZREMRANGEBYRANK", key, "0", "2"],
        };
    }

    private static List<string> AlgebraArguments(Words words, Func<string> any)
    {
        var arguments = Numbered(words, any);
        var keys = arguments.Count - 1;
        for (var options = words.Below(3); options > 0; options--)
        {
            arguments.AddRange(words.Below(5) switch
            {
                0 or 1 => ["WEIGHTS", .. Enumerable.Range(0, words.Chance(0.1) ? keys + 1 : keys).Select(_ => Score(words))],
                2 or 3 => ["AGGREGATE", words.Pick("SUM", "MIN", "MAX", "max", "AVG")],
                _ => [words.Pick("WITHSCORES", "withscores", "LIMIT")],
            });
        }

        if (words.Chance(0.5))
        {
            arguments.Add("WITHSCORES");
        }

        return arguments;
    }

    private static string Element(Words words) => words.Chance(0.6) ? words.Pick("a", "b", "c", "1", "2") : words.Value();

    private static string Member(Words words) => words.Below(10) switch
    {
        0 => words.Value(),
        1 or 2 or 3 => $"{words.Below(12)}",
        _ => $"m{words.Below(16)}",
    };

    private static string LexMember(Words words) => string.Concat(Enumerable.Range(0, words.Below(3)).Select(_ => words.Pick("a", "b", "m", "z", "\u00ff")));

    private static string Score(Words words) => words.Below(4) switch
    {
        0 => words.Float(),
        1 => words.Pick("inf", "-inf", "+inf", "-0", "0", "1e17", "1e18", "4e18", "5e18", "123456789012", "4503599627370497", "1e-320", "x"),
        _ => $"{words.Below(20) - 5}",
    };

    private static string Bound(Words words) => words.Chance(0.5) ? words.Pick(Bounds) : $"{words.Pick("", "", "(")}{words.Below(20) - 5}";

    private static string LexBound(Words words) => words.Pick(LexBounds);

    private static string End(Words words) => words.Pick("LEFT", "RIGHT", "LEFT", "RIGHT", "left", "TOP");

    private static string Count(Words words) => words.Pick("0", "1", "2", "3", "100", "-1", "x", "");

    private static List<string> Numbered(Words words, Func<string> usual)
    {
        var keys = Keys(words, usual);
        var number = words.Chance(0.9) ? $"{keys.Count}" : words.Pick("0", "-1", "x", "100", "1");
        return [number, .. keys];
    }

    private static List<string> PopCount(Words words) => words.Below(4) switch
    {
        0 => ["COUNT", Count(words), .. Seldom(words, "COUNT")],
        1 => words.Chance(0.2) ? [words.Pick("COUNT", "LIMIT")] : ["count", "2"],
        _ => [],
    };

    private static List<string> Limit(Words words) => words.Below(4) switch
    {
        0 or 1 => ["LIMIT", words.Pick("0", "1", "2", "100", "-1", "x")],
        2 => words.Chance(0.2) ? [words.Pick("LIMIT", "COUNT")] : [],
        _ => [],
    };

    private static List<string> LPosOptions(Words words)
    {
        var options = new List<string>();
        for (var count = words.Below(4); count > 0; count--)
        {
            options.AddRange(words.Below(4) switch
            {
                0 => ["RANK", words.Pick("1", "2", "-1", "-2", "0", "x", "-9223372036854775807")],
                1 => ["COUNT", words.Pick("0", "1", "2", "10", "-1", "x")],
                2 => ["MAXLEN", words.Pick("0", "1", "3", "1000", "-1", "x")],
                _ => words.Chance(0.2) ? [words.Pick("RANK", "what")] : [],
            });
        }

        return options;
    }

    private static List<string> AddOptions(Words words) =>
        words.Chance(0.5) ? [] : Enumerable.Range(0, 1 + words.Below(2)).Select(_ => words.Pick("NX", "XX", "GT", "LT", "CH", "CH", "ch")).ToList();

    private static List<string> RangeOptions(Words words)
    {
        var options = new List<string>();
        for (var count = words.Below(3); count > 0; count--)
        {
            options.AddRange(words.Below(6) switch
            {
                0 or 1 => ["WITHSCORES"],
                2 or 3 => ["LIMIT", words.Pick("0", "1", "2", "-1", "x"), words.Pick("0", "1", "3", "-1", "-2", "100")],
                4 => [words.Pick("REV", "rev")],
                _ => words.Chance(0.2) ? [words.Pick("BYSCORE", "LIMIT", "what")] : [],
            });
        }

        return options;
    }

    private static List<string> ScanOptions(Words words) => words.Below(4) switch
    {
        0 => ["MATCH", words.Glob()],
        1 => ["COUNT", words.Pick("10", "0", "x"), "MATCH", words.Glob()],
        _ => [],
    };

    private static List<string> Keys(Words words, Func<string> usual) => Many(words, () => words.Key(usual));

    private static List<string> Many(Words words, Func<string> one) => Enumerable.Range(0, 1 + words.Below(4)).Select(_ => one()).ToList();

    private static IEnumerable<string> Seldom(Words words, string option) => words.Chance(0.2) ? [option] : [];
}

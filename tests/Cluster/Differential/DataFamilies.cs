namespace Trefoil.Cluster.Differential;

/// <summary>Random commands on bits, on copies of values, on common subsequences and on orders.</summary>
internal static class DataFamilies
{
    private static readonly string[] BitfieldTypes =
        ["u8", "i8", "u1", "i1", "u63", "i64", "i5", "u16", "u2", "i16", "i63", "u64", "i65", "u0", "x", "U8", "", "u", "i", "u 8"];

    public static string[] Bits(Words words)
    {
        var key = words.Key(words.StringKey);
        return words.Below(20) switch
        {
            0 or 1 or 2 or 3 => ["SETBIT", key, BitOffset(words), words.Pick("0", "1", "1", "2", "x", "-1", "01")],
            4 or 5 => ["GETBIT", key, words.Chance(0.1) ? words.Integer() : BitOffset(words)],
            6 or 7 => ["BITCOUNT", key, .. BitRange(words)],
            8 or 9 => ["BITPOS", key, words.Pick("0", "1", "0", "1", "2", "x"), .. BitRange(words)],
            10 => ["BITPOS", key, words.Pick("0", "1"), .. Seldom(words, words.Integer())],
            11 or 12 or 13 => ["BITOP", words.Pick("AND", "OR", "XOR", "NOT", "and", "NAND"), words.Key(words.StringKey), .. Many(words, () => words.Key(words.StringKey))],
            14 => ["BITOP", "NOT", words.Key(words.StringKey), key],
            15 => ["SET", key, words.Chance(0.2) ? new string('\u00ff', words.Below(40)) + words.Pick("", "\u007f", "\u00fe") : words.Value()],
            16 => ["SETRANGE", key, $"{words.Below(40)}", words.Value()],
            17 => [words.Pick("OBJECT", "object"), words.Pick("ENCODING", "REFCOUNT"), key],
            18 => [words.Pick("DEL", "APPEND"), key, words.Key(words.StringKey)],
            _ => ["GET", key],
        };
    }

    public static string[] Bitfields(Words words)
    {
        var key = words.Key(words.StringKey);
        return words.Below(12) switch
        {
            0 => ["GET", key],
            1 => ["SET", key, words.Value()],
            2 => ["BITFIELD_RO", key, .. Enumerable.Range(0, words.Below(4)).SelectMany(_ => BitfieldStep(words, readOnly: words.Chance(0.8)))],
            3 => words.Chance(0.3) ? ["DEL", key] : ["STRLEN", key],
            4 => ["OBJECT", "ENCODING", key],
            _ => ["BITFIELD", key, .. Enumerable.Range(0, 1 + words.Below(5)).SelectMany(_ => BitfieldStep(words, readOnly: false))],
        };
    }

    public static string[] Copies(Words words)
    {
        var (key, other) = (words.Key(() => Any(words)), words.Key(() => Any(words)));
        return words.Below(16) switch
        {
            0 or 1 or 2 => ["COPY", key, other, .. CopyOptions(words)],
            3 or 4 => ["RENAME", key, other],
            5 => ["RENAMENX", key, other],
            6 => [words.Pick("OBJECT", "object"), words.Pick("ENCODING", "encoding"), key],
            7 => ["OBJECT", words.Pick("ENCODING", "HELP", "WHAT"), .. Seldom(words, key), .. Seldom(words, other)],
            8 => words.Chance(0.2) ? [words.Pick("MOVE", "SWAPDB"), key, words.Pick("0", "1", "x")] : ["TYPE", key],
            9 => ["EXPIRE", key, words.TimeToLive(false)],
            10 => ["PTTL", key],
            11 => TypeFamilies.Lists(words),
            12 => TypeFamilies.Sets(words),
            13 => TypeFamilies.SortedSets(words),
            14 => CommandFamilies.Hashes(words),
            _ => CommandFamilies.Strings(words),
        };
    }

    public static string[] Sorting(Words words)
    {
        var key = words.Key(() => words.Below(3) switch { 0 => words.ListKey(), 1 => words.SetKey(), _ => words.SortedKey() });
        return words.Below(12) switch
        {
            0 => ["RPUSH", words.ListKey(), .. Many(words, () => Sortable(words))],
            1 => ["SADD", words.SetKey(), .. Many(words, () => Sortable(words))],
            2 => ["ZADD", words.SortedKey(), .. Many(words, () => $"{words.Below(9)}").SelectMany(score => new[] { score, Sortable(words) })],
            3 => words.Chance(0.4) ? ["DEL", key] : ["TYPE", key],
            4 => ["LRANGE", words.ListKey(), "0", "-1"],
            5 => words.Chance(0.3) ? ["SET", words.StringKey(), "1"] : ["RPUSH", words.ListKey(), .. Many(words, () => Number(words))],
            6 => ["OBJECT", "ENCODING", key],
            7 => ["SORT_RO", key, .. SortOptions(words)],
            _ => [words.Pick("SORT", "sort"), key, .. SortOptions(words)],
        };
    }

    public static string[] Subsequences(Words words)
    {
        var (key, other) = (words.Key(words.StringKey), words.Key(words.StringKey));
        return words.Below(6) switch
        {
            0 => ["SET", key, Letters(words)],
            1 => ["APPEND", key, Letters(words)],
            2 => words.Chance(0.2) ? ["RPUSH", words.HashKey(), "a"] : ["SET", key, words.Value()],
            _ => ["LCS", key, other, .. LcsOptions(words)],
        };
    }

    /// <summary>Any kind of key.</summary>
    private static string Any(Words words) => words.Below(5) switch
    {
        0 => words.StringKey(),
        1 => words.HashKey(),
        2 => words.ListKey(),
        3 => words.SetKey(),
        _ => words.SortedKey(),
    };

    /// <summary>Never so far out that a write would make hundreds of megabytes.</summary>
    private static string BitOffset(Words words) =>
        words.Chance(0.1) ? words.Pick("-1", "x", "", "4294967296", "9223372036854775807", "1.5", "+1", "007") : $"{words.Below(500)}";

    private static List<string> BitRange(Words words)
    {
        var range = new List<string>();
        if (words.Chance(0.8))
        {
            range.AddRange([words.Integer(), words.Integer()]);
            range.AddRange(words.Below(3) switch { 0 => [words.Pick("BIT", "bit")], 1 => [words.Pick("BYTE", "BYTE", "NIBBLE")], _ => [] });
        }

        return [.. range, .. words.Chance(0.05) ? [words.Text()] : Array.Empty<string>()];
    }

    private static string[] BitfieldStep(Words words, bool readOnly)
    {
        var type = words.Chance(0.7) ? $"{words.Pick("u", "i")}{1 + words.Below(63)}" : words.Pick(BitfieldTypes);
        var offset = words.Below(8) switch
        {
            0 => words.Pick("-1", "x", "#", "", "#-1", "#x", "4294967296", "#9223372036854775807"),
            1 or 2 => $"#{words.Below(12)}",
            _ => $"{words.Below(200)}",
        };
        return (readOnly ? 0 : words.Below(8)) switch
        {
            0 or 1 => [words.Pick("GET", "get"), type, offset],
            2 or 3 => ["SET", type, offset, NotLowest(words.Integer())],
            4 => ["OVERFLOW", words.Pick("WRAP", "SAT", "FAIL", "sat", "NONE")],
            5 => words.Chance(0.1) ? [words.Pick("GET", "SET", "OVERFLOW", "what")] : ["OVERFLOW", words.Pick("SAT", "FAIL")],
            _ => ["INCRBY", type, offset, words.Integer()],
        };
    }

    /// <summary>Not the numbers at which Redis' test for overflow overflows itself.</summary>
    private static string NotLowest(string number) => number is "-9223372036854775808" or "-9223372036854775807" ? "-1" : number;

    private static List<string> CopyOptions(Words words)
    {
        var options = new List<string>();
        for (var count = words.Below(3); count > 0; count--)
        {
            options.AddRange(words.Below(6) switch
            {
                0 => ["DB", words.Pick("0", "0", "1", "16", "-1", "x", "4294967296")],
                1 => words.Chance(0.3) ? [words.Pick("DB", "what")] : [],
                _ => [words.Pick("REPLACE", "replace")],
            });
        }

        return options;
    }

    private static string Number(Words words) => words.Chance(0.3) ? $"{words.Below(100)}.{words.Below(10)}" : $"{words.Below(40) - 20}";

    /// <summary>No zero byte, where the collation of a locale stops; nothing out of a double's range, which Redis remembers for the next time.</summary>
    private static string Sortable(Words words) =>
        words.Chance(0.97) ? Number(words) : words.Pick("a", "B", "hello", "", " 1", "1 ", "inf", "-inf", "nan", "0x10", "1e3", "\u00ff", "00", "-0");

    private static List<string> SortOptions(Words words)
    {
        var options = new List<string>();
        for (var count = words.Below(4); count > 0; count--)
        {
            options.AddRange(words.Below(16) switch
            {
                0 or 1 => ["ASC"],
                2 or 3 => [words.Pick("DESC", "desc")],
                4 or 5 or 6 => ["ALPHA"],
                7 or 8 or 9 => ["LIMIT", words.Pick("0", "1", "2", "-1", "100", "x"), words.Pick("0", "1", "3", "-1", "-2", "100", "x")],
                10 => ["BY", words.Pick("nosort", "nosort", "w_*", "", "{t}*")],
                11 => ["BY", "nosort"],
                12 => words.Chance(0.2) ? ["GET", words.Pick("#", "x*", "{t}*", "")] : [],
                13 or 14 => ["STORE", words.Key(words.ListKey)],
                _ => words.Chance(0.3) ? [words.Pick("LIMIT", "STORE", "BY", "GET", "what")] : [],
            });
        }

        return options;
    }

    private static string Letters(Words words) => string.Concat(Enumerable.Range(0, words.Below(30)).Select(_ => words.Pick("a", "b", "c", "\0")));

    private static List<string> LcsOptions(Words words)
    {
        var options = new List<string>();
        for (var count = words.Below(4); count > 0; count--)
        {
            options.AddRange(words.Below(8) switch
            {
                0 => ["LEN"],
                1 or 2 or 3 => [words.Pick("IDX", "idx")],
                4 => ["MINMATCHLEN", words.Pick("0", "1", "2", "3", "-5", "x", words.Integer())],
                5 or 6 => ["WITHMATCHLEN"],
                _ => words.Chance(0.2) ? [words.Pick("MINMATCHLEN", "what")] : [],
            });
        }

        return options;
    }

    private static List<string> Many(Words words, Func<string> one) => Enumerable.Range(0, 1 + words.Below(4)).Select(_ => one()).ToList();

    private static IEnumerable<string> Seldom(Words words, string option) => words.Chance(0.5) ? [option] : [];
}

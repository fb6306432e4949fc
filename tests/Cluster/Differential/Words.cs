using System.Text;
using Trefoil.Primitives;

namespace Trefoil.Cluster.Differential;

/// <summary>Arguments to draw from: keys, values, and the edges of every kind of number.</summary>
/// <param name="random">Where the draws come from.</param>
/// <param name="tame">No number whose decimal form is longer than a packed hash's value: beyond that the order of fields is nobody's promise.</param>
internal sealed class Words(Prng random, bool tame)
{
    /// <summary>Everything the random commands name begins with this tag, so that several keys share a slot.</summary>
    public const string Tag = "{t}";

    private static readonly string[] Integers =
    [
        "0", "1", "-1", "2", "7", "10", "-10", "100", "9223372036854775807", "-9223372036854775808", "9223372036854775808",
        "-9223372036854775809", "9223372036854775806", "-9223372036854775807", "18446744073709551615", "99999999999999999999",
        "01", "+1", "-0", "", " 1", "1 ", "1.0", "abc", "-", "1e3", "0x10", "4294967296", "2147483647", "-2147483648",
        "4611686018427387904", "-4611686018427387904",
    ];

    private static readonly string[] Floats =
    [
        "0", "-0", "0.1", "0.2", "-0.3", "1e3", "1e-5", "1.5e300", "-1e4932", "1e4932", "1e4933", "inf", "-inf", "+inf", "nan", "infinity",
        "0x1p3", "0x.8", "0x", "0x1.8p-3", "0xg", "0x1p", " 1", "1 ", "", "abc", "3.0e", "3.0e+", ".5", "5.", ".", "-.", "1e-4950", "1e-4951",
        "1e-5000", "-1e-17", "4e-18", "5e-18", "6e-18", "1e-17", "9223372036854775807", "123456789012345678901234567890", "0.00000000000000001",
        "1.23456789012345678901", "-1.5", "1e17", "1e18", "1e19", "1e20", "+5", "1e+2", "1E2", "0x1P-2", "1_0", "3.14159265358979323846",
        "1e400", "-1e400", "2.5", "1000.1", "99999999.99999999", "--1", "+-1", "1e99999999999", "0e99999999999", "1e-99999999999", "infinit",
    ];

    private static readonly string[] Texts =
    [
        "", "a", "hello", "Hello World", "\0", "\r\n", "\u00ff\u00fe\0x", "0", "12", "-7", "3.5", "foo bar", "{", "}", "{}", "*", "nx",
        "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggg",
    ];

    private static readonly string[] Globs =
    [
        "*", "**", "?", "*?", "?*", "", "{t}*", "{t}s?", "{t}s[0-3]", "{t}s[3-0]", "{t}s[^0-3]", "{t}[a-", "{t}[", "{t}[^", "{t}[]", "{t}[\\",
        "*[sh]1", "\\{t\\}s1", "{t}s\\1", "{t}s1\\", "*s*1*", "[{]t}*", "[^{]*", "*1", "{t}*\\*", "{t}s[0-", "{t}s[0-3", "{T}*", "*[\u0080-\u00ff]*",
        "*[a-\u00ff]", "{t}s[]0]", "{t}s[\\]0]", "*]", "{t}s**1", "{t}s*?", "?t?s1", "{t}s[^^]", "[[]*", "*\u00ff*", "{t}s1*", "{t}s1**",
    ];

    public int Below(int bound) => random.Below(bound);

    public bool Chance(double probability) => random.Chance(probability);

    public string Pick(params string[] choices) => choices[random.Below(choices.Length)];

    public string StringKey() => $"{Tag}s{random.Below(12)}";

    public string HashKey() => $"{Tag}h{random.Below(6)}";

    public string ListKey() => $"{Tag}l{random.Below(5)}";

    public string SetKey() => $"{Tag}e{random.Below(5)}";

    public string SortedKey() => $"{Tag}z{random.Below(5)}";

    /// <summary>A sorted set whose scores are all equal: only there do ranges by member mean anything.</summary>
    public string LexKey() => $"{Tag}x{random.Below(3)}";

    /// <summary>Mostly the right kind of key, sometimes another's, sometimes bytes that are no text.</summary>
    public string Key(Func<string> usual) => random.Below(20) switch
    {
        0 => StringKey(),
        1 => HashKey(),
        2 => Tag + "\0\r\n\u00ff",
        3 => Tag + new string('k', 254 + random.Below(3)),
        4 => Tag,
        5 => Tag + "absent",
        _ => usual(),
    };

    public string Integer() => random.Below(3) switch
    {
        0 => $"{random.Below(200) - 100}",
        1 => $"{random.Below(20) - 5}",
        _ => Pick(Integers),
    };

    public string Float() => random.Below(3) switch
    {
        0 => $"{random.Below(2000) - 1000}.{random.Below(100000)}",
        1 => $"{(random.Fraction() - 0.5) * Math.Pow(10, random.Below(40) - 20):R}",
        _ => Tamed(Pick(Floats)),
    };

    private string Tamed(string number) =>
        tame && (number.Contains("e3", StringComparison.Ordinal) || number.Contains("e4", StringComparison.Ordinal)) ? "2.5" : number;

    public string Text() => Pick(Texts);

    public string Value() => random.Below(6) switch
    {
        0 => Integer(),
        1 => Float(),
        2 => new string((char)('a' + random.Below(26)), random.Below(64)),
        _ => Text(),
    };

    public string LongValue() => random.Below(8) == 0 ? new string('L', random.Below(3000)) : Value();

    public string Glob() => random.Below(4) == 0 ? $"*{Pick("0", "1", "s", "h", "?", "[0-5]")}*" : Pick(Globs);

    /// <summary>A time to live that neither ends nor equals another during the test, or an edge that is refused or past.</summary>
    public string TimeToLive(bool milliseconds) => random.Below(4) == 0
        ? Pick("0", "-1", "-100", "abc", "", "1.5", "9223372036854775807", "-9223372036854775808", "9223372036854776", "9223372036854775808")
        : $"{(100_000L + random.Below(1_000_000_000)) * (milliseconds ? 1000 : 1)}";

    /// <summary>As <see cref="TimeToLive"/> as a point in time; the last millisecond of all is a known difference and left out.</summary>
    public string PointInTime(bool milliseconds) => random.Below(4) == 0
        ? Pick("0", "-1", "1", "1000", "abc", "", milliseconds ? "9223372036854770000" : "9223372036854775", "9223372036854775808")
        : $"{(2_000_000_000L + random.Below(1_000_000_000)) * (milliseconds ? 1000 : 1)}";

    public static byte[][] Bytes(IEnumerable<string> words) => words.Select(Encoding.Latin1.GetBytes).ToArray();
}

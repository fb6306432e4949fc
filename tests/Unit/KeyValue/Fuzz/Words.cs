using System.Text;
using Trefoil.Primitives;

namespace Trefoil.Unit.KeyValue.Fuzz;

/// <summary>Words of commands: the numbers at which code breaks, bytes of every kind, and keys few enough to meet again.</summary>
/// <remarks>
/// No count is drawn that asks, legitimately, for gigabytes: SRANDMEMBER with -2147483647 answers as many members, SETRANGE at 536870911
/// makes a string of that length, here as in Redis.
/// </remarks>
internal sealed class Words(Prng random)
{
    /// <summary>The keys of all commands are in the slot of this tag, so that few are refused before they run.</summary>
    public const string Tag = "{t}";

    /// <summary>Keys that mostly hold a value of the type they are named after.</summary>
    public static readonly string[] Groups = ["string", "list", "set", "sorted-set", "hash"];

    private static readonly string[] Integers =
        ["0", "1", "-1", "2", "-2", "3", "5", "7", "10", "-10", "64", "100", "-100", "1000", "4294967296", "9223372036854775807", "-9223372036854775808"];

    private static readonly string[] NoIntegers =
        ["", "+1", "-", "01", " 1", "1 ", "1.0", "9223372036854775808", "-9223372036854775809", "18446744073709551615", "0x10", "abc", "\0"];

    private static readonly string[] Doubles =
        ["0", "-0", "1.5", "-3.25", "1e10", "1e-300", "1e400", "inf", "-inf", "+inf", "nan", "(1", "(inf", "[a", "(b", "-", "+", "3.", ".5", "1,5", ""];

    private static readonly string[] Tokens =
    [
        "NX", "XX", "GT", "LT", "CH", "INCR", "GET", "EX", "PX", "EXAT", "PXAT", "KEEPTTL", "PERSIST", "WITHSCORES", "WITHVALUES", "LIMIT", "BYSCORE", "BYLEX", "REV",
        "MATCH", "COUNT", "TYPE", "LEFT", "RIGHT", "MIN", "MAX", "WEIGHTS", "AGGREGATE", "SUM", "REPLACE", "ABSTTL", "IDLETIME", "FREQ", "STORE", "BY", "ALPHA",
        "ASC", "DESC", "RANK", "MAXLEN", "BEFORE", "AFTER", "OVERFLOW", "WRAP", "SAT", "FAIL", "SET", "u8", "i64", "u64", "BIT", "BYTE", "AND", "NOT", "LEN", "IDX", "#1",
    ];

    public byte[] Key(string group) => Latin($"{Tag}{(Array.IndexOf(Groups, group) >= 0 && random.Chance(0.9) ? group : Pick(Groups))}{random.Below(3)}");

    public byte[] Integer() => Latin(random.Chance(0.85) ? Pick(Integers) : Pick(NoIntegers));

    public byte[] Double() => Latin(random.Chance(0.5) ? Pick(Doubles) : Pick(Integers));

    public byte[] Pattern() => Latin(Pick(["*", "?", "{t}*", "[a-z]*", "[^", "\\", "f[", "*a*b*c*", "", "{t}string?"]));

    public byte[] Text() => random.Below(12) switch
    {
        < 5 => Latin($"f{random.Below(12)}"),
        5 => Integer(),
        6 => Double(),
        7 => [],
        8 => Bytes(1 + random.Below(70)),
        9 => Latin(Pick(Tokens)),
        10 => random.Chance(0.1) ? Bytes(1000 + random.Below(20_000)) : Bytes(1 + random.Below(5)),
        _ => Key(Pick(Groups)),
    };

    public byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        for (var i = 0; i < length; i++)
        {
            bytes[i] = (byte)random.Next();
        }

        return bytes;
    }

    public T Pick<T>(IReadOnlyList<T> choices) => choices[random.Below(choices.Count)];

    public static byte[] Latin(string text) => Encoding.Latin1.GetBytes(text);
}

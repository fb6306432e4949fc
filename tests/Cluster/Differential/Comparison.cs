using System.Globalization;
using System.Text;

namespace Trefoil.Cluster.Differential;

/// <summary>When two replies count as equal: byte for byte, except where Redis itself would not answer twice the same.</summary>
/// <remarks>
/// Known and intended differences, none of which the commands drawn here may reach:
/// <list type="bullet">
/// <item>Cursors of SCAN, HSCAN, SSCAN and ZSCAN: ours are (slot, hash). Compared are complete walks.</item>
/// <item>Order of KEYS, SCAN, of hashes beyond the packed form and of sets that are no intset: no order is promised.</item>
/// <item>An expiry at the very last millisecond a 64-bit number can say becomes the one before it, and rounding to seconds near the end
/// of the range does not wrap around to negative numbers.</item>
/// <item>LPOS with the one RANK that has no opposite: Redis 7.0 overflows, later ones refuse it, as we do.</item>
/// <item>OBJECT ENCODING of a sorted set that was sorted: SORT makes Redis unpack it for good, here it stays as it was. OBJECT REFCOUNT of a
/// small integer that was copied: Redis says 1, here it is still one of the shared ones.</item>
/// <item>MEMORY USAGE is what a key takes here. What the doctors of LATENCY and MEMORY say is said in our words.</item>
/// <item>COMMAND GETKEYS where a count of keys is no number: Redis falls back to reading its first digits, here the arguments are invalid.</item>
/// <item>BITFIELD with OVERFLOW SAT that sets a signed field to one of the lowest 64-bit numbers: Redis overflows and stores the field's highest.</item>
/// <item>Ranges by member of a sorted set with different scores: Redis leaves them open.</item>
/// </list>
/// </remarks>
internal static class Comparison
{
    /// <summary>What two servers asked one after the other may differ by, in milliseconds; this machine may be busy.</summary>
    private const long ClockSlack = 10_000;

    /// <summary>The same for idle times, in seconds; what the tests say with RESTORE differs by more.</summary>
    private const long IdleSlack = 60;

    /// <summary>The COUNT that makes a SCAN of the test's keys one complete walk.</summary>
    public const string Everything = "1000000";

    public static bool Equal(string[] command, byte[] expected, byte[] actual, bool fieldsInOrder)
    {
        if (expected.AsSpan().SequenceEqual(actual))
        {
            return true;
        }

        return command[0].ToUpperInvariant() switch
        {
            "TTL" or "PTTL" or "EXPIRETIME" or "PEXPIRETIME" => CloseInTime(expected, actual),
            "SCAN" when !IsWholeWalk(command) => SameShape(expected, actual),
            "KEYS" or "SCAN" => SameElements(expected, actual),
            "HGETALL" or "HKEYS" or "HVALS" or "HSCAN" => !fieldsInOrder && SameElements(expected, actual),
            "SMEMBERS" or "SINTER" or "SUNION" or "SDIFF" or "SSCAN" or "SPOP" or "ZSCAN" => SameElements(expected, actual),
            "SORT" or "SORT_RO" when command.Contains("BY") && (!fieldsInOrder || IsSet(command[1])) => command.Contains("LIMIT") ? SameShape(expected, actual) : SameElements(expected, actual),
            "MEMORY" => expected[0] == ':' && actual[0] == ':',
            "OBJECT" when command[1] == "IDLETIME" => TryInteger(expected, out var left) && TryInteger(actual, out var right) && Math.Abs(left - right) < IdleSlack,
            "LATENCY" when command[1] == "DOCTOR" => expected[0] == actual[0],
            "OBJECT" => command[1] == "ENCODING" && Text(expected).Contains("skiplist") && Text(actual).Contains("listpack"),
            "COMMAND" => expected[0] == '*' && Text(actual) == "-ERR Invalid arguments specified for command\r\n",
            "RANDOMKEY" => expected[0] == '$' && actual[0] == '$' && !IsNull(expected) && !IsNull(actual),
            "HRANDFIELD" or "SRANDMEMBER" or "ZRANDMEMBER" => SameShape(expected, actual),
            _ => false,
        };
    }

    private static bool IsSet(string key) => key.StartsWith($"{Words.Tag}e", StringComparison.Ordinal);

    private static bool IsWholeWalk(string[] command) =>
        command.Length > 3 && command[1] == "0" && command[^2] == "COUNT" && command[^1] == Everything;

    private static bool CloseInTime(byte[] expected, byte[] actual) =>
        TryInteger(expected, out var left) && TryInteger(actual, out var right) && left > 0 && right > 0 && Math.Abs(left - right) <= ClockSlack;

    private static bool TryInteger(byte[] reply, out long value)
    {
        value = 0;
        return reply[0] == ':' && long.TryParse(Encoding.ASCII.GetString(reply.AsSpan(1)).TrimEnd(), CultureInfo.InvariantCulture, out value);
    }

    /// <summary>Equal as bags of lines: heads must agree, the rest may stand in any order.</summary>
    private static bool SameElements(byte[] expected, byte[] actual) => Elements(expected).SequenceEqual(Elements(actual));

    private static IEnumerable<string> Elements(byte[] reply) => Encoding.Latin1.GetString(reply).Split("\r\n$").Order(StringComparer.Ordinal)
        .Select(element => element.TrimEnd('\r', '\n'));

    /// <summary>A random choice: the same kind of reply with the same number of elements.</summary>
    private static bool SameShape(byte[] expected, byte[] actual) => expected[0] == actual[0] && expected[0] switch
    {
        (byte)'$' => !IsNull(expected) && !IsNull(actual),
        (byte)'*' => Head(expected) == Head(actual),
        _ => false,
    };

    private static string Text(byte[] reply) => Encoding.Latin1.GetString(reply);

    private static string Head(byte[] reply) => Encoding.Latin1.GetString(reply).Split("\r\n")[0];

    private static bool IsNull(byte[] reply) => reply.AsSpan().StartsWith("$-1"u8);
}

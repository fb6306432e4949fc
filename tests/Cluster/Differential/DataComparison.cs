using System.Text;

namespace Trefoil.Cluster.Differential;

/// <summary>Whether two servers hold the same data, whatever the replies said: by DEBUG DIGEST, and by DUMP carried to the other side.</summary>
internal static class DataComparison
{
    private const string Copy = Words.Tag + "copy of a dump";

    /// <summary>Adds what differs. Every value is dumped by either server, restored by the other and found equal there by its digest.</summary>
    public static void Compare(RawConnection expected, RawConnection actual, List<string> differences)
    {
        var (left, right) = (Text(expected.Call("DEBUG", "DIGEST")), Text(actual.Call("DEBUG", "DIGEST")));
        if (left != right)
        {
            differences.Add($"DEBUG DIGEST\n  redis   {left}\n  trefoil {right}");
        }

        foreach (var key in Bulks(expected.Call("KEYS", "*")))
        {
            var digest = Digest(expected, key);
            Check($"digest of {key}", digest, Digest(actual, key), differences);
            var expires = Text(expected.Call("PTTL", key)) != ":-1\r\n";

            // Not the digest of the key itself: a sorted set that shrank becomes small again and forgets the sign of a zero.
            var restored = Carry(expected, expected, key, expires);
            Check($"{key}, dumped here and restored by Redis", restored, Carry(actual, expected, key, expires), differences);
            Check($"{key}, dumped by Redis and restored here", restored, Carry(expected, actual, key, expires), differences);
        }
    }

    private static string Carry(RawConnection from, RawConnection to, string key, bool expires)
    {
        var dump = Bulk(from.Call("DUMP", key));
        var answer = Text(to.Call("RESTORE", Copy, expires ? "100000000" : "0", dump, "REPLACE"));
        var digest = answer == "+OK\r\n" ? Digest(to, Copy) : answer;
        to.Call("DEL", Copy);
        return digest;
    }

    private static void Check(string what, string expected, string actual, List<string> differences)
    {
        if (expected != actual)
        {
            differences.Add($"{what}\n  redis   {expected}\n  trefoil {actual}");
        }
    }

    private static string Digest(RawConnection connection, string key) => Text(connection.Call("DEBUG", "DIGEST-VALUE", key));

    private static string Bulk(byte[] reply)
    {
        var text = Text(reply);
        return text[(text.IndexOf('\n', StringComparison.Ordinal) + 1)..^2];
    }

    /// <summary>The elements of an array of bulks, which may hold anything.</summary>
    private static List<string> Bulks(byte[] reply)
    {
        var text = Text(reply);
        var found = new List<string>();
        for (var at = text.IndexOf('\n', StringComparison.Ordinal) + 1; at < text.Length;)
        {
            var end = text.IndexOf('\r', at);
            var length = int.Parse(text.AsSpan(at + 1, end - at - 1), System.Globalization.CultureInfo.InvariantCulture);
            found.Add(text.Substring(end + 2, length));
            at = end + 2 + length + 2;
        }

        return found;
    }

    private static string Text(byte[] reply) => Encoding.Latin1.GetString(reply);
}

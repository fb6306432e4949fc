using System.Text;
using Trefoil.Primitives;
using Xunit;

namespace Trefoil.Cluster.Differential;

/// <summary>Values of every type and size, made by the same commands on any server, and what to ask to compare them.</summary>
internal sealed record SampleValue(string Kind, string[][] Commands)
{
    /// <summary>Makes the value at <paramref name="key"/>; each command gets the key as its first argument.</summary>
    public void Fill(RawConnection connection, string key)
    {
        foreach (var command in Commands)
        {
            var reply = Encoding.Latin1.GetString(connection.Call([command[0], key, .. command[1..]]));
            Assert.False(reply.StartsWith('-'), reply);
        }
    }

    public string Read(RawConnection connection, string key) => SampleValues.ReaderOf(Kind)!(connection, key);
}

/// <summary>The samples by name.</summary>
internal static class SampleValues
{
    public static readonly Dictionary<string, SampleValue> All = new()
    {
        ["an empty string"] = new("String", [["SET", ""]]),
        ["a text"] = new("String", [["SET", "hello\r\n\0\xff"]]),
        ["a small integer"] = new("String", [["SET", "-17"]]),
        ["a large integer"] = new("String", [["SET", "9223372036854775807"]]),
        ["a number that is a text"] = new("String", [["SET", "1"], ["APPEND", "2"]]),
        ["a long compressible text"] = new("String", [["SET", new string('a', 100_000)]]),
        ["a long random text"] = new("String", [["SET", Text(70_000, 1)]]),
        ["a small hash"] = new("Hash", [["HSET", "f", "v", "", "", "n", "123456789012"]]),
        ["a large hash"] = new("Hash", [["HSET", .. Many(2000, i => [$"field{i}", $"{i * 37}"])]]),
        ["a hash of long texts"] = new("Hash", [["HSET", .. Many(20, i => [Text(100, i), Text(5000, i)])]]),
        ["a small list"] = new("List", [["RPUSH", "a", "", "17", "-1", "123456789012", "a"]]),
        ["a long list"] = new("List", [["RPUSH", .. Many(3000, i => [$"element {i}"])]]),
        ["a list of long texts"] = new("List", [["RPUSH", .. Many(20, i => [Text(9000, i)])]]),
        ["a set of integers"] = new("Set", [["SADD", "1", "-5", "70000", "9223372036854775807"]]),
        ["a set of texts"] = new("Set", [["SADD", "a", "", "17", Text(100, 1)]]),
        ["a large set"] = new("Set", [["SADD", .. Many(2000, i => [$"member{i}"])]]),
        ["a small sorted set"] = new("SortedSet", [["ZADD", "1", "a", "-inf", "b", "+inf", "", "0.1", "17", "-2.5e-300", "e"]]),
        ["a large sorted set"] = new("SortedSet", [["ZADD", .. Many(2000, i => [$"{i / 7.0:R}", $"member{i}"])]]),
    };

    /// <summary>What to ask so that two servers give one answer for equal values; null for a kind that Trefoil does not have.</summary>
    public static Func<RawConnection, string, string>? ReaderOf(string kind) => kind switch
    {
        "String" => (connection, key) => Text(connection.Call("GET", key)),
        "Hash" => (connection, key) => Sorted(connection.Call("HGETALL", key), pairs: true),
        "List" => (connection, key) => Text(connection.Call("LRANGE", key, "0", "-1")),
        "Set" => (connection, key) => Sorted(connection.Call("SMEMBERS", key), pairs: false),
        "SortedSet" => (connection, key) => Text(connection.Call("ZRANGE", key, "0", "-1", "WITHSCORES")),
        _ => null,
    };

    /// <summary>The connection, after one more command.</summary>
    public static RawConnection With(this RawConnection connection, params string[] command)
    {
        connection.Call(command);
        return connection;
    }

    private static string Text(byte[] reply) => Encoding.Latin1.GetString(reply);

    /// <summary>Elements of a reply without an order; of pairs, the first decides.</summary>
    private static string Sorted(byte[] reply, bool pairs)
    {
        var parts = Text(reply).Split("\r\n");
        var elements = parts[1..^1].Where((_, i) => i % 2 == 1).ToArray();
        var units = pairs ? elements.Chunk(2).Select(pair => string.Join('\u0001', pair)) : elements;
        return $"{parts[0]} {string.Join('\u0002', units.Order(StringComparer.Ordinal))}";
    }

    private static string Text(int length, int seed)
    {
        var random = new Prng((ulong)seed + 1);
        return string.Concat(Enumerable.Range(0, length).Select(_ => (char)('!' + random.Below(90))));
    }

    private static IEnumerable<string> Many(int count, Func<int, string[]> make) => Enumerable.Range(0, count).SelectMany(make);
}

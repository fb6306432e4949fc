using System.Text;
using Xunit;

namespace Trefoil.Cluster.Differential;

/// <summary>Values change their form where Redis changes it: OBJECT ENCODING is the same on either side of every limit, and after whatever moves a value.</summary>
public sealed class FormTests
{
    [Fact]
    public async Task Forms_change_at_the_limits_of_redis_and_go_with_the_value()
    {
        using var redis = await RedisServer.StartAsync();
        await using var trefoil = await EmbeddedServer.StartAsync();
        using var expected = new RawConnection(redis.Port);
        using var actual = new RawConnection(trefoil.Port);
        var names = new HashSet<string>();
        foreach (var (name, commands) in Values())
        {
            foreach (var connection in new[] { expected, actual })
            {
                foreach (var command in commands)
                {
                    var reply = Text(connection.Call(command.Select(word => word == "k" ? $"{{t}}{name}" : word).ToArray()));
                    Assert.False(reply.StartsWith('-'), $"{name}: {string.Join(' ', command.Take(3))}: {reply}");
                }

                connection.Call("COPY", $"{{t}}{name}", $"{{t}}{name} copied");
                connection.Call("COPY", $"{{t}}{name}", $"{{t}}{name} to rename");
                connection.Call("RENAME", $"{{t}}{name} to rename", $"{{t}}{name} renamed");
                var dump = Text(connection.Call("DUMP", $"{{t}}{name}"));
                connection.Call("RESTORE", $"{{t}}{name} restored", "0", dump[(dump.IndexOf('\n', StringComparison.Ordinal) + 1)..^2]);
            }

            foreach (var suffix in new[] { "", " copied", " renamed", " restored" })
            {
                var (left, right) = (Text(expected.Call("OBJECT", "ENCODING", $"{{t}}{name}{suffix}")), Text(actual.Call("OBJECT", "ENCODING", $"{{t}}{name}{suffix}")));
                Assert.Equal((name + suffix, left), (name + suffix, right));
                names.Add(left);
            }
        }

        // int embstr raw, listpack hashtable, intset, quicklist, skiplist
        Assert.Equal(8, names.Count);
    }

    private static IEnumerable<(string Name, string[][] Commands)> Values() => [.. Strings(), .. Hashes(), .. Sets(), .. SortedSets(), .. Lists()];

    private static IEnumerable<(string Name, string[][] Commands)> Strings()
    {
        foreach (var length in new[] { 0, 1, 20, 21, 44, 45, 100 })
        {
            yield return ($"text of {length}", [["SET", "k", Letters(length)]]);
            yield return ($"text of {length} set with GETSET", [["SETEX", "k", "1000", "x"], ["GETSET", "k", Letters(length)], ["PERSIST", "k"]]);
            yield return ($"text of {length} with an expiry", [["SET", "k", Letters(length), "EX", "1000"], ["PERSIST", "k"], ["EXPIRE", "k", "1000"]]);
            yield return ($"text of {length} appended to nothing", [["APPEND", "k", Letters(length)]]);
            yield return ($"text of {length} appended", [["SET", "k", "a"], ["APPEND", "k", Letters(length)]]);
        }

        foreach (var number in new[] { "0", "-1", "10000", "9223372036854775807", "-9223372036854775808", "9223372036854775808", "01", "+1", "1.0", " 1", "-0" })
        {
            yield return ($"number {number}", [["SET", "k", number]]);
            yield return ($"number {number} by MSET", [["MSET", "k", number]]);
            yield return ($"number {number} appended to nothing", [["APPEND", "k", number]]);
            yield return ($"number {number} written into nothing", [["SETRANGE", "k", "0", number]]);
        }

        yield return ("counter", [["INCR", "k"], ["INCRBY", "k", "20000"], ["DECR", "k"]]);
        yield return ("counter of a text", [["SETRANGE", "k", "0", "12"], ["INCR", "k"]]);
        yield return ("sum", [["INCRBYFLOAT", "k", "5"]]);
        yield return ("sum counted on", [["INCRBYFLOAT", "k", "5"], ["INCR", "k"]]);
        yield return ("number appended to", [["SET", "k", "12"], ["APPEND", "k", "3"]]);
        yield return ("number with a bit set", [["SET", "k", "12"], ["SETBIT", "k", "0", "0"]]);
        yield return ("text with a bit field", [["SET", "k", "ab"], ["BITFIELD", "k", "SET", "u8", "0", "97"]]);
        yield return ("text only read as a bit field", [["SET", "k", "ab"], ["BITFIELD", "k", "GET", "u8", "0"]]);
        yield return ("bits", [["SET", "k", "ab"], ["BITOP", "NOT", "k", "k"]]);
        yield return ("text overwritten after it was written in parts", [["SETRANGE", "k", "0", "ab"], ["SET", "k", "cd"]]);
    }

    private static IEnumerable<(string Name, string[][] Commands)> Hashes()
    {
        foreach (var count in new[] { 1, 511, 512, 513 })
        {
            yield return ($"hash of {count}", [["HSET", "k", .. Many(count, i => [$"f{i}", "v"])]]);
        }

        yield return ("hash that shrank", [["HSET", "k", .. Many(513, i => [$"f{i}", "v"])], ["HDEL", "k", .. Many(510, i => [$"f{i}"])]]);
        foreach (var length in new[] { 64, 65 })
        {
            yield return ($"hash with a value of {length}", [["HSET", "k", "f", Letters(length)]]);
            yield return ($"hash with a field of {length}", [["HSET", "k", Letters(length), "v"]]);
            yield return ($"hash that had a value of {length}", [["HSET", "k", "f", Letters(length), "g", "v"], ["HDEL", "k", "f"]]);
        }
    }

    private static IEnumerable<(string Name, string[][] Commands)> Sets()
    {
        foreach (var count in new[] { 1, 511, 512, 513 })
        {
            yield return ($"set of {count} integers", [["SADD", "k", .. Many(count, i => [$"{i * 7}"])]]);
            yield return ($"union of {count} integers", [["SADD", "{t}integers" + count, .. Many(count, i => [$"{i}"])], ["SUNIONSTORE", "k", "{t}integers" + count]]);
        }

        yield return ("set of a text", [["SADD", "k", "a"]]);
        yield return ("set that had a text", [["SADD", "k", "1", "a"], ["SREM", "k", "a"]]);
        yield return ("difference that is of integers", [["SADD", "{t}mixed", "1", "a"], ["SADD", "{t}texts", "a"], ["SDIFFSTORE", "k", "{t}mixed", "{t}texts"]]);
        yield return ("set of a number too large", [["SADD", "k", "9223372036854775808"]]);
    }

    private static IEnumerable<(string Name, string[][] Commands)> SortedSets()
    {
        foreach (var count in new[] { 1, 127, 128, 129 })
        {
            yield return ($"sorted set of {count}", [["ZADD", "k", .. Many(count, i => [$"{i}", $"m{i}"])]]);
            yield return ($"union of {count}", [["ZADD", "{t}sorted" + count, .. Many(count, i => [$"{i}", $"m{i}"])], ["ZUNIONSTORE", "k", "1", "{t}sorted" + count]]);
            yield return ($"range of {count}", [["ZADD", "{t}whole" + count, .. Many(300, i => [$"{i}", $"m{i}"])], ["ZRANGESTORE", "k", "{t}whole" + count, "0", $"{count - 1}"]]);
        }

        yield return ("sorted set that shrank", [["ZADD", "k", .. Many(129, i => [$"{i}", $"m{i}"])], ["ZREMRANGEBYRANK", "k", "0", "125"]]);
        foreach (var length in new[] { 64, 65 })
        {
            yield return ($"sorted set with a member of {length}", [["ZADD", "k", "1", Letters(length)]]);
        }
    }

    private static IEnumerable<(string Name, string[][] Commands)> Lists() =>
    [
        ("list", [["RPUSH", "k", "a"]]),
        ("long list", [["RPUSH", "k", .. Many(5000, i => [$"element {i}"])]]),
        ("list that was sorted", [["RPUSH", "{t}unsorted", "3", "1"], ["SORT", "{t}unsorted", "STORE", "k"]]),
    ];

    private static string Letters(int count) => new('x', count);

    private static string[] Many(int count, Func<int, string[]> make) => Enumerable.Range(0, count).SelectMany(make).ToArray();

    private static string Text(byte[] reply) => Encoding.Latin1.GetString(reply);
}

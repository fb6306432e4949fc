using System.Text;
using Trefoil.Unit.KeyValue.Server;
using Trefoil.Wire.Resp;
using Xunit;

namespace Trefoil.Unit.KeyValue.Commands;

/// <summary>Draws cannot be compared with Redis' byte for byte: here is what must hold of them.</summary>
public sealed class RandomMemberTests
{
    [Theory]
    [InlineData(5)]
    [InlineData(100)]
    [InlineData(1000)]
    public void SPOP_takes_each_member_once_until_the_key_is_gone(int size)
    {
        using var session = new RespSession();
        Fill(session, size);
        var popped = new List<string> { Text(session.Call("SPOP", "s"))[0] };
        popped.AddRange(Text(session.Call("SPOP", "s", "2")));
        Assert.Equal(3, popped.Count);
        Assert.Equal($":{size - 3}\r\n", session.Call("SCARD", "s"));
        popped.AddRange(Text(session.Call("SPOP", "s", $"{(size - 3) * 2 / 3}")));
        popped.AddRange(Text(session.Call("SPOP", "s", "5000")));
        Assert.Equal(Enumerable.Range(0, size).Select(i => $"m{i}").Order(StringComparer.Ordinal), popped.Order(StringComparer.Ordinal));
        Assert.Equal(":0\r\n", session.Call("EXISTS", "s"));
        Assert.Equal("$-1\r\n", session.Call("SPOP", "s"));
    }

    [Theory]
    [InlineData(10)]
    [InlineData(1000)]
    public void A_positive_count_draws_distinct_members_and_a_negative_one_repeats(int size)
    {
        using var session = new RespSession();
        Fill(session, size);
        foreach (var (command, key) in new[] { ("SRANDMEMBER", "s"), ("ZRANDMEMBER", "z") })
        {
            foreach (var count in new[] { 1, 3, size / 2, size, size + 1 })
            {
                var drawn = Text(session.Call(command, key, $"{count}"));
                Assert.Equal(Math.Min(count, size), drawn.Distinct().Count());
                Assert.Equal(Math.Min(count, size), drawn.Count);
                Assert.All(drawn, member => Assert.StartsWith("m", member, StringComparison.Ordinal));
            }

            var repeated = Text(session.Call(command, key, $"-{4 * size}"));
            Assert.Equal(4 * size, repeated.Count);
            Assert.True(repeated.Distinct().Count() > size / 2, "the draws are spread");
        }

        var scores = Text(session.Call("ZRANDMEMBER", "z", "3", "WITHSCORES"));
        Assert.All(scores.Chunk(2), pair => Assert.Equal($"m{pair[1]}", pair[0]));
    }

    [Fact]
    public void A_list_turned_around_keeps_its_expiry()
    {
        using var session = new RespSession();
        session.Call("RPUSH l only");
        session.Call("EXPIRE l 100");
        Assert.Equal("$4\r\nonly\r\n", session.Call("RPOPLPUSH l l"));
        Assert.Equal("$4\r\nonly\r\n", session.Call("LMOVE l l LEFT LEFT"));
        Assert.Equal(":100\r\n", session.Call("TTL l"));
        Assert.Equal(":1\r\n", session.Call("LLEN l"));
    }

    private static void Fill(RespSession session, int size)
    {
        for (var i = 0; i < size; i++)
        {
            session.Call("SADD", "s", $"m{i}");
            session.Call("ZADD", "z", $"{i}", $"m{i}");
        }
    }

    private static List<string> Text(string bytes)
    {
        var reader = new RespReplyReader();
        reader.Feed(Encoding.Latin1.GetBytes(bytes));
        Assert.True(reader.TryRead(out var reply), reader.Failure);
        return reply.Items is { } items ? [.. items.Select(item => item.Text!)] : [reply.Text!];
    }
}

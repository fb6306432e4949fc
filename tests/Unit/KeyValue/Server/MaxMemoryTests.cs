using System.Globalization;
using Xunit;

namespace Trefoil.Unit.KeyValue.Server;

/// <summary>What a client sees of <c>maxmemory</c>.</summary>
public sealed class MaxMemoryTests
{
    private const string Refusal = "-OOM command not allowed when used memory > 'maxmemory'.\r\n";
    private static readonly string Value = new('x', 1000);

    [Fact]
    public void Without_eviction_what_grows_is_refused_and_the_rest_goes_on()
    {
        using var session = Full("noeviction");
        Assert.Equal(Refusal, session.Call("SET", "more", Value));
        Assert.Equal(Refusal, session.Call("RPUSH list a"));
        Assert.Equal($"$1000\r\n{Value}\r\n", session.Call("GET key:1"));
        Assert.Equal(":1\r\n", session.Call("DEL key:1"));
        Assert.Equal("$6\r\nstring\r\n".Length, session.Call("TYPE key:2").Length + 3);
    }

    [Fact]
    public void Room_made_by_hand_is_room()
    {
        using var session = Full("noeviction");
        for (var i = 0; i < 20; i++)
        {
            session.Call($"DEL key:{i}");
        }

        Assert.Equal("+OK\r\n", session.Call("SET", "more", Value));
    }

    [Theory]
    [InlineData("allkeys-lru")]
    [InlineData("allkeys-lfu")]
    [InlineData("allkeys-random")]
    public void With_eviction_writes_go_on_and_memory_stays(string policy)
    {
        using var session = Full(policy);
        for (var i = 0; i < 2000; i++)
        {
            Assert.Equal("+OK\r\n", session.Call("SET", $"more:{i}", Value));
            Assert.InRange(session.Server.Memory.Used, 0, session.Server.Settings.MaxMemory + 2000);
        }

        Assert.InRange(session.Server.Store.Count, 700, 1200);
        Assert.Contains("evicted_keys:", session.Call("INFO stats"), StringComparison.Ordinal);
        Assert.True(session.Server.Store.EvictedCount > 1000);
    }

    [Theory]
    [InlineData("volatile-lru")]
    [InlineData("volatile-lfu")]
    [InlineData("volatile-random")]
    [InlineData("volatile-ttl")]
    public void Without_keys_that_expire_volatile_policies_refuse(string policy)
    {
        using var session = Full(policy);
        Assert.Equal(Refusal, session.Call("SET", "more", Value));
        session.Server.Settings.MaxMemory *= 2;
        for (var i = 0; i < 10; i++)
        {
            session.Call($"PEXPIRE key:{i} 1000000");
        }

        session.Server.Settings.MaxMemory /= 2;
        Assert.Equal("+OK\r\n", session.Call("SET", "more", Value));
        Assert.InRange(session.Server.Store.EvictedCount, 1, 10);
        Assert.Equal($"$1000\r\n{Value}\r\n", session.Call("GET key:500"));
    }

    [Fact]
    public void A_transaction_that_would_grow_is_refused_as_a_whole()
    {
        using var session = Full("noeviction");
        session.Server.Settings.MaxMemory *= 2;
        Assert.Equal("+OK\r\n", session.Call("MULTI"));
        Assert.Equal("+QUEUED\r\n", session.Call("SET", "key:1", Value));
        session.Server.Settings.MaxMemory /= 2;
        Assert.Equal($"-EXECABORT Transaction discarded because of: {Refusal[1..]}", session.Call("EXEC"));
        Assert.Equal("+OK\r\n", session.Call("MULTI"));
        Assert.Equal(Refusal, session.Call("GET key:1"));
        Assert.Equal("-EXECABORT Transaction discarded because of previous errors.\r\n", session.Call("EXEC"));
    }

    [Fact]
    public void A_lower_limit_is_reached_by_the_tick()
    {
        using var session = Full("allkeys-lru");
        session.Call("CONFIG", "SET", "maxmemory", (session.Server.Memory.Used / 2).ToString(CultureInfo.InvariantCulture));
        for (var i = 0; i < 100 && session.Server.Memory.IsExceeded; i++)
        {
            session.Server.Tick();
        }

        Assert.False(session.Server.Memory.IsExceeded);
    }

    [Theory]
    [InlineData("maxmemory", "100mb", "104857600")]
    [InlineData("maxmemory-policy", "ALLKEYS-LFU", "allkeys-lfu")]
    [InlineData("maxmemory-samples", "9", "9")]
    [InlineData("lfu-log-factor", "3", "3")]
    [InlineData("lfu-decay-time", "0", "0")]
    public void Parameters_are_set_and_shown(string name, string value, string shown)
    {
        using var session = new RespSession();
        Assert.Equal("+OK\r\n", session.Call("CONFIG", "SET", name, value));
        Assert.Equal($"*2\r\n${name.Length}\r\n{name}\r\n${shown.Length}\r\n{shown}\r\n", session.Call("CONFIG", "GET", name));
        Assert.StartsWith("-ERR CONFIG SET failed", session.Call("CONFIG", "SET", name, "what"), StringComparison.Ordinal);
    }

    private static RespSession Full(string policy)
    {
        var session = new RespSession();
        for (var i = 0; i < 1000; i++)
        {
            session.Call("SET", $"key:{i}", Value);
        }

        session.Call("CONFIG", "SET", "maxmemory-policy", policy, "maxmemory", session.Server.Memory.Used.ToString(CultureInfo.InvariantCulture));
        session.Call("SET", "last", Value);
        return session;
    }
}

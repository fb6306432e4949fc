using Trefoil.KeyValue.Server;
using Trefoil.Unit.KeyValue.Server;
using Trefoil.Unit.KeyValue.Transport;
using Trefoil.Unit.Testing;
using Xunit;

namespace Trefoil.Unit.KeyValue.Migration;

/// <summary>MIGRATE between two servers over real sockets.</summary>
public sealed class MigrateTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData(RespTransport.Epoll)]
    [InlineData(RespTransport.Kestrel)]
    public async Task A_key_moves_with_its_value_and_its_time(RespTransport transport)
    {
        await using var source = await LoopbackServer.StartAsync(transport);
        await using var target = await LoopbackServer.StartAsync(transport);
        using var here = await source.ConnectAsync();
        using var there = await target.ConnectAsync();
        await here.CallAsync("SET", "k", "v", "PX", "500000");
        await here.CallAsync("HSET", "h", "f", "v");

        Assert.Equal("+OK", await here.CallAsync("MIGRATE", "127.0.0.1", target.Port, "k", "0", "5000"));
        Assert.Equal("+OK", await here.CallAsync("MIGRATE", "localhost", target.Port, "h", "0", "5000", "COPY"));
        Assert.Equal("_", await here.CallAsync("GET", "k"));
        Assert.Equal("$v", await there.CallAsync("GET", "k"));
        Assert.InRange(int.Parse((await there.CallAsync("PTTL", "k"))[1..], System.Globalization.CultureInfo.InvariantCulture), 400_000, 500_000);
        Assert.Equal("$v", await here.CallAsync("HGET", "h", "f"));
        Assert.Equal("$v", await there.CallAsync("HGET", "h", "f"));
        Assert.Equal(":-1", await there.CallAsync("PTTL", "h"));
        Assert.False(source.Server.Migrations.InFlight.Any);
    }

    [Fact]
    public async Task Several_keys_move_at_once_and_missing_ones_are_no_fault()
    {
        await using var source = await LoopbackServer.StartAsync(RespTransport.Auto);
        await using var target = await LoopbackServer.StartAsync(RespTransport.Auto);
        using var here = await source.ConnectAsync();
        using var there = await target.ConnectAsync();
        var keys = Enumerable.Range(0, 2500).Select(i => $"{{t}}{i}").ToArray();
        foreach (var key in keys)
        {
            await here.CallAsync("SET", key, key);
        }

        Assert.Equal("+OK", await here.CallAsync(["MIGRATE", "127.0.0.1", target.Port, "", "0", "5000", "KEYS", "{t}none", .. keys, "{t}0"]));
        Assert.Equal(":0", await here.CallAsync("DBSIZE"));
        Assert.Equal(":2500", await there.CallAsync("DBSIZE"));
        Assert.Equal("+NOKEY", await here.CallAsync(["MIGRATE", "127.0.0.1", target.Port, "", "0", "5000", "KEYS", .. keys]));
        Assert.Equal("+NOKEY", await here.CallAsync("MIGRATE", "127.0.0.1", target.Port, "", "0", "5000", "KEYS"));
    }

    [Fact]
    public async Task A_key_that_is_there_already_needs_REPLACE()
    {
        await using var source = await LoopbackServer.StartAsync(RespTransport.Auto);
        await using var target = await LoopbackServer.StartAsync(RespTransport.Auto);
        using var here = await source.ConnectAsync();
        using var there = await target.ConnectAsync();
        await here.CallAsync("MSET", "{t}a", "1", "{t}b", "2", "{t}c", "3");
        await there.CallAsync("SET", "{t}b", "old");

        Assert.Equal(
            "-ERR Target instance replied with error: BUSYKEY Target key name already exists.",
            await here.CallAsync("MIGRATE", "127.0.0.1", target.Port, "", "0", "5000", "KEYS", "{t}a", "{t}b", "{t}c"));
        Assert.Equal("*[_,$2,_]", await here.CallAsync("MGET", "{t}a", "{t}b", "{t}c"));
        Assert.Equal("+OK", await here.CallAsync("MIGRATE", "127.0.0.1", target.Port, "{t}b", "0", "5000", "REPLACE"));
        Assert.Equal("*[$1,$2,$3]", await there.CallAsync("MGET", "{t}a", "{t}b", "{t}c"));
    }

    [Fact]
    public async Task What_is_sent_is_what_Redis_sends()
    {
        await using var source = await LoopbackServer.StartAsync(RespTransport.Auto);
        using var target = new FakeTarget();
        using var here = await source.ConnectAsync();
        await here.CallAsync("MSET", "{t}a", "1", "{t}b", "2");

        await here.SendAsync(RespSession.Encode(
            "MIGRATE", "127.0.0.1", target.Port, "", "0", "5000", "AUTH2", "user", "secret", "COPY", "REPLACE", "KEYS", "{t}a", "{t}b"));
        await target.AcceptAsync();
        Assert.Equal("AUTH user secret", await target.ReadAsync());
        Assert.Equal("SELECT 0", await target.ReadAsync());
        Assert.Equal("RESTORE-ASKING {t}a 0 (13) REPLACE", await target.ReadAsync());
        Assert.Equal("RESTORE-ASKING {t}b 0 (13) REPLACE", await target.ReadAsync());
        await target.AnswerAsync("-WRONGPASS no\r\n+OK\r\n+OK\r\n+OK\r\n");
        Assert.Equal("-ERR Target instance replied with error: WRONGPASS no", await here.ReplyAsync());

        // The link is kept; after an error the database counts as unknown, after a success as selected.
        await here.SendAsync(RespSession.Encode("MIGRATE", "127.0.0.1", target.Port, "{t}a", "0", "5000", "AUTH", "p"));
        Assert.Equal("AUTH p", await target.ReadAsync());
        Assert.Equal("SELECT 0", await target.ReadAsync());
        Assert.Equal("RESTORE-ASKING {t}a 0 (13)", await target.ReadAsync());
        await target.AnswerAsync("+OK\r\n+OK\r\n+OK\r\n");
        Assert.Equal("+OK", await here.ReplyAsync());
        await here.SendAsync(RespSession.Encode("MIGRATE", "127.0.0.1", target.Port, "{t}b", "0", "5000"));
        Assert.Equal("RESTORE-ASKING {t}b 0 (13)", await target.ReadAsync());
        await target.AnswerAsync("+OK\r\n");
        Assert.Equal("+OK", await here.ReplyAsync());
        Assert.Equal(1, source.Server.Migrations.Links.IdleCount);
    }

    [Fact]
    public async Task A_kept_link_that_died_is_opened_anew_once()
    {
        await using var source = await LoopbackServer.StartAsync(RespTransport.Auto);
        using var target = new FakeTarget();
        using var here = await source.ConnectAsync();
        await here.CallAsync("MSET", "{t}a", "1", "{t}b", "2");
        var first = here.CallAsync("MIGRATE", "127.0.0.1", target.Port, "{t}a", "0", "5000");
        await target.AcceptAsync();
        await target.AnswerAsync("+OK\r\n+OK\r\n");
        Assert.Equal("+OK", await first);

        target.HangUp();
        var second = here.CallAsync("MIGRATE", "127.0.0.1", target.Port, "{t}b", "0", "5000");
        await target.AcceptAsync();
        Assert.Equal("SELECT 0", await target.ReadAsync());
        target.HangUp();
        Assert.Equal("-IOERR error or timeout reading to target instance", await second);
        Assert.Equal("$2", await here.CallAsync("GET", "{t}b"));
    }

    [Fact]
    public async Task A_target_that_never_answers_or_is_not_there_leaves_the_key_usable()
    {
        await using var source = await LoopbackServer.StartAsync(RespTransport.Auto);
        using var target = new FakeTarget();
        using var here = await source.ConnectAsync();
        using var other = await source.ConnectAsync();
        await here.CallAsync("SET", "k", "v");
        var silent = here.CallAsync("MIGRATE", "127.0.0.1", target.Port, "k", "0", "300");
        await Eventually.True("in flight", () => source.Server.Migrations.InFlight.Any, Deadline);
        var parked = other.CallAsync("APPEND", "k", "!");
        Assert.Equal("-IOERR error or timeout reading to target instance", await silent);
        Assert.Equal(":2", await parked);
        Assert.Equal("$v!", await here.CallAsync("GET", "k"));

        var port = target.Port;
        target.Dispose();
        Assert.Equal("-IOERR error or timeout writing to target instance", await here.CallAsync("MIGRATE", "127.0.0.1", port, "k", "0", "1000"));
        Assert.Equal("-IOERR error or timeout connecting to the client", await here.CallAsync("MIGRATE", "127.0.0.1", "70000", "k", "0", "1000"));
        Assert.Equal("$v!", await here.CallAsync("GET", "k"));
        Assert.False(source.Server.Migrations.InFlight.Any);
    }

    [Theory]
    [InlineData("-ERR syntax error", "h", "1", "k", "0", "5", "WHAT")]
    [InlineData("-ERR syntax error", "h", "1", "k", "0", "5", "AUTH")]
    [InlineData("-ERR syntax error", "h", "1", "k", "0", "5", "AUTH2", "user")]
    [InlineData("-ERR When using MIGRATE KEYS option, the key argument must be set to the empty string", "h", "1", "k", "0", "5", "KEYS", "k")]
    [InlineData("-ERR value is not an integer or out of range", "h", "1", "k", "x", "5")]
    [InlineData("-ERR value is not an integer or out of range", "h", "1", "k", "0", "x")]
    [InlineData("-ERR wrong number of arguments for 'migrate' command", "h", "1", "k", "0")]
    [InlineData("-CROSSSLOT Keys in request don't hash to the same slot", "h", "1", "", "0", "5", "KEYS", "a", "b")]
    [InlineData("+NOKEY", "h", "1", "none", "0", "5", "AUTH", "KEYS")]
    public void Malformed_commands_are_answered_as_Redis_does(string reply, params string[] arguments)
    {
        using var session = new RespSession();
        session.Call("SET", "k", "v");
        Assert.Equal(reply + "\r\n", session.Call(["MIGRATE", .. arguments]));
    }
}

using Trefoil.KeyValue.Server;
using Trefoil.Sharding;
using Trefoil.Unit.KeyValue.Server;
using Trefoil.Unit.KeyValue.Transport;
using Trefoil.Unit.Testing;
using Xunit;

namespace Trefoil.Unit.KeyValue.Migration;

/// <summary>Commands on keys in flight wait; nothing else does; nothing is lost.</summary>
public sealed class ParkedCommandTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData(RespTransport.Epoll)]
    [InlineData(RespTransport.Kestrel)]
    public async Task Only_commands_on_keys_in_flight_wait(RespTransport transport)
    {
        await using var source = await LoopbackServer.StartAsync(transport);
        using var target = new FakeTarget();
        using var mover = await source.ConnectAsync();
        using var reader = await source.ConnectAsync();
        using var flusher = await source.ConnectAsync();
        using var other = await source.ConnectAsync();
        await mover.CallAsync("MSET", "{t}a", "1", "{t}b", "2", "{t}c", "3");
        var moving = mover.CallAsync("MIGRATE", "127.0.0.1", target.Port, "", "0", "20000", "KEYS", "{t}a", "{t}b");
        await target.AcceptAsync();
        await target.ReadAsync();
        await target.ReadAsync();

        // What stands before a parked command is answered, what stands behind it waits.
        await reader.SendAsync(RespSession.Encode("GET", "{t}c") + RespSession.Encode("MGET", "{t}b", "{t}c") + RespSession.Encode("INCR", "{t}a") + "PING\r\n");
        Assert.Equal("$1\r\n3\r\n", await reader.ReadAsync(7));
        await flusher.SendAsync("PING\r\nFLUSHALL\r\n");
        Assert.Equal("+PONG", await flusher.ReplyAsync());
        Assert.Equal("$3", await other.CallAsync("GET", "{t}c"));
        Assert.Equal(":3", await other.CallAsync("DBSIZE"));
        Assert.Equal("+OK", await other.CallAsync("SET", "{t}d", "4"));

        await target.AnswerAsync("+OK\r\n+OK\r\n-ERR no room\r\n");
        Assert.Equal("-ERR Target instance replied with error: ERR no room", await moving);
        Assert.Equal("+OK", await flusher.ReplyAsync());

        // The flush came before or after what the reader waited with: both are right, but its commands ran, each once and in order.
        Assert.Contains(await reader.ReplyAsync(), new[] { "*[$2,$3]", "*[_,_]" });
        Assert.Equal(":1", await reader.ReplyAsync());
        Assert.Equal("+PONG", await reader.ReplyAsync());
    }

    [Theory]
    [InlineData(RespTransport.Epoll)]
    [InlineData(RespTransport.Kestrel)]
    public async Task A_transaction_waits_as_a_whole_and_may_itself_move_keys(RespTransport transport)
    {
        await using var source = await LoopbackServer.StartAsync(transport);
        using var target = new FakeTarget();
        using var mover = await source.ConnectAsync();
        using var other = await source.ConnectAsync();
        await mover.CallAsync("MSET", "{t}a", "1", "{t}b", "2");
        var moving = mover.CallAsync("MIGRATE", "127.0.0.1", target.Port, "{t}a", "0", "20000");
        await target.AcceptAsync();
        await other.SendAsync("MULTI\r\nINCR {t}b\r\nINCR {t}a\r\nEXEC\r\nPING\r\n");
        Assert.Equal("+OK\r\n+QUEUED\r\n+QUEUED\r\n", await other.ReadAsync(23));
        await Eventually.True("parked", () => source.Server.Clients.All.Count(client => client.Waiting) == 2, Deadline);
        using var third = await source.ConnectAsync();
        Assert.Equal("$2", await third.CallAsync("GET", "{t}b"));
        await target.AnswerAsync("+OK\r\n-ERR no\r\n");
        Assert.StartsWith("-ERR Target", await moving, StringComparison.Ordinal);
        Assert.Equal("*[:3,:2]", await other.ReplyAsync());
        Assert.Equal("+PONG", await other.ReplyAsync());

        await other.SendAsync($"MULTI\r\nGET {{t}}a\r\nMIGRATE 127.0.0.1 {target.Port} {{t}}a 0 20000\r\nGET {{t}}a\r\nEXEC\r\nPING\r\n");
        Assert.Equal("+OK\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n", await other.ReadAsync(32));
        await target.AnswerAsync("+OK\r\n+OK\r\n");
        Assert.Equal("*[$2,+OK,_]", await other.ReplyAsync());
        Assert.Equal("+PONG", await other.ReplyAsync());
    }

    [Theory]
    [InlineData(RespTransport.Epoll)]
    [InlineData(RespTransport.Kestrel)]
    public async Task A_blocked_move_into_a_key_in_flight_is_served_when_that_has_landed(RespTransport transport)
    {
        await using var source = await LoopbackServer.StartAsync(transport);
        using var target = new FakeTarget();
        using var mover = await source.ConnectAsync();
        using var waiting = await source.ConnectAsync();
        using var other = await source.ConnectAsync();
        await mover.CallAsync("RPUSH", "{t}b", "old");
        await waiting.SendAsync(RespSession.Encode("BLMOVE", "{t}a", "{t}b", "LEFT", "LEFT", "0"));
        await Eventually.True("blocked", () => source.Server.Clients.All.Any(client => client.Waiting), Deadline);
        var moving = mover.CallAsync("MIGRATE", "127.0.0.1", target.Port, "{t}b", "0", "20000");
        await target.AcceptAsync();
        await target.ReadAsync();
        Assert.Equal(":1", await other.CallAsync("RPUSH", "{t}a", "new"));
        Assert.Equal(":1", await other.CallAsync("LLEN", "{t}a"));
        Assert.False(waiting.HasReply);
        await target.AnswerAsync("+OK\r\n+OK\r\n");
        Assert.Equal("+OK", await moving);
        Assert.Equal("$new", await waiting.ReplyAsync());
        Assert.Equal("*[$new]", await other.CallAsync("LRANGE", "{t}b", "0", "-1"));
        Assert.Equal(":0", await other.CallAsync("LLEN", "{t}a"));
    }

    [Theory]
    [InlineData(RespTransport.Epoll)]
    [InlineData(RespTransport.Kestrel)]
    public async Task A_client_that_leaves_while_it_is_parked_is_gone(RespTransport transport)
    {
        await using var source = await LoopbackServer.StartAsync(transport);
        using var target = new FakeTarget();
        using var mover = await source.ConnectAsync();
        await mover.CallAsync("SET", "k", "1");
        var moving = mover.CallAsync("MIGRATE", "127.0.0.1", target.Port, "k", "0", "20000");
        await target.AcceptAsync();
        await target.ReadAsync();
        using (var leaver = await source.ConnectAsync())
        {
            await leaver.SendAsync(RespSession.Encode("INCR", "k"));
            await Eventually.True("parked", () => source.Server.Clients.All.Count(client => client.Waiting) == 2, Deadline);
        }

        await target.AnswerAsync("+OK\r\n+OK\r\n");
        Assert.Equal("+OK", await moving);
        await Eventually.True("gone", () => source.Server.Clients.Count == 1, Deadline);
    }

    [Theory]
    [InlineData(RespTransport.Epoll)]
    [InlineData(RespTransport.Kestrel)]
    public async Task No_increment_is_lost_while_the_key_goes_back_and_forth(RespTransport transport)
    {
        const int Moves = 100;
        await using var left = await LoopbackServer.StartAsync(transport, OwnedBy(0));
        await using var right = await LoopbackServer.StartAsync(transport, OwnedBy(1));
        using var onLeft = await left.ConnectAsync();
        using var onRight = await right.ConnectAsync();
        Assert.Equal("+OK", await onLeft.CallAsync("SET", "b", "0"));

        var acknowledged = 0L;
        var stop = false;
        var hammers = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            using var first = await left.ConnectAsync();
            using var second = await right.ConnectAsync();
            while (!Volatile.Read(ref stop))
            {
                Interlocked.Add(ref acknowledged, await IncrementWhereItIsAsync(first) + await IncrementWhereItIsAsync(second));
            }
        })).ToArray();
        for (var move = 0; move < Moves; move++)
        {
            await (move % 2 == 0 ? MoveAsync(onLeft, onRight, right.Port) : MoveAsync(onRight, onLeft, left.Port));
        }

        Volatile.Write(ref stop, true);
        await Task.WhenAll(hammers);
        Assert.InRange(acknowledged, Moves, long.MaxValue);
        Assert.Equal($"${acknowledged}", await onLeft.CallAsync("GET", "b"));
        Assert.Equal(":0", await onRight.CallAsync("DBSIZE"));
    }

    /// <summary>Two nodes as one of them sees it: it is the first, and all slots are the first's or the other's.</summary>
    private static ScriptedCluster OwnedBy(int node)
    {
        var cluster = new ScriptedCluster(2);
        cluster.Assign(node, 0, 16383);
        return cluster;
    }

    /// <summary>1 if the key was there; 0 if this server sent us on: we never ask it to make the key.</summary>
    private static async Task<int> IncrementWhereItIsAsync(LoopbackClient client)
    {
        var reply = await client.CallAsync("INCR", "b");
        Assert.Matches("^(:|-ASK|-MOVED)", reply);
        return reply[0] == ':' ? 1 : 0;
    }

    /// <summary>What redis-cli does to move a slot with one key in it.</summary>
    private static async Task MoveAsync(LoopbackClient from, LoopbackClient to, string port)
    {
        // Each server is the first node of its own map.
        var ids = OwnedBy(0).Ids.ConvertAll(NodeRecord.RespIdOf);
        Assert.Equal("+OK", await to.CallAsync("CLUSTER", "SETSLOT", "3300", "IMPORTING", ids[1]));
        Assert.Equal("+OK", await from.CallAsync("CLUSTER", "SETSLOT", "3300", "MIGRATING", ids[1]));
        Assert.Equal("+OK", await from.CallAsync("MIGRATE", "127.0.0.1", port, "b", "0", "10000"));
        Assert.Equal("+OK", await to.CallAsync("CLUSTER", "SETSLOT", "3300", "NODE", ids[0]));
        Assert.Equal("+OK", await from.CallAsync("CLUSTER", "SETSLOT", "3300", "NODE", ids[1]));
    }
}

using Trefoil.KeyValue.Cluster;
using Trefoil.KeyValue.Server;
using Trefoil.Primitives;
using Trefoil.Unit.KeyValue.Server;
using Trefoil.Unit.KeyValue.Transport;
using Trefoil.Unit.Testing;
using Xunit;

namespace Trefoil.Unit.KeyValue.Blocking;

/// <summary>Pops that wait, over real sockets on both transports.</summary>
public sealed class BlockingPopTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData(RespTransport.Epoll)]
    [InlineData(RespTransport.Kestrel)]
    public async Task Who_came_first_is_served_first_before_the_next_command_sees_the_element(RespTransport transport)
    {
        await using var service = await LoopbackServer.StartAsync(transport);
        using var first = await BlockAsync(service, "BLPOP", "k", "0");
        using var second = await BlockAsync(service, "BRPOP", "other{k}", "k", "0");
        using var pusher = await service.ConnectAsync();
        await pusher.SendAsync(RespSession.Encode("RPUSH", "k", "a") + RespSession.Encode("LLEN", "k"));
        Assert.Equal(":1", await pusher.ReplyAsync());
        Assert.Equal(":0", await pusher.ReplyAsync());
        Assert.Equal("*[$k,$a]", await first.ReplyAsync());
        Assert.False(second.HasReply);
        Assert.Equal(":3", await pusher.CallAsync("RPUSH", "k", "x", "y", "z"));
        Assert.Equal("*[$k,$z]", await second.ReplyAsync());
        Assert.Equal(":2", await pusher.CallAsync("LLEN", "k"));
        Assert.Equal("+PONG", await first.CallAsync("PING"));
    }

    [Theory]
    [InlineData(RespTransport.Epoll)]
    [InlineData(RespTransport.Kestrel)]
    public async Task A_moved_element_wakes_who_waits_for_it_where_it_goes(RespTransport transport)
    {
        await using var service = await LoopbackServer.StartAsync(transport);
        using var mover = await BlockAsync(service, "BLMOVE", "{k}1", "{k}2", "LEFT", "RIGHT", "0");
        using var last = await BlockAsync(service, "BLMPOP", "0", "2", "{k}3", "{k}2", "LEFT", "COUNT", "5");
        using var pusher = await service.ConnectAsync();
        Assert.Equal(":1", await pusher.CallAsync("LPUSH", "{k}1", "v"));
        Assert.Equal("$v", await mover.ReplyAsync());
        Assert.Equal("*[${k}2,*[$v]]", await last.ReplyAsync());
        Assert.Equal(":0", await pusher.CallAsync("DBSIZE"));
    }

    [Theory]
    [InlineData("RENAME", "{k}source", "k")]
    [InlineData("COPY", "{k}source", "k")]
    [InlineData("SORT", "{k}source", "STORE", "k")]
    public async Task A_list_that_comes_whole_wakes_who_waits_for_its_key(params string[] command)
    {
        await using var service = await LoopbackServer.StartAsync(RespTransport.Epoll);
        using var waiting = await BlockAsync(service, "BLPOP", "k", "0");
        using var other = await service.ConnectAsync();
        await other.CallAsync("RPUSH", "{k}source", "1", "2");
        await other.CallAsync(command);
        Assert.Equal("*[$k,$1]", await waiting.ReplyAsync());
        Assert.Equal(":1", await other.CallAsync("LLEN", "k"));
    }

    [Theory]
    [InlineData(RespTransport.Epoll)]
    [InlineData(RespTransport.Kestrel)]
    public async Task A_transaction_is_over_before_anybody_takes_from_it(RespTransport transport)
    {
        await using var service = await LoopbackServer.StartAsync(transport);
        using var waiting = await BlockAsync(service, "BZPOPMIN", "k", "0");
        using var pusher = await service.ConnectAsync();
        await pusher.SendAsync("MULTI\r\nZADD k 1 a\r\nPING\r\nZREM k a\r\nEXEC\r\nMULTI\r\nZADD k 2 b 3 c\r\nPING\r\nEXEC\r\nZCARD k\r\n");
        string[] expected = ["+OK", "+QUEUED", "+QUEUED", "+QUEUED", "*[:1,+PONG,:1]", "+OK", "+QUEUED", "+QUEUED", "*[:2,+PONG]", ":1"];
        foreach (var reply in expected)
        {
            Assert.Equal(reply, await pusher.ReplyAsync());
        }

        Assert.Equal("*[$k,$b,$2]", await waiting.ReplyAsync());
        await pusher.SendAsync("MULTI\r\nBLPOP none 0\r\nBLMOVE none none LEFT LEFT 0\r\nEXEC\r\n");
        await pusher.ReplyAsync();
        await pusher.ReplyAsync();
        await pusher.ReplyAsync();
        Assert.Equal("*[_,_]", await pusher.ReplyAsync());
    }

    [Theory]
    [InlineData(RespTransport.Epoll)]
    [InlineData(RespTransport.Kestrel)]
    public async Task Who_waits_is_ended_by_its_timeout_or_by_another_client_and_goes_on(RespTransport transport)
    {
        await using var service = await LoopbackServer.StartAsync(transport);
        using var client = await service.ConnectAsync();
        using var other = await service.ConnectAsync();
        var id = (await client.CallAsync("CLIENT", "ID"))[1..];
        Assert.Equal("_", await client.CallAsync("BLPOP", "k", "0.01"));
        await client.SendAsync("BLPOP k 100\r\nPING\r\n");
        await Eventually.True("blocked", () => service.Server.Blocked.WithTimeout == 1, Deadline);
        Assert.Contains(" flags=b ", await other.CallAsync("CLIENT", "LIST", "ID", id), StringComparison.Ordinal);
        Assert.Equal(":1", await other.CallAsync("CLIENT", "UNBLOCK", id, "ERROR"));
        Assert.Equal(":0", await other.CallAsync("CLIENT", "UNBLOCK", id));
        Assert.Equal("-UNBLOCKED client unblocked via CLIENT UNBLOCK", await client.ReplyAsync());
        Assert.Equal("+PONG", await client.ReplyAsync());
        Assert.Equal(0, service.Server.Blocked.WithTimeout);
        Assert.Equal(":1", await other.CallAsync("RPUSH", "k", "still here"));
        Assert.Equal(":1", await other.CallAsync("LLEN", "k"));
    }

    [Theory]
    [InlineData(RespTransport.Epoll)]
    [InlineData(RespTransport.Kestrel)]
    public async Task A_client_that_leaves_takes_nothing(RespTransport transport)
    {
        await using var service = await LoopbackServer.StartAsync(transport);
        using var other = await service.ConnectAsync();
        using (await BlockAsync(service, "BLPOP", "k", "0"))
        {
        }

        await Eventually.True("gone", () => service.Server.Clients.Count == 1, Deadline);
        Assert.Equal(":1", await other.CallAsync("RPUSH", "k", "v"));
        Assert.Equal(":1", await other.CallAsync("LLEN", "k"));
        Assert.False(service.Server.Store.Table(HashSlot.Of("k"u8)).HasReadyKeys);
    }

    [Theory]
    [InlineData(RespTransport.Epoll)]
    [InlineData(RespTransport.Kestrel)]
    public async Task A_slot_that_goes_away_sends_those_who_wait_after_it(RespTransport transport)
    {
        var cluster = new ScriptedCluster(2);
        cluster.Assign(0, 0, HashSlot.Count - 1);
        await using var service = await LoopbackServer.StartAsync(transport, cluster);
        using var waiting = await BlockAsync(service, "BLPOP", "k", "0");
        using var staying = await BlockAsync(service, "BLPOP", "a", "0");
        using var other = await service.ConnectAsync();
        var slot = HashSlot.Of("k"u8);
        Assert.Equal("+OK", await other.CallAsync("CLUSTER", "SETSLOT", $"{slot}", "NODE", Trefoil.Sharding.NodeRecord.RespIdOf(cluster.Ids[1])));
        Assert.Equal($"-MOVED {slot} 10.0.0.2:7001", await waiting.ReplyAsync());
        Assert.Equal("+PONG", await waiting.CallAsync("PING"));
        Assert.Equal(":1", await other.CallAsync("RPUSH", "a", "v"));
        Assert.Equal("*[$a,$v]", await staying.ReplyAsync());
    }

    [Fact]
    public async Task A_cluster_that_goes_down_lets_nobody_wait()
    {
        var cluster = new ScriptedCluster(2);
        cluster.Assign(0, 0, 9000);
        cluster.Assign(1, 9001, HashSlot.Count - 1);
        await using var service = await LoopbackServer.StartAsync(RespTransport.Epoll, cluster);
        using var waiting = await BlockAsync(service, "BLPOP", "k", "0");
        cluster.Health[cluster.Ids[1]] = new NodeHealth(NodeLiveness.Dead);
        cluster.Changed();
        Assert.Equal("-CLUSTERDOWN The cluster is down", await waiting.ReplyAsync());
        Assert.Equal("-CLUSTERDOWN The cluster is down", await waiting.CallAsync("BLPOP", "k", "0"));
    }

    [Fact]
    public async Task A_server_that_stops_does_not_wait_for_those_who_wait()
    {
        foreach (var transport in new[] { RespTransport.Epoll, RespTransport.Kestrel })
        {
            var service = await LoopbackServer.StartAsync(transport);
            using var waiting = await BlockAsync(service, "BLPOP", "k", "0");
            await service.DisposeAsync().AsTask().WaitAsync(Deadline, TestContext.Current.CancellationToken);
            Assert.Equal("", await waiting.ReadToEndAsync());
        }
    }

    private static async Task<LoopbackClient> BlockAsync(LoopbackServer service, params string[] command)
    {
        var before = service.Server.Clients.All.Count(client => client.Waiting);
        var client = await service.ConnectAsync();
        await client.SendAsync(RespSession.Encode(command));
        await Eventually.True("blocked", () => service.Server.Clients.All.Count(other => other.Waiting) == before + 1, Deadline);
        return client;
    }
}

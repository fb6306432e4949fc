using Trefoil.KeyValue.Server;
using Trefoil.Primitives;
using Trefoil.Unit.KeyValue.Server;
using Trefoil.Unit.KeyValue.Transport;
using Trefoil.Unit.Testing;
using Xunit;

namespace Trefoil.Unit.KeyValue.PubSub;

/// <summary>Publishing on one node, over real sockets on both transports.</summary>
public sealed class PubSubTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData(RespTransport.Epoll)]
    [InlineData(RespTransport.Kestrel)]
    public async Task Messages_come_in_order_between_replies_and_not_inside_them(RespTransport transport)
    {
        await using var service = await LoopbackServer.StartAsync(transport);
        using var subscriber = await service.ConnectAsync();
        using var publisher = await service.ConnectAsync();
        await subscriber.CallAsync("HELLO", "3");
        Assert.Equal(">[$subscribe,$c,:1]", await subscriber.CallAsync("SUBSCRIBE", "c"));
        const int Count = 2000;
        var publishing = publisher.SendAsync(string.Concat(Enumerable.Range(0, Count).Select(n => $"PUBLISH c {n}\r\n")));
        var asking = subscriber.SendAsync(string.Concat(Enumerable.Repeat("MULTI\r\nPING\r\nECHO x\r\nEXEC\r\n", 100)));
        var messages = new List<string>();
        var replies = new List<string>();
        while (messages.Count < Count || replies.Count < 400)
        {
            var reply = await subscriber.ReplyAsync();
            (reply[0] == '>' ? messages : replies).Add(reply);
        }

        await publishing;
        await asking;
        Assert.Equal(Enumerable.Range(0, Count).Select(n => $">[$message,$c,${n}]"), messages);
        Assert.Equal(Enumerable.Repeat(new[] { "+OK", "+QUEUED", "+QUEUED", "*[+PONG,$x]" }, 100).SelectMany(four => four), replies);
    }

    [Theory]
    [InlineData(RespTransport.Epoll)]
    [InlineData(RespTransport.Kestrel)]
    public async Task Messages_reach_a_client_that_is_blocked(RespTransport transport)
    {
        await using var service = await LoopbackServer.StartAsync(transport);
        using var client = await service.ConnectAsync();
        using var other = await service.ConnectAsync();
        await client.CallAsync("HELLO", "3");
        await client.CallAsync("PSUBSCRIBE", "c*");
        await client.SendAsync("BLPOP k 0\r\n");
        await Eventually.True("blocked", () => service.Server.Clients.All.Any(one => one.Waiting), Deadline);
        Assert.Equal(":1", await other.CallAsync("PUBLISH", "c1", "m"));
        Assert.Equal(">[$pmessage,$c*,$c1,$m]", await client.ReplyAsync());
        Assert.Equal(":1", await other.CallAsync("RPUSH", "k", "v"));
        Assert.Equal("*[$k,$v]", await client.ReplyAsync());
    }

    [Theory]
    [InlineData(RespTransport.Epoll)]
    [InlineData(RespTransport.Kestrel)]
    public async Task A_subscriber_that_does_not_read_is_cut_at_its_limit_and_nobody_else_notices(RespTransport transport)
    {
        await using var service = await LoopbackServer.StartAsync(transport);
        using var slow = await service.ConnectAsync();
        using var good = await service.ConnectAsync();
        using var publisher = await service.ConnectAsync();
        await publisher.CallAsync("CONFIG", "SET", "client-output-buffer-limit", "pubsub 8mb 2mb 60");
        await slow.CallAsync("SUBSCRIBE", "c");
        await good.CallAsync("SUBSCRIBE", "c");
        var message = new string('m', 100_000);
        for (var sent = 0; service.Server.Clients.Count == 3; sent++)
        {
            Assert.InRange(sent, 0, 1000);
            await publisher.CallAsync("PUBLISH", "c", message);
            Assert.Equal($"*[$message,$c,${message}]", await good.ReplyAsync());
        }

        Assert.Equal(1, service.Server.Statistics.OutputLimitDisconnections);
        Assert.Equal(":1", await publisher.CallAsync("PUBLISH", "c", "m"));
        Assert.Equal("*[$c,:1]", await publisher.CallAsync("PUBSUB", "NUMSUB", "c"));
    }

    [Theory]
    [InlineData(RespTransport.Epoll)]
    [InlineData(RespTransport.Kestrel)]
    public async Task A_subscriber_over_its_soft_limit_for_too_long_is_cut_and_a_client_that_is_none_is_not(RespTransport transport)
    {
        await using var service = await LoopbackServer.StartAsync(transport);
        using var slow = await service.ConnectAsync();
        using var idle = await service.ConnectAsync();
        using var publisher = await service.ConnectAsync();
        await publisher.CallAsync("CONFIG", "SET", "client-output-buffer-limit", "pubsub 0 1mb 1");
        await publisher.CallAsync("SET", "k", new string('v', 1_000_000));
        await slow.CallAsync("SUBSCRIBE", "c");
        await idle.SendAsync(string.Concat(Enumerable.Repeat("GET k\r\n", 20)));
        var message = new string('m', 1_000_000);
        for (var sent = 0; sent < 15; sent++)
        {
            await publisher.CallAsync("PUBLISH", "c", message);
        }

        await Eventually.True("cut", () => service.Server.Clients.Count == 2, Deadline);
        Assert.Equal(1, service.Server.Statistics.OutputLimitDisconnections);
    }

    [Theory]
    [InlineData(RespTransport.Epoll)]
    [InlineData(RespTransport.Kestrel)]
    public async Task A_slot_that_goes_away_ends_subscriptions_to_its_channels(RespTransport transport)
    {
        var cluster = new ScriptedCluster(2);
        cluster.Assign(0, 0, HashSlot.Count - 1);
        await using var service = await LoopbackServer.StartAsync(transport, cluster);
        using var subscriber = await service.ConnectAsync();
        using var other = await service.ConnectAsync();
        Assert.Equal("*[$ssubscribe,$k,:1]", await subscriber.CallAsync("SSUBSCRIBE", "k"));
        Assert.Equal("*[$ssubscribe,$a,:2]", await subscriber.CallAsync("SSUBSCRIBE", "a"));
        var slot = HashSlot.Of("k"u8);
        Assert.Equal(":1", await other.CallAsync("SPUBLISH", "k", "m"));
        Assert.Equal("*[$smessage,$k,$m]", await subscriber.ReplyAsync());
        Assert.Equal("+OK", await other.CallAsync("CLUSTER", "SETSLOT", $"{slot}", "NODE", Trefoil.Sharding.NodeRecord.RespIdOf(cluster.Ids[1])));
        Assert.Equal("*[$sunsubscribe,$k,:1]", await subscriber.ReplyAsync());
        Assert.Equal($"-MOVED {slot} 10.0.0.2:7001", await other.CallAsync("SPUBLISH", "k", "m"));
        Assert.Equal(":1", await other.CallAsync("SPUBLISH", "a", "m"));
        Assert.Equal("*[$smessage,$a,$m]", await subscriber.ReplyAsync());
    }

    [Fact]
    public void A_client_that_is_gone_or_reset_is_subscribed_to_nothing()
    {
        using var session = new RespSession();
        using var other = session.Another();
        other.Call("SUBSCRIBE", "a");
        other.Call("PSUBSCRIBE", "a*");
        Assert.Equal("*0\r\n*0\r\n", session.Send("PUBSUB CHANNELS b*\r\nPUBSUB SHARDCHANNELS\r\n"));
        Assert.Equal(":2\r\n", session.Call("PUBLISH", "a", "m"));
        other.Call("RESET");
        Assert.Equal(":0\r\n", session.Call("PUBLISH", "a", "m"));
        other.Call("SSUBSCRIBE", "a");
        Assert.Equal(":1\r\n", session.Call("SPUBLISH", "a", "m"));
        session.Server.Clients.Remove(other.Client);
        Assert.Equal(":0\r\n", session.Call("SPUBLISH", "a", "m"));
        Assert.False(session.Server.PubSub.Any);
    }
}

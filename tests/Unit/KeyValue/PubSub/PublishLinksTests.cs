using Trefoil.KeyValue.Cluster;
using Trefoil.KeyValue.Server;
using Trefoil.Unit.KeyValue.Server;
using Trefoil.Unit.KeyValue.Transport;
using Trefoil.Unit.Testing;
using Xunit;

namespace Trefoil.Unit.KeyValue.PubSub;

/// <summary>Messages between nodes: everybody hears them once and in order, a node that is not there costs nobody anything.</summary>
public sealed class PublishLinksTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData(RespTransport.Epoll)]
    [InlineData(RespTransport.Kestrel)]
    public async Task A_message_reaches_subscribers_on_every_node_once_and_in_order(RespTransport transport)
    {
        await using var left = await LoopbackServer.StartAsync(transport, Pair());
        await using var right = await LoopbackServer.StartAsync(transport, Pair());
        left.Cluster.Move(1, "127.0.0.1", right.Endpoint.Port);
        using var here = await left.ConnectAsync();
        using var there = await right.ConnectAsync();
        using var publisher = await left.ConnectAsync();
        await publisher.CallAsync("CONFIG", "SET", "requirepass", "secret");
        right.Server.Settings.Password = "secret";
        await there.CallAsync("AUTH", "secret");
        await here.CallAsync("AUTH", "secret");
        Assert.Equal("*[$psubscribe,$c*,:1]", await here.CallAsync("PSUBSCRIBE", "c*"));
        Assert.Equal("*[$subscribe,$c1,:1]", await there.CallAsync("SUBSCRIBE", "c1"));
        const int Count = 3000;
        await publisher.SendAsync(string.Concat(Enumerable.Range(0, Count).Select(n => RespSession.Encode("PUBLISH", "c1", $"{n}\r\n\u00ff"))));
        for (var n = 0; n < Count; n++)
        {
            Assert.Equal(":1", await publisher.ReplyAsync());
            Assert.Equal($"*[$pmessage,$c*,$c1,${n}\r\n\u00ff]", await here.ReplyAsync());
            Assert.Equal($"*[$message,$c1,${n}\r\n\u00ff]", await there.ReplyAsync());
        }

        Assert.Equal(0, left.Server.Statistics.DroppedPublishes);
        Assert.Equal(":1", await publisher.CallAsync("PUBLISH", "c2", ""));
        Assert.Equal("*[$pmessage,$c*,$c2,$]", await here.ReplyAsync());
    }

    [Fact]
    public async Task A_node_that_is_away_loses_what_is_said_meanwhile_and_hears_again_when_it_is_back()
    {
        await using var left = await LoopbackServer.StartAsync(RespTransport.Epoll, Pair());
        using var publisher = await left.ConnectAsync();
        left.Cluster.Move(1, "127.0.0.1", 1);
        Assert.Equal(":0", await publisher.CallAsync("PUBLISH", "c", "lost"));
        await Eventually.True("given up", () => left.Server.Statistics.DroppedPublishes == 1, Deadline);

        var right = await LoopbackServer.StartAsync(RespTransport.Epoll, Pair());
        left.Cluster.Move(1, "127.0.0.1", right.Endpoint.Port);
        using (var there = await right.ConnectAsync())
        {
            await there.CallAsync("SUBSCRIBE", "c");
            Assert.Equal(":0", await publisher.CallAsync("PUBLISH", "c", "heard"));
            Assert.Equal("*[$message,$c,$heard]", await there.ReplyAsync());
        }

        await right.DisposeAsync();
        await Eventually.True(
            "noticed",
            () =>
            {
                left.Server.Publishes.Broadcast("c"u8, "lost"u8);
                return left.Server.Statistics.DroppedPublishes > 1;
            },
            Deadline);
        left.Cluster.Health[left.Cluster.Ids[1]] = new NodeHealth(NodeLiveness.Dead);
        await Eventually.True("let go of the dead", () => left.Server.Publishes.Count == 0, Deadline);
        Assert.Equal(":0", await publisher.CallAsync("PUBLISH", "c", "nobody is told"));
        Assert.Equal(0, left.Server.Publishes.Count);
    }

    private static ScriptedCluster Pair()
    {
        var cluster = new ScriptedCluster(2);
        cluster.Assign(0, 0, 16383);
        return cluster;
    }
}

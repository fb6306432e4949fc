using System.Text;
using Trefoil.Cluster.Differential;
using Trefoil.Cluster.Harness;
using Trefoil.Primitives;
using Xunit;

namespace Trefoil.Cluster.Scenarios;

/// <summary>What is published on one of three real nodes is heard on all of them; a shard channel is where its slot is.</summary>
public sealed class PublishingTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_message_is_heard_on_all_nodes_also_on_one_that_was_killed_and_came_back()
    {
        await using var cluster = await LocalCluster.UpAsync(3);
        using var publisher = new RawConnection(cluster.Resp(1));
        var listeners = cluster.Indexes.Select(node => new RawConnection(cluster.Resp(node))).ToArray();
        foreach (var listener in listeners)
        {
            listener.Call("SUBSCRIBE", "news");
        }

        for (var n = 0; n < 500; n++)
        {
            Assert.Equal(":1\r\n", Text(publisher.Call("PUBLISH", "news", $"{n:d3}")));
            foreach (var listener in listeners)
            {
                Assert.Equal($"*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$3\r\n{n:d3}\r\n", Text(listener.ReadReply()));
            }
        }

        await cluster.KillAsync(3);
        Assert.Equal(":1\r\n", Text(publisher.Call("PUBLISH", "news", "two")));
        Assert.EndsWith("two\r\n", Text(listeners[1].ReadReply()), StringComparison.Ordinal);
        await cluster.RestartAsync(3);
        using var again = new RawConnection(cluster.Resp(3));
        again.Call("PSUBSCRIBE", "n*");
        await Eventually.See(
            "publish until the third node hears it",
            "bytes",
            () =>
            {
                publisher.Call("PUBLISH", "news", "again");
                return Task.FromResult(Text(again.ReadArrived()));
            },
            heard => heard.Contains("again", StringComparison.Ordinal),
            Deadline);
        Array.ForEach(listeners, listener => listener.Dispose());
    }

    [Fact]
    public async Task A_shard_channel_and_a_blocked_client_follow_their_slot()
    {
        await using var cluster = await LocalCluster.UpAsync(3);
        var slot = HashSlot.Of("shard"u8);
        var (owner, target) = (await OwnerAsync(cluster, slot), (await OwnerAsync(cluster, slot) % 3) + 1);
        using var listener = new RawConnection(cluster.Resp(owner));
        using var waiting = new RawConnection(cluster.Resp(owner));
        Assert.Equal("*3\r\n$10\r\nssubscribe\r\n$5\r\nshard\r\n:1\r\n", Text(listener.Call("SSUBSCRIBE", "shard")));
        waiting.Send([Words.Bytes(["BLPOP", "{shard}list", "0"])]);
        var id = await cluster.CallAsync(target, "cluster", "myid");
        Assert.Equal("OK", await cluster.CallAsync(owner, "cluster", "setslot", $"{slot}", "node", id));
        Assert.Equal("*3\r\n$12\r\nsunsubscribe\r\n$5\r\nshard\r\n:0\r\n", Text(listener.ReadReply()));
        Assert.Equal($"-MOVED {slot} 127.0.0.1:{cluster.Resp(target)}\r\n", Text(waiting.ReadReply()));
        Assert.Equal($"-MOVED {slot} 127.0.0.1:{cluster.Resp(target)}\r\n", Text(listener.Call("SSUBSCRIBE", "shard")));
        using var there = new RawConnection(cluster.Resp(target));
        there.Call("SSUBSCRIBE", "shard");
        Assert.Equal("1", await cluster.CallAsync(target, "spublish", "shard", "m"));
        Assert.Equal("*3\r\n$8\r\nsmessage\r\n$5\r\nshard\r\n$1\r\nm\r\n", Text(there.ReadReply()));
    }

    private static async Task<int> OwnerAsync(LocalCluster cluster, int slot)
    {
        foreach (var node in cluster.Indexes)
        {
            if (!(await cluster.CallAsync(node, "get", "shard")).Contains("MOVED", StringComparison.Ordinal))
            {
                return node;
            }
        }

        throw new InvalidOperationException($"nobody owns slot {slot}");
    }

    private static string Text(byte[] reply) => Encoding.Latin1.GetString(reply);
}

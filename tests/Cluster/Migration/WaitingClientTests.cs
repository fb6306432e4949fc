using System.Text;
using Trefoil.Cluster.Differential;
using Trefoil.Cluster.Failover.Clusters;
using Trefoil.Cluster.Harness;
using Trefoil.Cluster.Migration.Load;
using Xunit;

namespace Trefoil.Cluster.Migration;

/// <summary>Clients that have begun something on a slot when it moves away, over real connections.</summary>
public sealed class WaitingClientTests
{
    private const int Slot = 100;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Who_waits_watches_or_listens_in_a_slot_that_moves_is_told_where_it_went()
    {
        await using var cluster = await TrefoilCluster.UpAsync("quorum", nodes: 2, replicas: 0);
        var (key, list, channel) = (SlotKeys.Of(Slot, "key"), SlotKeys.Of(Slot, "list"), SlotKeys.Of(Slot, "channel"));
        var source = cluster.OwnersAt(1)(Slot);
        var target = 3 - source;
        using var popping = Connect(cluster, source);
        using var watching = Connect(cluster, source);
        using var listening = Connect(cluster, source);
        using var staying = Connect(cluster, source);
        var moved = $"-MOVED {Slot} {cluster.At(target)}\r\n";

        Assert.Equal("+OK\r\n", Call(watching, "WATCH", key));
        Assert.Equal("+OK\r\n", Call(watching, "MULTI"));
        Assert.Equal("+QUEUED\r\n", Call(watching, "PING"));
        Assert.Equal($"*3\r\n$10\r\nssubscribe\r\n${channel.Length}\r\n{channel}\r\n:1\r\n", Call(listening, "SSUBSCRIBE", channel));
        Send(popping, "BLPOP", list, "0");
        await Eventually.Equals(
            "a client is blocked", "1", () => Task.FromResult(cluster.Field(source, "clients", "blocked_clients")), Deadline);
        Assert.Equal("+OK\r\n", Call(staying, "WATCH", SlotKeys.Of(Slot + 1, "key")));

        Assert.Equal("OK", cluster.Move(source, target, Slot, Slot));

        Assert.Equal(moved, Encoding.Latin1.GetString(popping.ReadReply()));
        Assert.Equal($"*3\r\n$12\r\nsunsubscribe\r\n${channel.Length}\r\n{channel}\r\n:0\r\n", Encoding.Latin1.GetString(listening.ReadReply()));
        await cluster.CleanAsync(source, Deadline);
        var exec = Call(watching, "EXEC");
        Assert.True(exec is "*-1\r\n" || exec == moved || exec.StartsWith("-EXECABORT", StringComparison.Ordinal), exec);
        Assert.Equal("+OK\r\n", Call(staying, "MULTI"));
        Assert.Equal("+QUEUED\r\n", Call(staying, "PING"));
        Assert.Equal("*1\r\n+PONG\r\n", Call(staying, "EXEC"));
        Assert.Equal(moved, Call(staying, "RPUSH", list, "a"));
        using var there = Connect(cluster, target);
        Assert.Equal(":1\r\n", Call(there, "RPUSH", list, "a"));
        Assert.Equal($"*3\r\n$10\r\nssubscribe\r\n${channel.Length}\r\n{channel}\r\n:1\r\n", Call(there, "SSUBSCRIBE", channel));
    }

    private static RawConnection Connect(TrefoilCluster cluster, int node) => new(cluster.At(node).Port);

    private static string Call(RawConnection connection, params string[] command) => Encoding.Latin1.GetString(connection.Call(command));

    private static void Send(RawConnection connection, params string[] command) => connection.Send([[.. command.Select(Encoding.Latin1.GetBytes)]]);
}

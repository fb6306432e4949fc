using System.Net;
using System.Net.Sockets;
using System.Text;
using Trefoil.Cluster.Harness;
using Trefoil.Primitives;
using Xunit;

namespace Trefoil.Cluster.Scenarios;

/// <summary>What strangers send, and what a busy node does, must not disturb the cluster.</summary>
public sealed class HostileInputTests(ThreeNodes nodes) : IClassFixture<ThreeNodes>
{
    private const long MostGrowth = 200L << 20;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    private LocalCluster Cluster => nodes.Cluster;

    [Fact]
    public async Task A_node_that_sleeps_for_five_seconds_loses_neither_leadership_nor_trust()
    {
        var leader = await LeaderAsync();
        var id = await Cluster.CallAsync(leader, "cluster", "myid");
        var term = await Cluster.RaftAsync(leader, "raft_term");
        var witness = Cluster.Indexes.First(n => n != leader);

        var sleep = Cluster.CallAsync(leader, "debug", "sleep", "5");
        while (!sleep.IsCompleted)
        {
            Assert.Equal(term, await Cluster.RaftAsync(witness, "raft_term"));
            Assert.Equal(id, await Cluster.RaftAsync(witness, "raft_leader"));
            Assert.DoesNotContain("fail", await Cluster.CallAsync(witness, "cluster", "nodes"), StringComparison.Ordinal);
        }

        Assert.Equal("OK", await sleep);
        Assert.Equal(term, await Cluster.RaftAsync(leader, "raft_term"));
    }

    [Fact]
    public async Task A_thousand_half_requests_leave_a_node_in_service_and_its_memory_bounded()
    {
        const int Connections = 1000;
        var before = Cluster.MemoryOf(1);
        var sockets = new List<Socket>();
        try
        {
            for (var i = 0; i < Connections; i++)
            {
                var socket = await ConnectAsync(Cluster.Resp(1));
                sockets.Add(socket);
                await socket.SendAsync(Encoding.ASCII.GetBytes("*3\r\n$3\r\nSET\r\n$5\r\nhalf:\r\n$536870912\r\nonly the beginning of"));
            }

            Assert.Equal("PONG", await Cluster.CallAsync(1, "ping"));
            Assert.InRange(Cluster.MemoryOf(1) - before, long.MinValue, MostGrowth);
        }
        finally
        {
            sockets.ForEach(s => s.Dispose());
        }

        await Eventually.See("the half requests are given up", "at most 5 clients", async () =>
            int.Parse(await Cluster.FieldAsync(1, "connected_clients", "info", "clients"), System.Globalization.CultureInfo.InvariantCulture),
            clients => clients <= 5, Deadline);
    }

    [Fact]
    public async Task Malformed_requests_are_answered_with_a_protocol_error_and_closed()
    {
        foreach (var request in (string[])["*1\r\n$536870913\r\n", "*1048577\r\n", "*1\r\n*1\r\n*1\r\n", "*1\r\n$-5\r\n", "*1\r\n$x\r\n"])
        {
            using var socket = await ConnectAsync(Cluster.Resp(2));
            await socket.SendAsync(Encoding.ASCII.GetBytes(request));

            Assert.StartsWith("-ERR Protocol error", await ReadToEndAsync(socket), StringComparison.Ordinal);
        }

        Assert.Equal("PONG", await Cluster.CallAsync(2, "ping"));
    }

    [Fact]
    public async Task Garbage_on_the_ports_between_nodes_is_dropped_without_a_suspicion_or_an_election()
    {
        const int Packets = 2000;
        const int Streams = 200;
        var leader = await LeaderAsync();
        var term = await Cluster.RaftAsync(leader, "raft_term");
        var before = Cluster.MemoryOf(leader);
        var random = new Prng(7);

        using (var udp = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp))
        {
            for (var i = 0; i < Packets; i++)
            {
                await udp.SendToAsync(Garbage(random, 1400), new IPEndPoint(IPAddress.Loopback, Cluster.Swim(leader)));
            }
        }

        for (var i = 0; i < Streams; i++)
        {
            foreach (var port in (int[])[Cluster.Rpc(leader), Cluster.Swim(leader)])
            {
                using var socket = await ConnectAsync(port);
                try
                {
                    await socket.SendAsync(Garbage(random, 64 * 1024));
                }
                catch (SocketException)
                {
                    // The node hung up on the first bad bytes: just what it should do.
                }
            }
        }

        foreach (var node in Cluster.Indexes)
        {
            Assert.Equal("ok", await Cluster.FieldAsync(node, "cluster_state", "cluster", "info"));
            Assert.Equal(term, await Cluster.RaftAsync(node, "raft_term"));
            Assert.DoesNotContain("fail", await Cluster.CallAsync(node, "cluster", "nodes"), StringComparison.Ordinal);
        }

        Assert.InRange(Cluster.MemoryOf(leader) - before, long.MinValue, MostGrowth);
    }

    private async Task<int> LeaderAsync()
    {
        foreach (var node in Cluster.Indexes)
        {
            if (await Cluster.RaftAsync(node, "raft_role") == "leader")
            {
                return node;
            }
        }

        throw new InvalidOperationException("no node leads");
    }

    private static async Task<Socket> ConnectAsync(int port)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, port);
        return socket;
    }

    private static async Task<string> ReadToEndAsync(Socket socket)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        var buffer = new byte[4096];
        var text = "";
        while (await socket.ReceiveAsync(buffer.AsMemory(), deadline.Token) is var count and > 0)
        {
            text += Encoding.ASCII.GetString(buffer, 0, count);
        }

        return text;
    }

    private static byte[] Garbage(Prng random, int longest)
    {
        var bytes = new byte[1 + random.Below(longest)];
        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] = (byte)random.Next();
        }

        return bytes;
    }
}

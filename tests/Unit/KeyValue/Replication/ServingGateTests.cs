using Trefoil.KeyValue.Replication;
using Trefoil.KeyValue.Server;
using Trefoil.KeyValue.Store;
using Trefoil.Primitives;
using Trefoil.Unit.KeyValue.Transport;
using Trefoil.Unit.Testing;
using Xunit;

namespace Trefoil.Unit.KeyValue.Replication;

/// <summary>Nothing is answered but by a primary whose epoch is acknowledged, under a lease that holds when the answer leaves.</summary>
public sealed class ServingGateTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    [Fact]
    public void The_boot_clock_runs_in_units_of_100_ns()
    {
        var (before, watch) = (ServingGate.BootTicks(), System.Diagnostics.Stopwatch.StartNew());
        SpinWait.SpinUntil(() => watch.Elapsed > TimeSpan.FromMilliseconds(50));
        Assert.InRange(ServingGate.BootTicks() - before, TimeSpan.TicksPerMillisecond * 49, watch.Elapsed.Ticks + TimeSpan.TicksPerMillisecond);
    }

    [Fact]
    public void It_serves_while_it_is_open_and_the_lease_holds()
    {
        var now = 100L;
        var gate = new ServingGate(() => now);
        Assert.False(gate.IsServing);
        gate.Open(3);
        Assert.False(gate.IsServing);
        Assert.False(gate.MayRun);
        gate.Lease(200);
        Assert.True(gate.IsServing && gate.MayRun);
        now = 200;
        Assert.False(gate.IsServing);
        Assert.False(gate.MayRun);
        gate.Lease(300);
        Assert.True(gate.IsServing && gate.MayRun);
        gate.Close();
        Assert.False(gate.IsServing || gate.MayRun);
        Assert.True(gate.HoldsLease);
        gate.Open(3);
        gate.Depose();
        Assert.False(gate.IsServing || gate.MayRun || gate.HoldsLease);
    }

    [Fact]
    public void Whoever_waits_for_a_change_is_told_of_it()
    {
        var now = 100L;
        var gate = new ServingGate(() => now);
        foreach (var change in new Action[] { () => gate.Open(1), () => gate.Lease(200), gate.Close, () => gate.Open(1), gate.Depose })
        {
            var changed = gate.Changed;
            Assert.False(changed.IsCompleted);
            change();
            Assert.True(changed.IsCompleted);
        }

        gate.Lease(200);
        var renewed = gate.Changed;
        gate.Lease(300);
        Assert.False(renewed.IsCompleted, "a lease that is renewed in time changes nothing");
    }

    [Theory]
    [InlineData(RespTransport.Epoll)]
    [InlineData(RespTransport.Kestrel)]
    public async Task A_command_waits_at_a_shut_gate_and_runs_once_it_opens(RespTransport transport)
    {
        await using var service = await LoopbackServer.StartAsync(transport, gate: new ServingGate());
        using var client = await service.ConnectAsync();
        Assert.Equal("+PONG", await client.CallAsync("PING"));
        await client.SendAsync("SET a 1\r\nMULTI\r\nINCR a\r\nDBSIZE\r\nEXEC\r\nKEYS *\r\n");
        using var other = await service.ConnectAsync();
        await other.SendAsync("DBSIZE\r\n");
        Assert.Equal("+PONG", await (await service.ConnectAsync()).CallAsync("PING"));
        Assert.False(client.HasReply || other.HasReply);
        service.Server.Gate.Lease(long.MaxValue);
        Assert.False(client.HasReply);
        service.Server.Gate.Open(1);
        foreach (var line in new[] { "+OK", "+OK", "+QUEUED", "+QUEUED", "*[:2,:1]", "*[$a]" })
        {
            Assert.Equal(line, await client.ReplyAsync());
        }

        Assert.StartsWith(":", await other.ReplyAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(RespTransport.Epoll)]
    [InlineData(RespTransport.Kestrel)]
    public async Task After_three_seconds_it_is_told_that_the_cluster_is_down(RespTransport transport)
    {
        await using var service = await LoopbackServer.StartAsync(transport, gate: new ServingGate());
        using var client = await service.ConnectAsync();
        await client.SendAsync("GET a\r\nSET a 1\r\nFLUSHALL\r\nMULTI\r\nSET a 1\r\nEXEC\r\n");
        Assert.Equal("-CLUSTERDOWN The cluster is down", await client.ReplyAsync());
        Assert.Equal("-CLUSTERDOWN The cluster is down", await client.ReplyAsync());
        Assert.Equal("-CLUSTERDOWN The cluster is down", await client.ReplyAsync());
        Assert.Equal("+OK", await client.ReplyAsync());
        Assert.Equal("+QUEUED", await client.ReplyAsync());
        Assert.Equal("-CLUSTERDOWN The cluster is down", await client.ReplyAsync());
        Assert.Equal(0, service.Server.Store.Count);
    }

    [Theory]
    [InlineData(RespTransport.Epoll)]
    [InlineData(RespTransport.Kestrel)]
    public async Task A_reply_waits_for_the_lease_and_leaves_with_the_next_one(RespTransport transport)
    {
        var now = 0L;
        var gate = new ServingGate(() => Interlocked.Read(ref now));
        await using var service = await LoopbackServer.StartAsync(transport, gate: gate);
        gate.Open(1);
        gate.Lease(100);
        using var client = await service.ConnectAsync();
        Assert.Equal("+OK", await client.CallAsync("SET", "a", "1"));
        gate.Close();
        Interlocked.Exchange(ref now, 100);
        await client.SendAsync("GET a\r\n");
        Assert.Equal("+PONG", await (await service.ConnectAsync()).CallAsync("PING"));
        gate.Open(1);
        Assert.False(client.HasReply);
        gate.Lease(200);
        Assert.Equal("$1", await client.ReplyAsync());
    }

    [Theory]
    [InlineData(RespTransport.Epoll)]
    [InlineData(RespTransport.Kestrel)]
    public async Task Replies_wait_for_acknowledgement_and_a_deposed_node_hangs_up_on_them(RespTransport transport)
    {
        var disk = new Persistence.GatedDisk();
        var keys = new Keyspace();
        var opened = Trefoil.KeyValue.Persistence.KeyStorage.Open(disk, new() { Follows = true }, keys, new Prng(1), TimeProvider.System);
        using var storage = Assert.IsType<Trefoil.KeyValue.Persistence.KeyStorageResult.Opened>(opened).Storage;
        storage.Start(failure => throw failure);
        await using var service = await LoopbackServer.StartAsync(transport, keys: keys, storage: storage, gate: new ServingGate());
        using var replica = new KeyReplica(service.Server, _ => { });
        var epoch = replica.BeginEpoch(new ClusterId(1, 1), 1);
        Assert.Equal(1UL, epoch);
        replica.Acked(epoch);
        service.Server.Gate.Lease(long.MaxValue);
        service.Server.Gate.Open(1);
        using var writer = await service.ConnectAsync();
        using var reader = await service.ConnectAsync();
        using var other = await service.ConnectAsync();
        await writer.SendAsync("SET a 1\r\n");
        await Eventually.True("the write is in the log", () => replica.LastLsn == 2, Deadline);
        await reader.SendAsync("GET a\r\n");
        Assert.Equal("_", await other.CallAsync("GET", "b"));
        Assert.False(writer.HasReply || reader.HasReply, "what no replica has was answered");
        replica.Acked(2);
        Assert.Equal("+OK", await writer.ReplyAsync());
        Assert.Equal("$1", await reader.ReplyAsync());

        await writer.SendAsync("SET a 2\r\n");
        await Eventually.True("the write is in the log", () => replica.LastLsn == 3, Deadline);
        replica.Follow();
        Assert.Equal("", await writer.ReadToEndAsync());
        Assert.Equal("+PONG", await other.CallAsync("PING"));
        Assert.Equal("+PONG", await reader.CallAsync("PING"));
    }
}

using Trefoil.KeyValue.Persistence;
using Trefoil.KeyValue.Server;
using Trefoil.KeyValue.Store;
using Trefoil.Primitives;
using Trefoil.Unit.KeyValue.Persistence;
using Trefoil.Unit.KeyValue.Server;
using Trefoil.Unit.KeyValue.Transport;
using Trefoil.Unit.Testing;
using Xunit;

namespace Trefoil.Unit.KeyValue.Blocking;

/// <summary>CLIENT PAUSE, WAIT, WAITAOF, MONITOR: what waits for time, for the disk, and who listens.</summary>
public sealed class PauseAndWaitTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData(RespTransport.Epoll)]
    [InlineData(RespTransport.Kestrel)]
    public async Task A_pause_for_all_holds_every_command_and_none_is_lost_or_overtaken(RespTransport transport)
    {
        await using var service = await LoopbackServer.StartAsync(transport);
        using var pauser = await service.ConnectAsync();
        using var other = await service.ConnectAsync();
        Assert.Equal("+OK", await pauser.CallAsync("CLIENT", "PAUSE", "1000000"));
        await other.SendAsync("PING\r\nINCR n\r\nINCR n\r\nMULTI\r\nINCR n\r\nEXEC\r\n");
        await Eventually.True("held", () => service.Server.Clients.All.Any(client => client.Waiting), Deadline);
        Assert.False(other.HasReply);
        service.Server.Pause.End();
        foreach (var reply in new[] { "+PONG", ":1", ":2", "+OK", "+QUEUED", "*[:3]" })
        {
            Assert.Equal(reply, await other.ReplyAsync());
        }

        // UNPAUSE is a command like any other, and waits for the clock.
        Assert.Equal("+OK", await pauser.CallAsync("CLIENT", "PAUSE", "50"));
        Assert.Equal("+OK", await pauser.CallAsync("CLIENT", "UNPAUSE"));
        Assert.Equal(":4", await other.CallAsync("INCR", "n"));
        Assert.False(service.Server.Pause.IsOn);
        Assert.Equal(":0", await other.CallAsync("WAIT", "1", "20"));
    }

    [Theory]
    [InlineData(RespTransport.Epoll)]
    [InlineData(RespTransport.Kestrel)]
    public async Task A_server_that_stops_does_not_wait_for_a_pause(RespTransport transport)
    {
        var service = await LoopbackServer.StartAsync(transport);
        using var client = await service.ConnectAsync();
        Assert.Equal("+OK", await client.CallAsync("CLIENT", "PAUSE", "1000000"));
        await client.SendAsync("PING\r\n");
        await Eventually.True("held", () => service.Server.Clients.All.Any(one => one.Waiting), Deadline);
        await service.DisposeAsync().AsTask().WaitAsync(Deadline, TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData(RespTransport.Epoll)]
    [InlineData(RespTransport.Kestrel)]
    public async Task WAITAOF_waits_for_the_disk_and_only_for_what_its_client_knows(RespTransport transport)
    {
        var disk = new GatedDisk();
        var keys = new Keyspace();
        var options = new KeyStorageOptions { Sync = SyncPolicy.No, SegmentBytes = 1 << 20 };
        using var storage = Assert.IsType<KeyStorageResult.Opened>(KeyStorage.Open(disk, options, keys, new Prng(1), TimeProvider.System)).Storage;
        storage.Start(failure => throw failure);
        await using var service = await LoopbackServer.StartAsync(transport, keys: keys, storage: storage);
        using var writer = await service.ConnectAsync();
        using var other = await service.ConnectAsync();
        Assert.Equal("+OK", await writer.CallAsync("SET", "a", "1"));
        Assert.Equal("*[:1,:0]", await other.CallAsync("WAITAOF", "1", "0", "0"));
        disk.Shut();
        await writer.SendAsync("WAITAOF 1 0 0\r\nPING\r\n");
        await Eventually.True("the sync is under way", () => disk.Waiting == 1, Deadline);
        Assert.False(writer.HasReply);
        Assert.Equal("$1", await other.CallAsync("GET", "a"));
        Assert.Equal("*[:0,:0]", await other.CallAsync("WAITAOF", "1", "0", "10"));
        disk.Release();
        Assert.Equal("*[:1,:0]", await writer.ReplyAsync());
        Assert.Equal("+PONG", await writer.ReplyAsync());
        Assert.Equal("*[:1,:0]", await writer.CallAsync("WAITAOF", "1", "1", "10"));
    }

    [Fact]
    public void WAITAOF_says_what_it_cannot_do()
    {
        using var session = new RespSession();
        Assert.Equal("-ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.\r\n", session.Call("WAITAOF 1 0 0"));
        Assert.Equal("*2\r\n:0\r\n:0\r\n", session.Call("WAITAOF 0 0 0"));
        Assert.Equal("-ERR value is out of range, value must between 0 and 1\r\n", session.Call("WAITAOF 2 0 0"));
        Assert.Equal("-ERR value is out of range, must be positive\r\n", session.Call("WAITAOF 0 -1 0"));
        Assert.Equal("-ERR timeout is negative\r\n", session.Call("WAITAOF 0 0 -1"));
    }

    [Theory]
    [InlineData(RespTransport.Epoll)]
    [InlineData(RespTransport.Kestrel)]
    public async Task A_monitor_sees_what_others_do_in_its_order(RespTransport transport)
    {
        await using var service = await LoopbackServer.StartAsync(transport);
        using var monitor = await service.ConnectAsync();
        using var other = await service.ConnectAsync();
        Assert.Equal("+OK", await monitor.CallAsync("MONITOR"));
        for (var i = 0; i < 200; i++)
        {
            Assert.Equal("+OK", await other.CallAsync("SET", "k", $"{i}"));
        }

        for (var i = 0; i < 200; i++)
        {
            Assert.EndsWith($"] \"SET\" \"k\" \"{i}\"", await monitor.ReplyAsync(), StringComparison.Ordinal);
        }
    }
}

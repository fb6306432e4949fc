using Trefoil.KeyValue.Persistence;
using Trefoil.KeyValue.Server;
using Trefoil.KeyValue.Store;
using Trefoil.Primitives;
using Trefoil.Unit.KeyValue.Transport;
using Trefoil.Unit.Testing;
using Xunit;

namespace Trefoil.Unit.KeyValue.Persistence;

/// <summary>Under always a reply waits for the disk; nobody else does.</summary>
public class HeldReplyTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData(RespTransport.Epoll)]
    [InlineData(RespTransport.Kestrel)]
    public async Task A_write_is_acknowledged_only_once_it_is_synced_and_other_slots_go_on(RespTransport transport)
    {
        var disk = new GatedDisk();
        using var storage = Open(disk, SyncPolicy.Always, out var keys);
        await using var service = await LoopbackServer.StartAsync(transport, keys: keys, storage: storage);
        using var writer = await service.ConnectAsync();
        using var reader = await service.ConnectAsync();
        using var other = await service.ConnectAsync();
        Assert.Equal("+OK", await writer.CallAsync("SET", "a", "0"));
        disk.Shut();

        await writer.SendAsync("SET a 1\r\nGET a\r\n");
        await Eventually.True("the write waits for the disk", () => disk.Waiting == 1, Deadline);
        await reader.SendAsync("GET a\r\n");
        Assert.Equal("_", await other.CallAsync("GET", "b"));
        Assert.False(writer.HasReply);
        Assert.False(reader.HasReply, "a read showed what a power cut could still take back");

        disk.Release();
        Assert.Equal("+OK", await writer.ReplyAsync());
        Assert.Equal("$1", await writer.ReplyAsync());
        Assert.Equal("$1", await reader.ReplyAsync());
    }

    [Theory]
    [InlineData(RespTransport.Epoll)]
    [InlineData(RespTransport.Kestrel)]
    public async Task Every_second_no_reply_waits_for_the_disk(RespTransport transport)
    {
        var disk = new GatedDisk();
        using var storage = Open(disk, SyncPolicy.EverySecond, out var keys);
        await using var service = await LoopbackServer.StartAsync(transport, keys: keys, storage: storage);
        using var client = await service.ConnectAsync();
        disk.Shut();
        try
        {
            Assert.Equal("+OK", await client.CallAsync("SET", "a", "1"));
            await Eventually.True("the sync is under way", () => disk.Waiting == 1, Deadline);
            Assert.Equal("+OK", await client.CallAsync("SET", "a", "2"));
        }
        finally
        {
            disk.Release();
        }
    }

    [Theory]
    [InlineData(RespTransport.Epoll)]
    [InlineData(RespTransport.Kestrel)]
    public async Task A_client_that_never_stops_sending_gets_its_answers_across_many_segments(RespTransport transport)
    {
        using var storage = Open(new GatedDisk(), SyncPolicy.Always, out var keys, segmentBytes: 4096);
        await using var service = await LoopbackServer.StartAsync(transport, keys: keys, storage: storage);
        using var client = await service.ConnectAsync();
        const int Count = 5000;
        var sending = client.SendAsync(string.Concat(Enumerable.Range(0, Count).Select(n => $"SET key:{n} {n}\r\n")));
        for (var n = 0; n < Count; n++)
        {
            Assert.Equal("+OK", await client.ReplyAsync());
        }

        await sending;
        Assert.Equal((ulong)Count, storage.Log.DurableLsn);
        Assert.Equal($":{Count}", await client.CallAsync("DBSIZE"));
    }

    private static KeyStorage Open(GatedDisk disk, SyncPolicy policy, out Keyspace keys, long segmentBytes = 1 << 20)
    {
        keys = new Keyspace();
        var options = new KeyStorageOptions { Sync = policy, SegmentBytes = segmentBytes };
        var opened = Assert.IsType<KeyStorageResult.Opened>(KeyStorage.Open(disk, options, keys, new Prng(1), TimeProvider.System));
        opened.Storage.Start(failure => throw failure);
        return opened.Storage;
    }
}

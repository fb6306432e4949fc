using System.Buffers.Binary;
using System.Globalization;
using System.Net.Sockets;
using Trefoil.KeyValue.Commands.Server;
using Trefoil.KeyValue.Persistence;
using Trefoil.KeyValue.Replication;
using Trefoil.KeyValue.Server;
using Trefoil.KeyValue.Store;
using Trefoil.Primitives;
using Trefoil.Replication;
using Trefoil.Unit.KeyValue.Persistence;
using Trefoil.Unit.KeyValue.Transport;
using Xunit;
using Xunit.Sdk;

namespace Trefoil.Unit.KeyValue.Replication;

/// <summary>A primary that is deposed and elected again and again under load: whatever it changed is in its log, and nothing changes while it follows.</summary>
public sealed class DepositionStressTests
{
    private const int Depositions = 40;

    [Theory]
    [InlineData(RespTransport.Epoll)]
    [InlineData(RespTransport.Kestrel)]
    public async Task Nothing_changes_while_it_follows_and_every_change_is_in_the_log(RespTransport transport)
    {
        var keys = new Keyspace();
        var opened = KeyStorage.Open(new GatedDisk(), new() { Follows = true, SegmentBytes = 50_000 }, keys, new Prng(1), TimeProvider.System);
        using var storage = Assert.IsType<KeyStorageResult.Opened>(opened).Storage;
        storage.Start(failure => throw failure);
        await using var service = await LoopbackServer.StartAsync(transport, keys: keys, storage: storage, gate: new ServingGate());
        using var copy = new KeyReplica(service.Server, _ => { }) { HasPeers = true };
        using var stop = new CancellationTokenSource();
        var clients = Enumerable.Range(0, 3).Select(n => Task.Run(() => WriteAsync(service, n, stop.Token), CancellationToken.None)).ToArray();
        for (var epoch = 1UL; epoch <= Depositions; epoch++)
        {
            copy.BeginEpoch(new ClusterId(1, 1), epoch);
            copy.Acked(epoch % 3 == 0 ? copy.LastLsn : ulong.MaxValue);
            service.Server.Gate.Lease(long.MaxValue);
            service.Server.Gate.Open(epoch);
            var began = copy.LastLsn;
            SpinWait.SpinUntil(() => copy.LastLsn > began + 20, TimeSpan.FromMilliseconds(200));
            copy.Follow();
            copy.Commit();
            var before = (copy.LastLsn, KeyDigest.OfAll(keys, long.MinValue).ToString());
            service.Server.Tick();
            Assert.Equal(before, (copy.LastLsn, KeyDigest.OfAll(keys, long.MinValue).ToString()));
        }

        await stop.CancelAsync();
        await Task.WhenAll(clients);
        Assert.True(copy.LastLsn > 5 * Depositions, $"{copy.LastLsn} records: the clients were not served");
        Assert.Equal(KeyDigest.OfAll(keys, long.MinValue).ToString(), KeyDigest.OfAll(Replayed(copy), long.MinValue).ToString());
    }

    /// <summary>What the log makes of an empty store.</summary>
    private static Keyspace Replayed(KeyReplica copy)
    {
        var replayed = new Keyspace();
        var framed = new ByteWriter();
        var end = copy.Read(new LogCursor(1, 0), int.MaxValue, framed);
        Assert.Equal(new LogCursor(copy.LastLsn + 1, 0), end);
        var rest = framed.Written;
        for (var lsn = 1UL; lsn < end.Lsn; lsn++)
        {
            var length = (int)BinaryPrimitives.ReadUInt32LittleEndian(rest);
            var record = rest.Slice(sizeof(uint), length);
            Assert.True(Trefoil.KeyValue.Effects.EpochRecord.TryRead(record, out _, out _) || replayed.Apply(lsn, record));
            rest = rest[(sizeof(uint) + length)..];
        }

        return replayed;
    }

    /// <summary>Writes until told to stop; whenever it is hung up on it comes again.</summary>
    private static async Task WriteAsync(LoopbackServer service, int number, CancellationToken stop)
    {
        var random = new Prng((ulong)number);
        while (!stop.IsCancellationRequested)
        {
            using var client = await service.ConnectAsync();
            try
            {
                while (!stop.IsCancellationRequested)
                {
                    var key = string.Create(CultureInfo.InvariantCulture, $"k{random.Below(200)}");
                    await client.SendAsync($"SET {key} {random.Below(100)} PX {1 + random.Below(20)}\r\nMULTI\r\nINCR n\r\nDEL {{n}}x\r\nEXEC\r\nFLUSHALL\r\n"[..^(random.Below(50) == 0 ? 0 : 10)]);
                    await client.SendAsync("GET n\r\nLPUSH l 1\r\nLMPOP 1 l LEFT\r\nPING\r\n");
                    while (await client.ReplyAsync() != "+PONG")
                    {
                        // Errors are as good as anything: what counts is what is in the log.
                    }
                }
            }
            catch (Exception end) when (end is SocketException or OperationCanceledException or XunitException)
            {
                // Hung up on, as it should be.
            }
        }
    }
}

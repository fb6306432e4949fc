using System.Globalization;
using Trefoil.KeyValue.Server;
using Trefoil.Unit.KeyValue.Transport;
using Trefoil.Unit.Testing;
using Xunit;

namespace Trefoil.Unit.KeyValue.SlotMigration;

/// <summary>Clients of frozen slots, over sockets: they wait at their command, in order, and may leave.</summary>
public sealed class HeldClientTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData(RespTransport.Epoll)]
    [InlineData(RespTransport.Kestrel)]
    public async Task A_pipeline_stops_at_the_frozen_slot_and_goes_on_in_order(RespTransport transport)
    {
        await using var service = await LoopbackServer.StartAsync(transport);
        var frozen = TwoShards.SlotsOf("a");
        using var client = await service.ConnectAsync();
        using var other = await service.ConnectAsync();
        Assert.True(service.Server.Holds.TryFreeze(frozen));
        await client.SendAsync("SET b 1\r\nINCR a\r\nMULTI\r\nINCR a\r\nEXEC\r\nGET b\r\n");
        Assert.Equal("+OK", await client.ReplyAsync());
        Assert.Equal("+OK", await other.CallAsync("SET", "b", "2"));
        Assert.False(client.HasReply);
        service.Server.Holds.Thaw(frozen);
        foreach (var line in new[] { ":1", "+OK", "+QUEUED", "*[:2]", "$2" })
        {
            Assert.Equal(line, await client.ReplyAsync());
        }
    }

    [Theory]
    [InlineData(RespTransport.Epoll)]
    [InlineData(RespTransport.Kestrel)]
    public async Task A_client_that_leaves_or_is_killed_while_it_waits_does_nothing_any_more(RespTransport transport)
    {
        await using var service = await LoopbackServer.StartAsync(transport);
        var frozen = TwoShards.SlotsOf("a");
        using var killed = await service.ConnectAsync();
        using var other = await service.ConnectAsync();
        var id = (await killed.CallAsync("CLIENT", "ID"))[1..];
        Assert.True(service.Server.Holds.TryFreeze(frozen));
        using (var leaver = await service.ConnectAsync())
        {
            await leaver.SendAsync("INCR a\r\n");
            await killed.SendAsync("INCR a\r\n");
            await Eventually.True("both wait", () => service.Server.Clients.All.Count(client => client.Waiting) == 2, Deadline);
        }

        Assert.Equal(":1", await other.CallAsync("CLIENT", "KILL", "ID", id));
        Assert.Equal("", await killed.ReadToEndAsync());
        await Eventually.True("both are gone", () => service.Server.Clients.Count == 1, Deadline);
        service.Server.Holds.Thaw(frozen);
        Assert.Equal("_", await other.CallAsync("GET", "a"));
    }

    [Theory]
    [InlineData(RespTransport.Epoll)]
    [InlineData(RespTransport.Kestrel)]
    public async Task While_a_slot_is_frozen_nobody_changes_it_and_nothing_is_lost(RespTransport transport)
    {
        const int Freezes = 40;
        await using var service = await LoopbackServer.StartAsync(transport);
        var (frozen, table) = (TwoShards.SlotsOf("a", "b"), service.Server.Store.Table(TwoShards.SlotOf("a")));
        using var enough = new CancellationTokenSource();
        var writers = Enumerable.Range(0, 4).Select(writer => Task.Run(async () =>
        {
            using var client = await service.ConnectAsync();
            var increments = 0;
            for (; !enough.IsCancellationRequested; increments += 10)
            {
                var words = writer == 0 ? "MULTI\r\nINCR a\r\nINCR a\r\nEXEC\r\n" : "INCR a\r\nINCR a\r\n";
                await client.SendAsync(string.Concat(Enumerable.Repeat(words, 5)));
                for (var replies = writer == 0 ? 20 : 10; replies > 0; replies--)
                {
                    Assert.False((await client.ReplyAsync()).StartsWith('-'));
                }
            }

            return increments;
        })).ToArray();
        for (var freezes = 0; freezes < Freezes; freezes++)
        {
            Assert.True(service.Server.Holds.TryFreeze(frozen));
            var before = Value();
            Thread.Yield();
            Assert.Equal(before, Value());
            Assert.True(table.IsHeld);
            service.Server.Holds.Thaw(frozen);
            await Eventually.True("somebody goes on", () => Value() != before, Deadline);
        }

        await enough.CancelAsync();
        Assert.Equal((await Task.WhenAll(writers)).Sum(), Value());
        Assert.False(service.Server.Holds.Any);

        long Value()
        {
            lock (table)
            {
                return table.Look("a"u8, 0) is { Exists: true } entry ? entry.Integer : 0;
            }
        }
    }

    [Theory]
    [InlineData(RespTransport.Epoll)]
    [InlineData(RespTransport.Kestrel)]
    public async Task A_flush_runs_before_a_freeze_or_after_the_thaw(RespTransport transport)
    {
        await using var service = await LoopbackServer.StartAsync(transport);
        using var client = await service.ConnectAsync();
        var frozen = TwoShards.SlotsOf("a");
        var table = service.Server.Store.Table(TwoShards.SlotOf("a"));
        for (var round = 0; round < 200; round++)
        {
            await client.CallAsync("SET", "a", round.ToString(CultureInfo.InvariantCulture));
            await client.SendAsync(round % 2 == 0 ? "FLUSHALL\r\n" : "MULTI\r\nFLUSHALL\r\nEXEC\r\n");
            Assert.True(service.Server.Holds.TryFreeze(frozen));
            var count = table.Count;
            for (var looks = 0; looks < 100; looks++)
            {
                Assert.Equal(count, table.Count);
            }

            service.Server.Holds.Thaw(frozen);
            for (var replies = round % 2 == 0 ? 1 : 3; replies > 0; replies--)
            {
                await client.ReplyAsync();
            }

            Assert.Equal(0, table.Count);
        }
    }
}

using Trefoil.KeyValue.Server;
using Trefoil.Unit.KeyValue.Server;
using Trefoil.Unit.Testing;
using Xunit;

namespace Trefoil.Unit.KeyValue.Transport;

/// <summary>Real sockets on loopback: order, deferral, limits, stopping, on both transports.</summary>
public sealed class TransportTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData(RespTransport.Epoll)]
    [InlineData(RespTransport.Kestrel)]
    public async Task Replies_keep_their_order_around_deferred_commands_and_others_go_on(RespTransport transport)
    {
        await using var service = await LoopbackServer.StartAsync(transport);
        using var waiting = await service.ConnectAsync();
        using var other = await service.ConnectAsync();
        service.Cluster.Hold = true;
        var pipeline = RespSession.Encode("SET", "b", "1") + RespSession.Encode("CLUSTER", "BUMPEPOCH") + RespSession.Encode("GET", "b")
            + RespSession.Encode("CLUSTER", "DELSLOTS", "5") + RespSession.Encode("PING");
        await waiting.SendAsync(pipeline);
        Assert.Equal("+OK\r\n", await waiting.ReadAsync(5));
        await Eventually.True("the proposal is held", () => service.Cluster.HasHeld, Deadline);
        await other.SendAsync(RespSession.Encode("SET", "b", "2") + RespSession.Encode("GET", "b"));
        Assert.Equal("+OK\r\n$1\r\n2\r\n", await other.ReadAsync(12));
        service.Cluster.Release();
        Assert.Equal("+BUMPED 1\r\n$1\r\n2\r\n", await waiting.ReadAsync(18));
        await Eventually.True("the second proposal is held", () => service.Cluster.HasHeld, Deadline);
        service.Cluster.Release();
        Assert.Equal("+OK\r\n+PONG\r\n", await waiting.ReadAsync(12));
    }

    [Theory]
    [InlineData(RespTransport.Epoll)]
    [InlineData(RespTransport.Kestrel)]
    public async Task A_large_value_in_many_pieces_comes_back_whole(RespTransport transport)
    {
        await using var service = await LoopbackServer.StartAsync(transport);
        using var client = await service.ConnectAsync();
        var value = new string('v', 5_000_000);
        var command = RespSession.Encode("SET", "b", value) + RespSession.Encode("GET", "b") + RespSession.Encode("PING");
        var sending = client.SendAsync(command);
        Assert.Equal($"+OK\r\n$5000000\r\n{value}\r\n+PONG\r\n", await client.ReadAsync(5 + 10 + 5_000_000 + 2 + 7));
        await sending;
    }

    [Theory]
    [InlineData(RespTransport.Epoll)]
    [InlineData(RespTransport.Kestrel)]
    public async Task One_client_more_than_allowed_is_told_so_and_closed(RespTransport transport)
    {
        await using var service = await LoopbackServer.StartAsync(transport);
        using var first = await service.ConnectAsync();
        await first.SendAsync("CONFIG SET maxclients 1\r\n");
        Assert.Equal("+OK\r\n", await first.ReadAsync(5));
        using var second = await service.ConnectAsync();
        Assert.Equal("-ERR max number of clients reached\r\n", await second.ReadToEndAsync());
    }

    [Theory]
    [InlineData(RespTransport.Epoll)]
    [InlineData(RespTransport.Kestrel)]
    public async Task A_killed_client_is_closed_and_the_killer_answered(RespTransport transport)
    {
        await using var service = await LoopbackServer.StartAsync(transport);
        using var victim = await service.ConnectAsync();
        await victim.SendAsync("CLIENT ID\r\n");
        var id = (await victim.ReadAsync(4))[1];
        using var killer = await service.ConnectAsync();
        await killer.SendAsync($"CLIENT KILL ID {id}\r\nQUIT\r\n");
        Assert.Equal(":1\r\n+OK\r\n", await killer.ReadToEndAsync());
        Assert.Equal("", await victim.ReadToEndAsync());
        await Eventually.True("both are gone", () => service.Server.Clients.Count == 0, Deadline);
    }

    [Theory]
    [InlineData(RespTransport.Epoll)]
    [InlineData(RespTransport.Kestrel)]
    public async Task A_client_that_never_reads_holds_bounded_memory_and_can_still_read_it_all_later(RespTransport transport)
    {
        await using var service = await LoopbackServer.StartAsync(transport);
        using var client = await service.ConnectAsync();
        var value = new string('v', 500_000);
        await client.SendAsync(RespSession.Encode("SET", "b", value));
        Assert.Equal("+OK\r\n", await client.ReadAsync(5));
        await client.SendAsync(string.Concat(Enumerable.Repeat(RespSession.Encode("GET", "b"), 100)));
        await Eventually.True("replies pile up", () => service.Server.Clients.All[0].Output.Length > 0, Deadline);
        Assert.All(service.Server.Clients.All, connection => Assert.InRange(connection.Output.Length, 0, 3_000_000));
        var one = $"$500000\r\n{value}\r\n";
        for (var i = 0; i < 100; i++)
        {
            Assert.Equal(one, await client.ReadAsync(one.Length));
        }
    }

    [Fact]
    public async Task An_address_in_use_is_an_IOException_on_both_transports()
    {
        await using var service = await LoopbackServer.StartAsync(RespTransport.Epoll);
        foreach (var transport in new[] { RespTransport.Epoll, RespTransport.Kestrel })
        {
            await Assert.ThrowsAnyAsync<IOException>(() => RespListener.StartAsync(service.Server, service.Endpoint, CancellationToken.None, transport));
        }
    }
}

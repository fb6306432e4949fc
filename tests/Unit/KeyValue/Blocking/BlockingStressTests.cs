using System.Collections.Concurrent;
using System.Globalization;
using Trefoil.KeyValue.Server;
using Trefoil.Primitives;
using Trefoil.Unit.KeyValue.Transport;
using Trefoil.Unit.Testing;
using Xunit;

namespace Trefoil.Unit.KeyValue.Blocking;

/// <summary>Pushes, pops, moves, timeouts, unblocking and hanging up, all at once: every element is popped once, or still there.</summary>
public sealed class BlockingStressTests
{
    private const int Poppers = 8;
    private const int Pushers = 3;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
    private readonly ConcurrentBag<string> _popped = [];
    private readonly ConcurrentQueue<string> _ids = new();
    private int _running = Pushers;

    [Theory]
    [InlineData(RespTransport.Epoll)]
    [InlineData(RespTransport.Kestrel)]
    [Trait(Soak.Trait, "yes")]
    public async Task Every_element_is_popped_once_or_still_there(RespTransport transport)
    {
        await using var service = await LoopbackServer.StartAsync(transport);
        var each = Soak.Times(500, 10_000);
        var poppers = Enumerable.Range(0, Poppers).Select(n => PopAsync(service, new Prng((ulong)n + 1))).ToList();
        var pushers = Enumerable.Range(0, Pushers).Select(n => PushAsync(service, n, each)).ToList();
        var others = new[] { UnblockAsync(service), HangUpAsync(service) };
        foreach (var task in pushers.Concat(poppers).Concat(others))
        {
            await task.WaitAsync(Deadline, TestContext.Current.CancellationToken);
        }

        using var last = await service.ConnectAsync();
        foreach (var key in new[] { "{k}a", "{k}b" })
        {
            while (await last.CallAsync("LPOP", key) is var element and not "_")
            {
                _popped.Add(element[1..]);
            }
        }

        var all = Enumerable.Range(0, Pushers).SelectMany(n => Enumerable.Range(0, each).Select(i => $"{n}:{i}")).Order(StringComparer.Ordinal);
        Assert.Equal(all, _popped.Order(StringComparer.Ordinal));
        await Eventually.True("nobody waits", () => service.Server.Blocked.WithTimeout == 0, Deadline);
    }

    private async Task PushAsync(LoopbackServer service, int name, int count)
    {
        using var client = await service.ConnectAsync();
        for (var i = 0; i < count; i++)
        {
            var element = string.Create(CultureInfo.InvariantCulture, $"{name}:{i}");
            Assert.StartsWith(":", await client.CallAsync("RPUSH", i % 3 == 0 ? "{k}a" : "{k}b", element), StringComparison.Ordinal);
        }

        Interlocked.Decrement(ref _running);
    }

    /// <summary>Pops with timeouts of a few milliseconds, in every form, until the pushers are done and nothing is left.</summary>
    private async Task PopAsync(LoopbackServer service, Prng random)
    {
        using var client = await service.ConnectAsync();
        _ids.Enqueue((await client.CallAsync("CLIENT", "ID"))[1..]);
        while (true)
        {
            var over = Volatile.Read(ref _running) == 0;
            var timeout = $"0.00{1 + random.Below(9)}";
            var reply = random.Below(4) switch
            {
                0 => await client.CallAsync("BLPOP", "{k}a", "{k}b", timeout),
                1 => await client.CallAsync("BRPOP", "{k}b", timeout),
                2 => await client.CallAsync("BLMPOP", timeout, "2", "{k}b", "{k}a", "LEFT", "COUNT", "1"),
                _ => await client.CallAsync("BLMOVE", "{k}a", "{k}b", "LEFT", "RIGHT", timeout),
            };
            if (reply.StartsWith("*[${k}", StringComparison.Ordinal))
            {
                _popped.Add(reply[(reply.LastIndexOf('$') + 1)..].TrimEnd(']'));
            }
            else if (over && reply == "_")
            {
                return;
            }
        }
    }

    private async Task UnblockAsync(LoopbackServer service)
    {
        using var client = await service.ConnectAsync();
        while (Volatile.Read(ref _running) > 0)
        {
            if (_ids.TryDequeue(out var id))
            {
                await client.CallAsync("CLIENT", "UNBLOCK", id);
                _ids.Enqueue(id);
            }
        }
    }

    /// <summary>Waits for a key that nobody fills, and goes away.</summary>
    private async Task HangUpAsync(LoopbackServer service)
    {
        while (Volatile.Read(ref _running) > 0)
        {
            using var client = await service.ConnectAsync();
            await client.SendAsync("BLPOP {k}none 0\r\n");
        }
    }
}

using System.Globalization;
using Trefoil.Client;
using Trefoil.Primitives;
using Trefoil.Wire.Resp;
using Xunit;

namespace Trefoil.Cluster.Harness;

/// <summary>Many keys of every type, a third of them with an expiry, whose contents follow from their number: written once, compared later.</summary>
internal sealed class EveryType(ClusterClient client, int keys)
{
    private const int Batch = 2000;
    private const long HourMs = 3_600_000;

    /// <summary>MIGRATE carries the time that is left and not the moment, so each move may add what it takes.</summary>
    private const long ToleranceMs = 5_000;

    private readonly long _expireBaseMs = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() + HourMs;

    public int Keys => keys;

    public Task WriteAsync() => ForAllAsync(async number =>
    {
        foreach (var command in Commands(number))
        {
            var reply = await client.SendAsync(command);
            Assert.False(reply.IsError, $"{string.Join(' ', command)}: {reply.Text}");
        }
    });

    /// <summary>Every key is there with its contents and its expiry.</summary>
    public Task CompareAsync() => ForAllAsync(async number =>
    {
        var seen = Show(await client.SendAsync(Question(number)), unordered: number % 5 == 3);
        Assert.True(seen == Expected(number), $"{Key(number)}: expected {Expected(number)}, found {seen}");
        var expiry = (await client.SendAsync("PEXPIRETIME", Key(number))).Integer;
        var wanted = number % 3 == 0 ? _expireBaseMs + number : -1;
        Assert.True(wanted < 0 ? expiry == -1 : Math.Abs(expiry - wanted) <= ToleranceMs, $"{Key(number)}: expires at {expiry}, was to at {wanted}");
    });

    private async Task ForAllAsync(Func<int, Task> action)
    {
        for (var first = 0; first < keys; first += Batch)
        {
            await Task.WhenAll(Enumerable.Range(first, Math.Min(Batch, keys - first)).Select(action));
        }
    }

    private static string Key(int number) => string.Create(CultureInfo.InvariantCulture, $"key:{number}");

    private IEnumerable<string[]> Commands(int number)
    {
        var (key, n) = (Key(number), number.ToString(CultureInfo.InvariantCulture));
        yield return (number % 5) switch
        {
            0 => ["SET", key, "value-" + n],
            1 => ["HSET", key, "field", n, "other", "x" + n],
            2 => ["RPUSH", key, "a" + n, n, "c"],
            3 => ["SADD", key, "m" + n, "n", n],
            _ => ["ZADD", key, n, "one", "0.5", "half"],
        };
        if (number % 3 == 0)
        {
            yield return ["PEXPIREAT", key, (_expireBaseMs + number).ToString(CultureInfo.InvariantCulture)];
        }
    }

    private static string[] Question(int number) => (number % 5) switch
    {
        0 => ["GET", Key(number)],
        1 => ["HGETALL", Key(number)],
        2 => ["LRANGE", Key(number), "0", "-1"],
        3 => ["SMEMBERS", Key(number)],
        _ => ["ZRANGE", Key(number), "0", "-1", "WITHSCORES"],
    };

    private static string Expected(int number) => (number % 5) switch
    {
        0 => $"value-{number}",
        1 => $"field {number} other x{number}",
        2 => $"a{number} {number} c",
        3 => string.Join(' ', new[] { $"m{number}", "n", $"{number}" }.Order(StringComparer.Ordinal)),
        _ => number == 0 ? "one 0 half 0.5" : $"half 0.5 one {number}",
    };

    private static string Show(RespReply reply, bool unordered)
    {
        if (reply.Items is not { } items)
        {
            return reply.Text ?? "(nothing)";
        }

        var texts = items.Select(item => item.Text ?? "(nothing)");
        return string.Join(' ', unordered ? texts.Order(StringComparer.Ordinal) : texts);
    }
}

/// <summary>A client that writes all the time: counters of which only it knows, so every reply tells whether an update was lost or done twice.</summary>
internal sealed class SteadyWriter : IAsyncDisposable
{
    private readonly ClusterClient _client;
    private readonly long[] _counters;
    private readonly string _name;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _work;
    private long _writes;

    public SteadyWriter(int port, string name, int counters)
    {
        _client = new ClusterClient([new HostPort("127.0.0.1", port)], new ClusterClientOptions(), TimeProvider.System);
        _counters = new long[counters];
        _name = name;
        _work = Task.Run(RunAsync);
    }

    public long Writes => Interlocked.Read(ref _writes);

    /// <summary>Ends the writing and compares every counter once more; fails if a reply was ever not the next number.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _work;
        for (var i = 0; i < _counters.Length; i++)
        {
            var found = (await _client.SendAsync("GET", Key(i))).Text ?? "0";
            Assert.Equal(_counters[i].ToString(CultureInfo.InvariantCulture), found);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAny(_work);
        await _client.DisposeAsync();
        _stop.Dispose();
    }

    private string Key(int counter) => string.Create(CultureInfo.InvariantCulture, $"{_name}:{counter}");

    private async Task RunAsync()
    {
        for (var i = 0; !_stop.IsCancellationRequested; i = (i + 1) % _counters.Length)
        {
            var reply = await _client.SendAsync("INCR", Key(i));
            Assert.False(reply.IsError, $"INCR {Key(i)}: {reply.Text}");
            Assert.True(reply.Integer == _counters[i] + 1, $"{Key(i)} was {_counters[i]}, and INCR made {reply.Integer} of it");
            _counters[i]++;
            Interlocked.Increment(ref _writes);
        }
    }
}

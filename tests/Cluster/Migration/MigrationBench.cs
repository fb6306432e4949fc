using System.Diagnostics;
using System.Globalization;
using Trefoil.Cluster.Failover;
using Trefoil.Cluster.Failover.Clusters;
using Trefoil.Cluster.Harness;
using Trefoil.Cluster.Migration.Load;
using Xunit;

namespace Trefoil.Cluster.Migration;

/// <summary>What <c>./build.sh bench migration</c> runs: a thousand slots moved under load, by redis-cli between redis-servers and at once between nodes of Trefoil.</summary>
public sealed class MigrationBench
{
    private const int Slots = 1000;
    private const int Clients = 4;
    private const int Probes = 4;
    private static readonly TimeSpan Watch = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private static int Keys => int.TryParse(Environment.GetEnvironmentVariable("TREFOIL_BENCH_KEYS"), out var keys) ? keys : 500_000;

    private static TimeSpan Pause => TimeSpan.FromMilliseconds(int.TryParse(Environment.GetEnvironmentVariable("TREFOIL_BENCH_PAUSE_MS"), out var ms) ? ms : 1);

    [Fact(Explicit = true)]
    public async Task A_thousand_slots_under_load()
    {
        Row(
            "", "keys", "s", "keys/s", "errors", "TRYAGAIN", "ASK", "MOVED", "most per client and slot", "p99 before / during / after, ms", "longest pause of a slot before / during, ms",
            "requests/s before / during", "wrong or lost");
        var redis = await MeasureAsync(await RedisCluster.UpAsync(nodes: 3, replicas: 0), "redis-cli --cluster reshard", (cluster, load) => ReshardAsync(cluster));
        var trefoil = await MeasureAsync(await TrefoilCluster.UpAsync("asynchronous", nodes: 3, replicas: 0), "Trefoil, MIGRATESLOTS", MigrateAsync);
        Line($"Trefoil moves {trefoil.Rate / redis.Rate:0.0} times as many keys per second (bar: 10); load average {File.ReadAllText("/proc/loadavg").Split(' ')[0]}");
        Assert.Equal("none", trefoil.Errors);
    }

    private static async Task<(double Rate, string Errors)> MeasureAsync(
        IFailoverCluster cluster, string name, Func<IFailoverCluster, MovingLoad, Task<TimeSpan>> move)
    {
        await using var owned = cluster;
        var stock = new Stock(0, Slots, Keys / Slots);
        stock.Fill(cluster, 1);
        using var load = new MovingLoad(cluster, stock, Clients, Probes, Pause);
        await load.RequestsAsync(500, Patience);
        var before = Stopwatch.GetTimestamp();
        var (done, began) = (load.Done, 0L);
        await WatchAsync();
        var doneBefore = load.Done - done;
        (done, began) = (load.Done, Stopwatch.GetTimestamp());
        var took = await move(cluster, load);
        var ended = Stopwatch.GetTimestamp();
        var doneDuring = load.Done - done;
        await WatchAsync();
        var after = Stopwatch.GetTimestamp();
        await load.StopAsync();

        var errors = load.Errors.ToString();
        load.Verify();
        var wrong = stock.Verify(cluster, cluster.OwnersAt(1));
        var surplus = cluster.KeysOfAll(1) - stock.Keys - (2 * Probes);
        var rate = stock.Keys / took.TotalSeconds;
        Row(
            name, Text(stock.Keys), took.TotalSeconds.ToString("0.00", CultureInfo.InvariantCulture), Text((long)rate), errors, Text(load.TriedAgain), Text(load.Asked), Text(load.Moved),
            Text(load.MostMovedOfASlot), $"{Ms(load.Percentile99(before, began))} / {Ms(load.Percentile99(began, ended))} / {Ms(load.Percentile99(ended, after))}",
            $"{Ms(load.LongestPause(before, began))} / {Ms(load.LongestPause(began, ended))}",
            $"{doneBefore / Watch.TotalSeconds:0} / {doneDuring / Stopwatch.GetElapsedTime(began, ended).TotalSeconds:0}",
            wrong.Count + (load.Errors.Count == 0 || load.Errors.ToString() == errors ? 0 : 1) == 0 && surplus == 0 ? "none" : $"{wrong}; {surplus} keys too many; {load.Errors}");
        return (rate, errors);
    }

    private static async Task<TimeSpan> ReshardAsync(IFailoverCluster cluster)
    {
        var clock = Stopwatch.StartNew();
        var reshard = await Tool.RunLongAsync(
            "redis-cli", "--cluster", "reshard", cluster.At(1).ToString(), "--cluster-from", cluster.Id(1), "--cluster-to", cluster.Id(2), "--cluster-slots",
            Text(Slots), "--cluster-yes");
        var took = clock.Elapsed;
        reshard.Ok();
        return took;
    }

    /// <summary>Until the target owns the slots and the source has emptied them; the time that counts ends with the first.</summary>
    private static async Task<TimeSpan> MigrateAsync(IFailoverCluster cluster, MovingLoad load)
    {
        var clock = Stopwatch.StartNew();
        Assert.Equal("OK", cluster.Move(1, 2, 0, Slots - 1));
        var (phases, phase) = (new List<string>(), "");
        var ended = await cluster.SeeAsync(
            1, "the migration ends",
            seen =>
            {
                if (seen["phase"] != phase)
                {
                    phases.Add($"{phase = seen["phase"]} from {clock.Elapsed.TotalSeconds:0.00} s");
                }

                return seen["state"] is "success" or "failed" or "cancelled";
            },
            Patience);
        var took = clock.Elapsed;
        Line(string.Join(", ", phases));
        Assert.Equal("success", ended["state"]);
        await cluster.CleanAsync(1, Patience);
        Line($"the source had emptied the slots after {clock.Elapsed.TotalSeconds:0.00} s; it counts a pause of {cluster.Newest(1)["longest_pause_ms"]} ms and {ended["attempt"]} attempt");
        return took;
    }

    private static async Task WatchAsync()
    {
        using var timer = new PeriodicTimer(Watch);
        await timer.WaitForNextTickAsync();
    }

    private static string Ms(TimeSpan time) => time.TotalMilliseconds.ToString("0.0", CultureInfo.InvariantCulture);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static void Row(params string[] cells) => Line("| " + string.Join(" | ", cells) + " |");

    private static void Line(string line)
    {
        Judgement.Print(line);
        if (Environment.GetEnvironmentVariable("TREFOIL_BENCH_OUT") is { Length: > 0 } file)
        {
            File.AppendAllText(file, line + "\n");
        }
    }
}

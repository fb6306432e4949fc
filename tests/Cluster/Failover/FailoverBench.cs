using System.Globalization;
using Trefoil.Cluster.Failover.Clusters;
using Trefoil.Cluster.Failover.Load;
using Trefoil.Cluster.Failover.Network;
using Xunit;

namespace Trefoil.Cluster.Failover;

/// <summary>What <c>./build.sh bench failover</c> runs: the same faults for Redis Cluster and for Trefoil, as rows of a table.</summary>
public sealed class FailoverBench
{
    private static readonly TimeSpan Isolation = TimeSpan.FromSeconds(10);

    private static int Rounds => int.TryParse(Environment.GetEnvironmentVariable("TREFOIL_BENCH_ROUNDS"), out var rounds) ? rounds : 6;

    [Fact(Explicit = true)]
    public async Task Primaries_killed_in_turn()
    {
        Row("kill -9", "outage median / max, ms", "other shards at most, ms", "errors there", "acknowledged", "lost");
        await KillAsync(await RedisCluster.UpAsync());
        await KillAsync(await TrefoilCluster.UpAsync("asynchronous"));
        await KillAsync(await TrefoilCluster.UpAsync("quorum"));
    }

    [Fact(Explicit = true)]
    public async Task A_primary_cut_off_together_with_clients_of_its_own()
    {
        Row("cut off with clients", "outage, ms", "other shards at most, ms", "errors there", "acknowledged on its side", "lost of those");
        await IsolateAsync(await NetworkCluster.RedisUpAsync());
        await IsolateAsync(await NetworkCluster.UpAsync("asynchronous"));
        await IsolateAsync(await NetworkCluster.UpAsync("quorum"));
    }

    private static async Task KillAsync(IFailoverCluster cluster)
    {
        await using var owned = cluster;
        using var load = new FailoverLoad(cluster, new LoadOptions());
        var figures = await new KillRounds(cluster, load).KillAsync(Rounds, _ => { });
        await load.StopAsync();
        var found = load.Verify();
        Row(
            cluster.Name, $"{Ms(FaultFigures.Median(figures))} / {Ms(figures.Max(f => f.Outage))}", Ms(figures.Max(f => f.Others)),
            figures.Any(f => f.OthersFailures.Length > 0) ? "yes" : "none", Text(found.Acknowledged), Text(found.Lost.Count));
    }

    private static async Task IsolateAsync(NetworkCluster cluster)
    {
        await using var owned = cluster;
        using var load = new FailoverLoad(cluster, new LoadOptions());
        await load.WritesAsync(20, TimeSpan.FromSeconds(30));
        var primary = cluster.NodeAt(load.Shards[0].LastAcknowledger!.Value);
        using var side = new FailoverLoad([cluster.At(primary)], new LoadOptions { Name = "aside" }, () => cluster.Lab.Tcp(primary), pinned: cluster.At(primary));
        var figure = await new KillRounds(cluster, load).MeasureAsync(load.Shards[0], async _ =>
        {
            await cluster.Lab.IsolateAsync(primary);
            using var timer = new PeriodicTimer(Isolation);
            await timer.WaitForNextTickAsync();
        });
        await cluster.Lab.HealAsync();
        await cluster.ReplicasSyncedAsync(perPrimary: null);
        await load.StopAsync();
        await side.StopAsync();
        var found = side.Verify();
        Row(
            cluster.Name, Ms(figure.Outage), Ms(figure.Others), figure.OthersFailures.Length > 0 ? "yes" : "none", Text(found.Acknowledged), Text(found.Lost.Count));
    }

    private static string Ms(TimeSpan time) => time.TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static void Row(params string[] cells)
    {
        var row = "| " + string.Join(" | ", cells) + " |";
        Judgement.Print(row);
        if (Environment.GetEnvironmentVariable("TREFOIL_BENCH_OUT") is { Length: > 0 } file)
        {
            File.AppendAllText(file, row + "\n");
        }
    }
}

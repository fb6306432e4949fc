using System.Diagnostics;
using System.Globalization;
using Trefoil.Client;
using Trefoil.Cluster.Harness;
using Trefoil.Primitives;
using Xunit;
using static Trefoil.Cluster.Harness.RedisCliCluster;

namespace Trefoil.Cluster.Scenarios;

/// <summary>Operators move slots with redis-cli while clients write: nothing is lost, nothing is there twice, nothing is stale, expiries stay.</summary>
public sealed class MovingSlotsTests
{
    private const int Writers = 2;

    /// <summary>A test run gives the fourth node a fifth of a full share of 20 000 keys, soak a whole one of 200 000: redis-cli moves slots one by one.</summary>
    [Fact]
    [Trait(Soak.Trait, "yes")]
    public async Task A_cluster_grows_and_shrinks_under_load_and_keeps_every_key()
    {
        await using var cluster = await CreatedOverThreeAsync();
        await using var client = ClientOf(cluster);
        var data = new EveryType(client, Soak.Times(20_000, 200_000));
        await Timed("load", data.WriteAsync);
        var writers = Enumerable.Range(0, Writers).Select(n => new SteadyWriter(cluster.Resp(1), $"live{n}", 500)).ToArray();
        try
        {
            (await ClusterAsync("add-node", At(cluster, 4), At(cluster, 1))).Ok();
            var added = await cluster.CallAsync(4, "cluster", "myid");
            await Eventually.Equals("all nodes know four", "4 4 4 4", () => KnownAsync(cluster), TimeSpan.FromSeconds(20));
            await Timed("reshard 500 slots", async () => (await ReshardAsync(cluster, await cluster.CallAsync(1, "cluster", "myid"), added, 500)).Ok());
            var (weight, share) = Soak.IsOn ? ("1", 4096) : ("0.2", 1024);
            await Timed("rebalance", async () => (await ClusterAsync("rebalance", At(cluster, 1), "--cluster-weight", $"{added}={weight}")).Ok());
            Assert.Equal($"{share}", await SlotsAsync(cluster, 4));
            Assert.True(Keys(await cluster.CallAsync(4, "dbsize")) > data.Keys * share / 20_000, "the new node has no share of the keys");

            await Timed("empty the new node", async () => (await ClusterAsync("rebalance", At(cluster, 1), "--cluster-weight", $"{added}=0")).Ok());
            (await ClusterAsync("del-node", At(cluster, 1), added)).Ok();
            await Eventually.Equals("three are left", "3 3 3 1", () => KnownAsync(cluster), TimeSpan.FromSeconds(20));
            foreach (var writer in writers)
            {
                TestContext.Current.TestOutputHelper?.WriteLine($"a writer made {writer.Writes} writes");
                Assert.True(writer.Writes > 0, "a writer was stuck");
                await writer.StopAsync();
            }
        }
        finally
        {
            foreach (var writer in writers)
            {
                await writer.DisposeAsync();
            }
        }

        await Timed("compare", data.CompareAsync);
        await EveryKeyIsThereOnceAsync(cluster, data.Keys + (Writers * 500), nodes: 3);
        (await ClusterAsync("check", At(cluster, 1))).Ok();
    }

    [Fact]
    public async Task A_reshard_killed_half_way_is_repaired_by_fix()
    {
        await using var cluster = await CreatedOverThreeAsync();
        await using var client = ClientOf(cluster);
        var data = new EveryType(client, 5_000);
        await data.WriteAsync();
        await using var writer = new SteadyWriter(cluster.Resp(1), "live", 200);
        var (from, to) = (await cluster.CallAsync(1, "cluster", "myid"), await cluster.CallAsync(2, "cluster", "myid"));
        var before = await SlotsAsync(cluster, 2);

        for (var turn = 0; turn < 3; turn++)
        {
            using var reshard = Tool.Start("redis-cli", ReshardArguments(cluster, from, to, 1000));
            var moved = await SlotsAsync(cluster, 2);
            var printed = reshard.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await Eventually.See("the reshard is under way", "more slots than before", () => SlotsAsync(cluster, 2), seen => seen != moved, TimeSpan.FromSeconds(30));
            reshard.Kill();
            await reshard.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Contains("Moving slot", await printed, StringComparison.Ordinal);

            // What was under way when it died may be committed while a first fix looks at one node after the other: it then says that they disagree.
            await Eventually.See(
                "fix closes every slot", "a fix that succeeds and a check without a warning",
                async () => await ClusterAsync("fix", At(cluster, 1)) is { ExitCode: not 0 } failed ? failed.Output : (await ClusterAsync("check", At(cluster, 1))).Output,
                seen => seen.Contains("[OK] All nodes agree about slots configuration.", StringComparison.Ordinal)
                    && seen.Contains("[OK] All 16384 slots covered.", StringComparison.Ordinal) && !seen.Contains("[WARNING]", StringComparison.Ordinal),
                TimeSpan.FromSeconds(30));
        }

        Assert.NotEqual(before, await SlotsAsync(cluster, 2));
        await writer.StopAsync();
        await data.CompareAsync();
        await EveryKeyIsThereOnceAsync(cluster, data.Keys + 200, nodes: 3);
    }

    private static ClusterClient ClientOf(LocalCluster cluster) =>
        new([new HostPort("127.0.0.1", cluster.Resp(1))], new ClusterClientOptions(), TimeProvider.System);

    private static async Task<string> KnownAsync(LocalCluster cluster) =>
        string.Join(' ', await Task.WhenAll(cluster.Indexes.Select(node => cluster.FieldAsync(node, "cluster_known_nodes", "cluster", "info"))));

    /// <summary>How many slots a node has, as node 1 tells it.</summary>
    private static async Task<string> SlotsAsync(LocalCluster cluster, int node)
    {
        var lines = (await cluster.CallAsync(1, "cluster", "nodes")).Split('\n');
        var words = lines.Single(line => line.Contains($":{cluster.Resp(node)}@", StringComparison.Ordinal)).Split(' ')[8..];
        var slots = words.Where(word => word[0] != '[').Select(word => word.Split('-').Select(int.Parse).ToArray()).Sum(range => range[^1] - range[0] + 1);
        return slots.ToString(CultureInfo.InvariantCulture);
    }

    private static async Task EveryKeyIsThereOnceAsync(LocalCluster cluster, long expected, int nodes)
    {
        var sizes = await Task.WhenAll(Enumerable.Range(1, nodes).Select(node => cluster.CallAsync(node, "dbsize")));
        Assert.True(sizes.Sum(Keys) == expected, $"{expected} keys were written, the nodes have {string.Join(" + ", sizes)}");
    }

    private static long Keys(string dbsize) => long.Parse(dbsize, CultureInfo.InvariantCulture);

    private static async Task Timed(string what, Func<Task> action)
    {
        var clock = Stopwatch.StartNew();
        await action();
        TestContext.Current.TestOutputHelper?.WriteLine($"{what}: {clock.Elapsed.TotalSeconds:0.0} s");
    }
}

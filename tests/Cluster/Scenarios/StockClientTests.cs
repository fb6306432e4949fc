using System.Globalization;
using Trefoil.Cluster.Harness;
using Xunit;

namespace Trefoil.Cluster.Scenarios;

/// <summary>Programs that were not written for Trefoil, against one cluster of three nodes.</summary>
public sealed class StockClientTests(ThreeNodes nodes) : IClassFixture<ThreeNodes>
{
    private LocalCluster Cluster => nodes.Cluster;

    [Fact]
    public async Task Redis_cli_follows_redirects_to_every_node()
    {
        var keys = Enumerable.Range(0, 60).Select(i => $"follow:{i}").ToList();
        var script = string.Concat(keys.Select(k => $"set {k} {k}!\n")) + string.Concat(keys.Select(k => $"get {k}\n"));

        var run = (await Tool.RunWithInputAsync(script, "redis-cli", "-c", "-p", $"{Cluster.Resp(1)}")).Ok();

        Assert.Equal(
            keys.Select(_ => "OK").Concat(keys.Select(k => $"{k}!")),
            run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(l => !l.StartsWith("-> Redirected", StringComparison.Ordinal)));
        Assert.Contains("-> Redirected", run.Output, StringComparison.Ordinal);
        foreach (var node in Cluster.Indexes)
        {
            Assert.NotEqual("0", await Cluster.CallAsync(node, "dbsize"));
        }
    }

    [Fact]
    public async Task Redis_benchmark_runs_in_cluster_mode()
    {
        var run = (await Tool.RunAsync("redis-benchmark",
            "--cluster", "-p", $"{Cluster.Resp(1)}", "-t", "set,get,incr,hset", "-n", "20000", "-c", "20", "-r", "1000", "--csv")).Ok();

        var rates = run.Output.Split('\n').Select(l => l.Split(',')).Where(p => p.Length > 2)
            .ToDictionary(p => p[0].Trim('"'), p => p[1].Trim('"'));
        foreach (var test in (string[])["SET", "GET", "INCR", "HSET"])
        {
            Assert.True(double.Parse(rates[test], CultureInfo.InvariantCulture) > 100, run.ToString());
        }
    }
}

using Trefoil.Cluster.Harness;
using Xunit;

namespace Trefoil.Cluster.Scenarios;

/// <summary>redis-cli --cluster is the acceptance test: it knows nothing of Trefoil.</summary>
public sealed class RedisCliClusterTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Redis_cli_creates_checks_grows_and_shrinks_a_cluster()
    {
        await using var cluster = await LocalCluster.UpAsync(4, "--alone");
        var first = $"127.0.0.1:{cluster.Resp(1)}";

        var create = await ClusterAsync("create", first, $"127.0.0.1:{cluster.Resp(2)}", $"127.0.0.1:{cluster.Resp(3)}", "--cluster-yes");
        Assert.Contains("[OK] All 16384 slots covered.", create.Ok().Output, StringComparison.Ordinal);

        await CheckSeesAsync(first, masters: 3);
        await LoadAsync(cluster, keys: 100);
        var info = (await ClusterAsync("info", first)).Ok().Output;
        Assert.Contains("[OK] 100 keys in 3 masters.", info, StringComparison.Ordinal);

        var call = (await ClusterAsync("call", first, "dbsize")).Ok().Output;
        Assert.Equal(100, call.Split('\n').Where(l => l.Contains(": ", StringComparison.Ordinal) && l.StartsWith("127.0.0.1:", StringComparison.Ordinal))
            .Sum(l => int.Parse(l.Split(": ")[1], System.Globalization.CultureInfo.InvariantCulture)));

        var add = (await ClusterAsync("add-node", $"127.0.0.1:{cluster.Resp(4)}", first)).Ok().Output;
        Assert.Contains("[OK] New node added correctly.", add, StringComparison.Ordinal);
        var added = await cluster.CallAsync(4, "cluster", "myid");
        await KnownNodesAsync(cluster, [1, 2, 3, 4], "4");
        await CheckSeesAsync(first, masters: 4);

        (await ClusterAsync("del-node", first, added)).Ok();
        await KnownNodesAsync(cluster, [1, 2, 3], "3");
        await KnownNodesAsync(cluster, [4], "1");
        await CheckSeesAsync(first, masters: 3);
    }

    private static Task<ToolResult> ClusterAsync(string verb, params string[] arguments) =>
        Tool.RunAsync("redis-cli", ["--cluster", verb, .. arguments]);

    private static async Task CheckSeesAsync(string node, int masters)
    {
        var check = (await ClusterAsync("check", node)).Ok().Output;
        Assert.Contains($"in {masters} masters.", check, StringComparison.Ordinal);
        Assert.Contains("[OK] All nodes agree about slots configuration.", check, StringComparison.Ordinal);
        Assert.Contains("[OK] All 16384 slots covered.", check, StringComparison.Ordinal);
    }

    private static async Task KnownNodesAsync(LocalCluster cluster, int[] nodes, string expected)
    {
        foreach (var node in nodes)
        {
            await Eventually.Equals($"node {node} knows {expected} nodes", expected,
                () => cluster.FieldAsync(node, "cluster_known_nodes", "cluster", "info"), Deadline);
        }
    }

    /// <summary>Sets keys through <c>redis-cli -c</c>, which follows every MOVED itself.</summary>
    private static async Task LoadAsync(LocalCluster cluster, int keys)
    {
        var input = string.Concat(Enumerable.Range(0, keys).Select(i => $"set key:{i} value:{i}\n"));
        var loaded = await Tool.RunWithInputAsync(input, "redis-cli", "-c", "-p", $"{cluster.Resp(1)}");
        Assert.Equal(keys, loaded.Ok().Output.Split('\n').Count(l => l == "OK"));
    }
}

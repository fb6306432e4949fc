using Trefoil.Cluster.Harness;
using Xunit;

namespace Trefoil.Cluster.Scenarios;

/// <summary><c>trefoil cluster recover --unsafe</c>: the majority is gone for good.</summary>
public sealed class RecoverTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task The_replicas_of_two_dead_primaries_become_a_cluster_with_every_acknowledged_key()
    {
        await using var cluster = await LocalCluster.UpAsync(4, "--replicas", "1", "--set", "replication_mode=quorum");
        for (var key = 0; key < 50; key++)
        {
            (await Tool.RedisCliAsync(cluster.Resp(1), "-c", "set", $"key:{key}", $"{key}")).Ok();
        }

        var id = await cluster.CallAsync(4, "cluster", "myid");
        foreach (var node in cluster.Indexes)
        {
            await cluster.KillAsync(node);
        }

        var plan = $"{cluster.Directory}.plan";
        var first = (await Tool.TrefoilAsync(
            "cluster", "recover", "--unsafe", "--data-dir", DataOf(cluster, 3), "--keep", id, "--write-plan", plan)).Ok();
        Assert.Contains("changes of the topology after version", first.Output, StringComparison.Ordinal);
        (await Tool.TrefoilAsync("cluster", "recover", "--unsafe", "--data-dir", DataOf(cluster, 4), "--plan", plan)).Ok();
        File.Delete(plan);
        await cluster.RestartAsync(3);
        await cluster.RestartAsync(4);

        foreach (var node in new[] { 3, 4 })
        {
            await Eventually.Equals($"node {node} says the cluster is whole", "ok", () => cluster.FieldAsync(node, "cluster_state", "CLUSTER", "INFO"), Deadline);
            Assert.Equal("2", await cluster.FieldAsync(node, "cluster_known_nodes", "CLUSTER", "INFO"));
        }

        for (var key = 0; key < 50; key++)
        {
            Assert.Equal($"{key}", (await Tool.RedisCliAsync(cluster.Resp(3), "-c", "get", $"key:{key}")).Ok().Output.Trim());
        }
    }

    [Fact]
    public async Task It_is_refused_without_the_word_unsafe_while_the_node_runs_and_for_strangers()
    {
        await using var cluster = await LocalCluster.UpAsync(1);

        var meek = await Tool.TrefoilAsync("cluster", "recover", "--data-dir", DataOf(cluster, 1));
        var running = await Tool.TrefoilAsync("cluster", "recover", "--unsafe", "--data-dir", DataOf(cluster, 1));
        var nowhere = await Tool.TrefoilAsync("cluster", "recover", "--unsafe", "--data-dir", Path.Combine(cluster.Directory, "none"));
        await cluster.KillAsync(1);
        var stranger = await Tool.TrefoilAsync(
            "cluster", "recover", "--unsafe", "--data-dir", DataOf(cluster, 1), "--keep", new string('a', 40), "--write-plan", $"{cluster.Directory}.plan");

        Assert.Equal((2, 1, 1, 1), (meek.ExitCode, running.ExitCode, nowhere.ExitCode, stranger.ExitCode));
        Assert.Contains("--unsafe", meek.Error, StringComparison.Ordinal);
        Assert.Contains("in use", running.Error, StringComparison.Ordinal);
        Assert.Contains("is no member", stranger.Error, StringComparison.Ordinal);
    }

    private static string DataOf(LocalCluster cluster, int node) => Path.Combine(cluster.NodeDirectory(node), "data");
}

namespace Trefoil.Cluster.Harness;

/// <summary>What an operator does with <c>redis-cli --cluster</c>.</summary>
internal static class RedisCliCluster
{
    /// <summary>Four lone nodes, the first three made a cluster.</summary>
    public static async Task<LocalCluster> CreatedOverThreeAsync()
    {
        var cluster = await LocalCluster.UpAsync(4, "--alone");
        (await ClusterAsync("create", At(cluster, 1), At(cluster, 2), At(cluster, 3), "--cluster-yes")).Ok();
        return cluster;
    }

    /// <summary>Where a node is, as the tools want it.</summary>
    public static string At(LocalCluster cluster, int node) => $"127.0.0.1:{cluster.Resp(node)}";

    public static Task<ToolResult> ClusterAsync(string verb, params string[] arguments) =>
        Tool.RunLongAsync("redis-cli", ["--cluster", verb, .. arguments]);

    public static Task<ToolResult> ReshardAsync(LocalCluster cluster, string from, string to, int slots) =>
        Tool.RunLongAsync("redis-cli", ReshardArguments(cluster, from, to, slots));

    public static string[] ReshardArguments(LocalCluster cluster, string from, string to, int slots) =>
        ["--cluster", "reshard", At(cluster, 1), "--cluster-from", from, "--cluster-to", to, "--cluster-slots", $"{slots}", "--cluster-yes"];
}

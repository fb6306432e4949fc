using System.Globalization;

namespace Trefoil.Cli.Local;

/// <summary>What <c>trefoil local</c> does to a cluster that exists: status, down, kill, restart.</summary>
internal static class LocalVerbs
{
    public static async Task<CliFailure?> StatusAsync(LocalCluster cluster, TextWriter output, TimeProvider time, CancellationToken cancellation)
    {
        var answers = await Task.WhenAll(cluster.Nodes.Select(n => NodeView.AskAsync(LocalCluster.RespOf(n), time, cancellation)));
        var rows = cluster.Nodes.Zip(answers, (n, a) => Row(n, a.View));
        await output.WriteAsync(TextTable.Format(["NODE", "PID", "STATE", "RESP", "SLOTS", "KEYS", "NODES", "RAFT", "TOPOLOGY", "ID"], [.. rows]));
        var silent = Array.FindIndex(answers, a => a.View is null);
        return silent < 0 ? null : CliFailure.Unreachable($"node {silent + 1} does not answer: {answers[silent].Failure}");
    }

    public static async Task<CliFailure?> DownAsync(LocalCluster cluster, TextWriter output, CancellationToken cancellation)
    {
        foreach (var node in await cluster.StopAsync(cluster.Nodes, cancellation))
        {
            await output.WriteLineAsync($"node {node.Index} did not stop in time and was killed");
        }

        var left = cluster.Nodes.FirstOrDefault(n => n.RunningPid is not null);
        if (left is not null)
        {
            return CliFailure.Failed($"node {left.Index} (pid {left.RunningPid}) could not be stopped.");
        }

        await output.WriteLineAsync("all nodes are down");
        return null;
    }

    public static async Task<CliFailure?> KillAsync(LocalCluster cluster, int index, TextWriter output, CancellationToken cancellation)
    {
        if (Find(cluster, index) is not { } node)
        {
            return NoSuchNode(cluster, index);
        }

        var killed = await cluster.KillAsync([node], cancellation);
        await output.WriteLineAsync(killed.Count > 0 ? $"node {index} was killed" : $"node {index} was not running");
        return null;
    }

    public static async Task<CliFailure?> RestartAsync(LocalCluster cluster, int index, TextWriter output, CancellationToken cancellation)
    {
        if (Find(cluster, index) is not { } node)
        {
            return NoSuchNode(cluster, index);
        }

        await cluster.StopAsync([node], cancellation);
        if (await cluster.StartAsync([node], cancellation) is { } failure)
        {
            return failure;
        }

        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"node {index}: {LocalCluster.RespOf(node)}, pid {node.RunningPid}"));
        return null;
    }

    private static NodeDirectory? Find(LocalCluster cluster, int index) => cluster.Nodes.FirstOrDefault(n => n.Index == index);

    private static CliFailure NoSuchNode(LocalCluster cluster, int index) =>
        CliFailure.Usage($"there is no node {index}; this cluster has nodes 1 to {cluster.Nodes.Count}.");

    private static string[] Row(NodeDirectory node, NodeView? view)
    {
        var pid = node.RunningPid;
        var state = (pid, view) switch { (null, _) => "down", (_, null) => "silent", _ => view!.StateOk ? "ok" : "fail" };
        return
        [
            Text(node.Index), pid is { } p ? Text(p) : "-", state, LocalCluster.RespOf(node).ToString(),
            view is null ? "-" : Text(view.OwnSlots), view is null ? "-" : view.Keys.ToString(CultureInfo.InvariantCulture),
            view is null ? "-" : Text(view.KnownNodes), view?.RaftRole ?? "-", view?.TopologyVersion ?? "-", view?.Id ?? "-",
        ];
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}

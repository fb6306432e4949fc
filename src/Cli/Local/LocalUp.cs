using System.Globalization;
using Trefoil.Node.Configuration;

namespace Trefoil.Cli.Local;

/// <summary>What <c>local up</c> was asked for.</summary>
internal sealed record LocalUpRequest(int? Nodes, int? Replicas, bool Alone, string Directory, int? BasePort, IReadOnlyList<string> Settings);

/// <summary><c>trefoil local up</c>: from an empty directory to a cluster that is ready, or the same nodes again.</summary>
internal static class LocalUp
{
    private const int DefaultNodes = 3;

    public static async Task<CliFailure?> RunAsync(LocalUpRequest request, TextWriter output, TimeProvider time, CancellationToken cancellation)
    {
        var (settings, failure) = Check(request);
        if (failure is not null)
        {
            return failure;
        }

        var (found, unreadable) = LocalDirectory.Read(request.Directory);
        if (unreadable is not null)
        {
            return unreadable;
        }

        var path = Path.GetFullPath(request.Directory);
        using var held = LocalDirectory.TryLock(path);
        if (held is null)
        {
            return LocalDirectory.Busy(path);
        }

        var (directory, refused) = found is null
            ? LocalDirectory.Create(path, new ShardPlan(request.Nodes ?? DefaultNodes, request.Replicas ?? 0), request.BasePort, request.Alone, settings.Nodes, time)
            : Reuse(found, request, settings.Nodes);
        if (directory is null)
        {
            return refused;
        }

        await output.WriteLineAsync($"base port {directory.BasePort}");
        return await BringUpAsync(directory, settings.Cluster, output, time, cancellation);
    }

    private static (Settings Settings, CliFailure? Failure) Check(LocalUpRequest request)
    {
        var settings = new Settings([], []);
        if (request.Nodes is < 1 or > NodePorts.MostNodes)
        {
            return (settings, CliFailure.Usage($"--nodes {request.Nodes}: give 1 to {NodePorts.MostNodes}."));
        }

        if (request.BasePort is < 1 or > NodePorts.HighestBase)
        {
            return (settings, CliFailure.Usage($"--base-port {request.BasePort}: give 1 to {NodePorts.HighestBase}, so that every port fits below 65536."));
        }

        if (request.Replicas is < 0 || new ShardPlan(request.Nodes ?? DefaultNodes, request.Replicas ?? 0).Primaries == 0)
        {
            return (settings, CliFailure.Usage(
                $"--replicas {request.Replicas}: a primary and its replicas need {(request.Replicas ?? 0) + 1L} nodes, and there are {request.Nodes ?? DefaultNodes}. Give more with --nodes."));
        }

        foreach (var text in request.Settings)
        {
            if (settings.Add(text) is { } problem)
            {
                return (settings, CliFailure.Usage($"--set {text}: {problem}"));
            }
        }

        return (settings, null);
    }

    private static (LocalDirectory? Directory, CliFailure? Failure) Reuse(
        LocalDirectory found, LocalUpRequest request, IReadOnlyList<(string, string)> settings)
    {
        if (request.Nodes is { } nodes && nodes != found.Nodes)
        {
            return (null, CliFailure.Usage($"{found.Path} has {found.Nodes} nodes, not {nodes}. Leave --nodes out to start those, or give another directory."));
        }

        if (request.Replicas is { } replicas && replicas != found.Replicas)
        {
            return (null, CliFailure.Usage($"{found.Path} was made with {found.Replicas} replicas per primary, not {replicas}. Leave --replicas out, or give another directory."));
        }

        if (request.BasePort is { } basePort && basePort != found.BasePort)
        {
            return (null, CliFailure.Usage($"the nodes in {found.Path} use base port {found.BasePort}, not {basePort}. Leave --base-port out, or give another directory."));
        }

        foreach (var node in found.NodeDirectories)
        {
            node.Change(settings);
        }

        return (found with { Alone = found.Alone || request.Alone }, null);
    }

    private static async Task<CliFailure?> BringUpAsync(
        LocalDirectory directory, IReadOnlyList<(string, string)> settings, TextWriter output, TimeProvider time, CancellationToken cancellation)
    {
        var cluster = new LocalCluster(directory, attached: false, time);
        var failure = await cluster.StartAsync(cluster.Nodes, cancellation);
        if (failure is null && !directory.Alone)
        {
            failure = directory.Formed
                ? await cluster.ReadyAsync(Readiness.MissingAfterRestart, cancellation)
                : await Formation.FormAsync(cluster, cancellation);
        }

        failure ??= await Formation.SetAsync(cluster, settings, cancellation);
        if (failure is null && !directory.Alone && !directory.Formed)
        {
            failure = await Formation.AttachAsync(cluster, cancellation);
        }

        if (failure is not null)
        {
            return failure;
        }

        (directory with { Formed = !directory.Alone }).Save();
        foreach (var node in cluster.Nodes)
        {
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"node {node.Index}: {LocalCluster.RespOf(node)}, pid {node.RunningPid}"));
        }

        await output.WriteLineAsync(directory.Alone ? "ready: every node answers" : "ready: all slots are owned, every node shows the same topology");
        return null;
    }

    /// <summary>What <c>--set</c> asked for: lines of every node's TOML, and settings of the cluster. A key can be both.</summary>
    private sealed record Settings(List<(string Key, string Value)> Nodes, List<(string Key, string Value)> Cluster)
    {
        /// <summary>What is wrong with the text; null if it was added.</summary>
        public string? Add(string text)
        {
            var key = text.Split('=', 2)[0].Trim();
            if (ClusterSettings.ParameterOf(key) is null || text.Length == key.Length)
            {
                return AddToNodes(text);
            }

            var value = text.Split('=', 2)[1].Trim().Trim('"');
            Cluster.Add((key, value));
            return ClusterSettings.Problem(key, value) ?? (ConfigKeys.Find(key) is null ? null : AddToNodes(text));
        }

        private string? AddToNodes(string text)
        {
            if (TomlLines.ParseSetting(text, out var problem) is not { } setting)
            {
                return problem;
            }

            Nodes.Add(setting);
            return null;
        }
    }
}

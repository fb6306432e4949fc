using System.Globalization;

namespace Trefoil.Cli.Local;

/// <summary>What <c>local up</c> was asked for.</summary>
internal sealed record LocalUpRequest(int? Nodes, int Replicas, bool Alone, string Directory, int? BasePort, IReadOnlyList<string> Settings);

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
            ? LocalDirectory.Create(path, request.Nodes ?? DefaultNodes, request.BasePort, request.Alone, settings, time)
            : Reuse(found, request, settings);
        if (directory is null)
        {
            return refused;
        }

        await output.WriteLineAsync($"base port {directory.BasePort}");
        return await BringUpAsync(directory, output, time, cancellation);
    }

    private static (IReadOnlyList<(string, string)> Settings, CliFailure? Failure) Check(LocalUpRequest request)
    {
        if (request.Replicas != 0)
        {
            return ([], CliFailure.Usage("--replicas: replicas do not exist yet, so only 0 works. Leave the option out."));
        }

        if (request.Nodes is < 1 or > NodePorts.MostNodes)
        {
            return ([], CliFailure.Usage($"--nodes {request.Nodes}: give 1 to {NodePorts.MostNodes}."));
        }

        if (request.BasePort is < 1 or > NodePorts.HighestBase)
        {
            return ([], CliFailure.Usage($"--base-port {request.BasePort}: give 1 to {NodePorts.HighestBase}, so that every port fits below 65536."));
        }

        var settings = new List<(string, string)>();
        foreach (var text in request.Settings)
        {
            if (TomlLines.ParseSetting(text, out var problem) is not { } setting)
            {
                return ([], CliFailure.Usage($"--set {text}: {problem}"));
            }

            settings.Add(setting);
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

    private static async Task<CliFailure?> BringUpAsync(LocalDirectory directory, TextWriter output, TimeProvider time, CancellationToken cancellation)
    {
        var cluster = new LocalCluster(directory, attached: false, time);
        var failure = await cluster.StartAsync(cluster.Nodes, cancellation);
        if (failure is null && !directory.Alone)
        {
            failure = directory.Formed
                ? await cluster.ReadyAsync(Readiness.MissingAfterRestart, cancellation)
                : await cluster.FormAsync(cancellation);
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
}

using System.Globalization;
using Trefoil.Cli.Local;
using Trefoil.Client;

namespace Trefoil.Cli.Demo;

/// <summary>The life of a demo: start, load, show, check or follow, stop.</summary>
internal static class DemoRun
{
    public static async Task<CliFailure?> RunAsync(int nodes, bool check, TextWriter output, TimeProvider time, CancellationToken cancellation)
    {
        if (nodes is < 1 or > NodePorts.MostNodes)
        {
            return CliFailure.Usage($"--nodes {nodes}: give 1 to {NodePorts.MostNodes}.");
        }

        var path = System.IO.Directory.CreateTempSubdirectory("trefoil-demo-").FullName;
        var (directory, failure) = LocalDirectory.Create(path, new ShardPlan(nodes, Replicas: 0), null, alone: false, [], time);
        if (directory is null)
        {
            return failure;
        }

        var cluster = new LocalCluster(directory, attached: true, time);
        try
        {
            failure = await StartAsync(cluster, directory, output, cancellation)
                ?? await ShowAsync(cluster, check, output, time, cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            await output.WriteLineAsync("stopping");
        }
        finally
        {
            await cluster.StopAsync(cluster.Nodes, CancellationToken.None);
        }

        if (failure is not null)
        {
            return failure with { Message = $"{failure.Message}\nThe nodes' files are kept in {path}." };
        }

        System.IO.Directory.Delete(path, recursive: true);
        return null;
    }

    private static async Task<CliFailure?> StartAsync(LocalCluster cluster, LocalDirectory directory, TextWriter output, CancellationToken cancellation)
    {
        await output.WriteLineAsync($"starting {cluster.Nodes.Count} nodes in {directory.Path}, base port {directory.BasePort}");
        return await cluster.StartAsync(cluster.Nodes, cancellation) ?? await Formation.FormAsync(cluster, cancellation);
    }

    private static async Task<CliFailure?> ShowAsync(LocalCluster cluster, bool check, TextWriter output, TimeProvider time, CancellationToken cancellation)
    {
        var seeds = cluster.Nodes.Select(LocalCluster.RespOf).ToList();
        await using var client = new ClusterClient(seeds, new ClusterClientOptions(), time);
        var (keys, refused) = await SampleData.LoadAsync(client, cancellation);
        if (refused is not null)
        {
            return CliFailure.Failed($"the sample data could not be loaded: {refused}");
        }

        await output.WriteLineAsync($"loaded {keys} sample keys");
        if (await SampleClaims.ShowAsync(cluster.Nodes[0].Ports.Api, output, time, cancellation) is { } unasked)
        {
            return unasked;
        }

        await PrintEndpointsAsync(cluster, output);
        if (check)
        {
            return await SelfTest.RunAsync(client, seeds, keys, output, time, cancellation);
        }

        await PrintCommandsAsync(cluster.Nodes[0].Ports, output);
        await ClusterWatch.FollowAsync(cluster, output, time, cancellation);
        return null;
    }

    private static async Task PrintEndpointsAsync(LocalCluster cluster, TextWriter output)
    {
        var rows = cluster.Nodes.Select(n => new[]
        {
            Text(n.Index), Text(n.RunningPid ?? 0), LocalCluster.RespOf(n).ToString(), Text(n.Ports.Rpc), Text(n.Ports.Swim), n.Log,
        });
        await output.WriteLineAsync();
        await output.WriteAsync(TextTable.Format(["NODE", "PID", "RESP", "RPC", "SWIM", "LOG"], [.. rows]));
    }

    private static async Task PrintCommandsAsync(NodePorts ports, TextWriter output)
    {
        var port = ports.Resp;
        await output.WriteLineAsync();
        await output.WriteLineAsync("try, in another terminal:");
        await output.WriteLineAsync($"  redis-cli -c -p {port} hgetall user:1");
        await output.WriteLineAsync($"  redis-cli --cluster check 127.0.0.1:{port}");
        await output.WriteLineAsync($"  redis-benchmark --cluster -p {port} -t set,get -n 100000 -q");
        await output.WriteLineAsync($"  ./trefoil assert explain --subject drug/aspirin --lens authority --url http://127.0.0.1:{ports.Api}");
        await output.WriteLineAsync();
        await output.WriteLineAsync("following the cluster; kill a node to see something. Ctrl-C stops everything.");
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}

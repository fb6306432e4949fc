using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using Trefoil.Cli.Local;
using Trefoil.Cluster.Failover.Clusters;
using Trefoil.Cluster.Harness;
using Trefoil.Primitives;
using Xunit;

namespace Trefoil.Cluster.Failover.Network;

/// <summary>A cluster with one node on each host of a <see cref="NetworkLab"/>: node i is host i.</summary>
internal sealed class NetworkCluster : IFailoverCluster
{
    private const int Port = 6379;
    private static readonly TimeSpan FormDeadline = TimeSpan.FromSeconds(60);

    private readonly string _directory = Directory.CreateTempSubdirectory("trefoil-test-").FullName;
    private readonly Process?[] _processes;
    private readonly ShardPlan _plan;

    private readonly bool _isRedis;

    private NetworkCluster(NetworkLab lab, ShardPlan plan, string name, bool isRedis) =>
        (Lab, _plan, Name, _isRedis, _processes) = (lab, plan, name, isRedis, new Process?[plan.Nodes]);

    public NetworkLab Lab { get; }

    public string Name { get; }

    public IReadOnlyList<HostPort> Addresses => [.. Enumerable.Range(1, _plan.Nodes).Select(i => new HostPort(NetworkLab.AddressOf(i), Port))];

    public Func<Socket> MakeSocket => () => Lab.Tcp(0);

    /// <summary>Makes the cluster; <paramref name="mode"/> null: as shipped.</summary>
    public static Task<NetworkCluster> UpAsync(string? mode, int nodes = 6, int replicas = 1) =>
        UpAsync(new ShardPlan(nodes, replicas), $"Trefoil, {mode ?? "as shipped"}", isRedis: false, cluster => cluster.FormAsync(mode));

    /// <summary>Six redis-servers in their place.</summary>
    public static Task<NetworkCluster> RedisUpAsync() =>
        UpAsync(new ShardPlan(6, 1), $"Redis 7.0.15, cluster-node-timeout {RedisCluster.NodeTimeoutMs}", isRedis: true, async cluster =>
        {
            (await Tool.RunLongAsync(
                "ip", ["netns", "exec", cluster.Lab.NameOf(0), "redis-cli", "--cluster", "create", .. cluster.Addresses.Select(a => a.ToString()), "--cluster-replicas", "1", "--cluster-yes"])).Ok();
            await cluster.ReplicasSyncedAsync(perPrimary: null);
        });

    private static async Task<NetworkCluster> UpAsync(ShardPlan plan, string name, bool isRedis, Func<NetworkCluster, Task> form)
    {
        var lab = await NetworkLab.CreateAsync(plan.Nodes + 1);
        var cluster = new NetworkCluster(lab, plan, name, isRedis);
        try
        {
            await Task.WhenAll(Enumerable.Range(1, plan.Nodes).Select(cluster.StartAsync));
            await form(cluster);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    public int Pid(int node) => _processes[node - 1]!.Id;

    public async Task StartAsync(int node)
    {
        _processes[node - 1]?.Dispose();
        var directory = Directory.CreateDirectory(DirectoryOf(node)).FullName;

        // sh and ip become the server one after the other, so the pid is the server's own.
        _processes[node - 1] = Tool.Start(
            "/bin/sh", ["-c", "exec >>\"$0\" 2>&1; exec ip netns exec \"$@\"", Path.Combine(directory, "log"), Lab.NameOf(node), .. Server(node, directory)]);
        await Eventually.See(
            $"start node {node}", "PONG", () => Task.FromResult(this.Say(node, "PING")), seen => seen == "PONG", TimeSpan.FromSeconds(30));
    }

    public async ValueTask DisposeAsync()
    {
        KeptLogs.Keep(_directory);
        await RemoveAsync();
    }

    private string[] Server(int node, string directory) => _isRedis
        ?
        [
            "redis-server", "--port", $"{Port}", "--bind", NetworkLab.AddressOf(node), "--protected-mode", "no", "--dir", directory, "--save", "",
            "--cluster-enabled", "yes", "--cluster-node-timeout", $"{RedisCluster.NodeTimeoutMs}",
        ]
        :
        [
            Tool.Trefoil, "serve", "--data-dir", Path.Combine(directory, "data"), "--bind", NetworkLab.AddressOf(node), "--resp-port", $"{Port}", "--stop-with-stdin", "--assertions", "false",
        ];

    private string DirectoryOf(int node) => Path.Combine(_directory, $"node-{node}");

    private async Task FormAsync(string? mode)
    {
        var shares = SlotShares.Even(_plan.Primaries);
        for (var node = 1; node <= _plan.Primaries; node++)
        {
            Ok(this.Say(node, "CLUSTER", "ADDSLOTSRANGE", Text(shares[node - 1].First), Text(shares[node - 1].Last)));
        }

        await Task.WhenAll(Enumerable.Range(2, _plan.Nodes - 1).Select(node => Task.Run(() => Ok(this.Say(node, "CLUSTER", "MEET", NetworkLab.AddressOf(1), Text(Port))))));
        foreach (var node in Enumerable.Range(1, _plan.Nodes))
        {
            await Eventually.See(
                $"node {node} knows all and is ok", "all known", () => Task.FromResult(this.Say(node, "CLUSTER", "INFO")),
                info => info.Contains($"cluster_known_nodes:{_plan.Nodes}\r", StringComparison.Ordinal) && info.Contains("cluster_state:ok", StringComparison.Ordinal), FormDeadline);
        }

        if (mode is not null)
        {
            Ok(this.Say(1, "CONFIG", "SET", "replication-mode", mode));
        }

        for (var node = _plan.Primaries + 1; node <= _plan.Nodes; node++)
        {
            Ok(this.Say(node, "CLUSTER", "REPLICATE", this.Say(_plan.PrimaryOf(node)!.Value, "CLUSTER", "MYID")));
        }

        await this.ReplicasSyncedAsync(perPrimary: null);
        await VotersSettledAsync();
    }

    /// <summary>Before the voters have settled, the loss of one node may stop the control plane.</summary>
    private async Task VotersSettledAsync()
    {
        var target = ControlPlane.VoterController.TargetCount(_plan.Nodes);
        await Eventually.See(
            "the voters settle", $"{target} voters", () => Task.FromResult(this.Field(1, "raft", "raft_voters").Split(',').Length), seen => seen == target, FormDeadline);
    }

    private async Task RemoveAsync()
    {
        foreach (var process in _processes.OfType<Process>())
        {
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }

        await Lab.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    private static void Ok(string reply) => Assert.Equal("OK", reply);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}

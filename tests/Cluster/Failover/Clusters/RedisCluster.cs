using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using Trefoil.Cluster.Differential;
using Trefoil.Cluster.Failover.Load;
using Trefoil.Cluster.Harness;
using Trefoil.Primitives;
using Xunit;

namespace Trefoil.Cluster.Failover.Clusters;

/// <summary>redis-servers, made a cluster by redis-cli: six, three of them replicas, if nothing else is asked for.</summary>
internal sealed class RedisCluster : IFailoverCluster
{
    /// <summary>Below the default of 15 s, as those who care about fail-over set it.</summary>
    public const int NodeTimeoutMs = 2000;

    private readonly string _directory = Directory.CreateTempSubdirectory("trefoil-judge-").FullName;
    private readonly Process?[] _processes;
    private readonly int[] _ports;

    private RedisCluster(int count)
    {
        _processes = new Process?[count];
        _ports = new int[2 * count];
        var from = 0;
        for (var i = 0; i < _ports.Length; i++)
        {
            from = (_ports[i] = RedisServer.FreePort(from)) + 1;
        }
    }

    public string Name => string.Create(CultureInfo.InvariantCulture, $"Redis 7.0.15, cluster-node-timeout {NodeTimeoutMs}");

    private int Count => _processes.Length;

    public IReadOnlyList<HostPort> Addresses => [.. _ports.Take(Count).Select(p => new HostPort("127.0.0.1", p))];

    /// <summary>Skips the test where redis-server is not installed.</summary>
    public static async Task<RedisCluster> UpAsync(int nodes = 6, int replicas = 1)
    {
        if (!File.Exists("/usr/bin/redis-server"))
        {
            Assert.Skip("redis-server is not installed: there is nothing to judge the harness by");
        }

        var cluster = new RedisCluster(nodes);
        try
        {
            await Task.WhenAll(Enumerable.Range(1, nodes).Select(cluster.StartAsync));
            (await Tool.RunLongAsync(
                "redis-cli", ["--cluster", "create", .. cluster.Addresses.Select(a => a.ToString()), "--cluster-replicas", $"{replicas}", "--cluster-yes"])).Ok();
            await cluster.ReplicasSyncedAsync(replicas);
            for (var node = 1; node <= nodes; node++)
            {
                var asked = node;
                await Eventually.See(
                    "redis-server serves", "cluster_state:ok", () => Task.FromResult(cluster.Say(asked, "CLUSTER", "INFO")),
                    info => info.Contains("cluster_state:ok", StringComparison.Ordinal), TimeSpan.FromSeconds(30));
            }

            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    public Func<Socket> MakeSocket => FailoverLoad.Tcp;

    public int Pid(int node) => _processes[node - 1]!.Id;

    public async Task StartAsync(int node)
    {
        _processes[node - 1]?.Dispose();
        var directory = Directory.CreateDirectory(Path.Combine(_directory, $"node-{node}")).FullName;
        var process = Tool.Start(
            "redis-server", "--port", $"{_ports[node - 1]}", "--cluster-port", $"{_ports[Count + node - 1]}", "--bind", "127.0.0.1", "--dir", directory,
            "--save", "", "--appendonly", "yes", "--cluster-enabled", "yes", "--cluster-node-timeout", $"{NodeTimeoutMs}", "--logfile", "log");
        _processes[node - 1] = process;
        await Eventually.See(
            "start redis-server", "PONG", () => Task.FromResult(this.Say(node, "PING")), seen => seen == "PONG", TimeSpan.FromSeconds(20));
    }

    public ValueTask DisposeAsync()
    {
        foreach (var process in _processes.OfType<Process>())
        {
            process.Kill();
            process.WaitForExit();
            process.Dispose();
        }

        Directory.Delete(_directory, recursive: true);
        return ValueTask.CompletedTask;
    }
}

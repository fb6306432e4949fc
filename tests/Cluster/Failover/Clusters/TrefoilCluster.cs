using System.Net.Sockets;
using Trefoil.Cluster.Failover.Load;
using Trefoil.Cluster.Harness;
using Trefoil.Primitives;

namespace Trefoil.Cluster.Failover.Clusters;

/// <summary>Six nodes of <c>trefoil local up</c>, three of them replicas, at default settings but for the mode.</summary>
internal sealed class TrefoilCluster : IFailoverCluster
{
    private TrefoilCluster(LocalCluster local, string mode) => (Local, Name) = (local, $"Trefoil, {mode}");

    public string Name { get; }

    public LocalCluster Local { get; }

    public IReadOnlyList<HostPort> Addresses => [.. Local.Indexes.Select(i => new HostPort("127.0.0.1", Local.Resp(i)))];

    public static async Task<TrefoilCluster> UpAsync(string mode, int nodes = 6, int replicas = 1, params string[] more)
    {
        var local = await LocalCluster.UpAsync(nodes, ["--replicas", $"{replicas}", "--set", $"replication_mode={mode}", .. more]);
        return new TrefoilCluster(local, mode);
    }

    public Func<Socket> MakeSocket => FailoverLoad.Tcp;

    public int Pid(int node) => Local.Pid(node);

    public Task StartAsync(int node) => Local.RestartAsync(node);

    public ValueTask DisposeAsync() => Local.DisposeAsync();
}

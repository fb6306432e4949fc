using System.Net.Sockets;
using Trefoil.Primitives;

namespace Trefoil.Cluster.Failover.Clusters;

/// <summary>A cluster of processes to be broken: Trefoil's, or that of Redis, by which the harness itself is judged.</summary>
internal interface IFailoverCluster : IAsyncDisposable
{
    /// <summary>For figures.</summary>
    string Name { get; }

    /// <summary>Where each node serves clients; node i is at i - 1.</summary>
    IReadOnlyList<HostPort> Addresses { get; }

    /// <summary>Makes a socket of the network that its clients are in.</summary>
    Func<Socket> MakeSocket { get; }

    int Pid(int node);

    /// <summary>Starts a node that was killed, on what it left behind.</summary>
    Task StartAsync(int node);
}

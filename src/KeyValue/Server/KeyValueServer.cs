using Trefoil.KeyValue.Cluster;
using Trefoil.KeyValue.Store;

namespace Trefoil.KeyValue.Server;

/// <summary>What all connections share: the store, the cluster view, settings, statistics.</summary>
public sealed class KeyValueServer(Keyspace store, IClusterSource cluster, TimeProvider time)
{
    public Keyspace Store { get; } = store;

    public IClusterSource Cluster { get; } = cluster;

    public TimeProvider Time { get; } = time;
}

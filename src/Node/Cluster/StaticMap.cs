using Trefoil.Node.Configuration;
using Trefoil.Primitives;
using Trefoil.Sharding;

namespace Trefoil.Node.Cluster;

/// <summary>placeholder</summary>
internal sealed record StaticMap(NodeId Self, Topology Topology)
{
    public static StaticMap? Read(NodeConfig config, out string problem)
    {
        problem = "cluster_file " + config.ClusterFile;
        return null;
    }
}

using Trefoil.Assertions.Http;
using Trefoil.KeyValue.Cluster;

namespace Trefoil.Node.Assertions;

/// <summary>The cluster as HTTP shows it.</summary>
internal static class ClusterViews
{
    /// <summary>What a node sees now.</summary>
    public static ClusterView Of(IClusterSource source)
    {
        var topology = source.Topology;
        IReadOnlyList<string> notReady = !source.AcceptsWrites ? [source.RefusalReason ?? "writes are not accepted"]
            : topology.Find(source.Self) is null ? ["this node is no member of a cluster yet"]
            : [];
        return new ClusterView(
            topology.ClusterName, topology.ClusterId.ToString(), topology.Version,
            [.. topology.Nodes.Select(node => new ClusterMember(
                node.Id, node.Endpoints.Host, node.Endpoints.ApiPort, node.Zone, source.HealthOf(node.Id).State.ToString().ToLowerInvariant()))],
            notReady);
    }
}

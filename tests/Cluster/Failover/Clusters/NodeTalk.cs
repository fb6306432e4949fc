using Trefoil.Cluster.Failover.Load;

namespace Trefoil.Cluster.Failover.Clusters;

/// <summary>Asks one node of a cluster something, on a connection of its own.</summary>
internal static class NodeTalk
{
    private static readonly LoadOptions Patient = new() { ReplyTimeout = TimeSpan.FromSeconds(10), ConnectTimeout = TimeSpan.FromSeconds(2) };

    /// <summary>The reply as text, an error included; empty if none came.</summary>
    public static string Say(this IFailoverCluster cluster, int node, params string[] command)
    {
        using var connection = LoadConnection.Open(cluster.At(node), cluster.MakeSocket, Patient);
        return connection?.Call(command) is [var reply] ? reply.Text ?? string.Join(' ', reply.Items?.Select(i => i.Text) ?? []) : "";
    }

    public static IReadOnlyList<ClusterNode> View(this IFailoverCluster cluster, int asked) => ClusterNode.Parse(cluster.Say(asked, "CLUSTER", "NODES"));

    /// <summary>The fields of a section of INFO; empty if the node does not answer.</summary>
    public static IReadOnlyDictionary<string, string> Info(this IFailoverCluster cluster, int node, string section) =>
        cluster.Say(node, "INFO", section).Split("\r\n").Select(l => l.Split(':', 2)).Where(p => p.Length == 2)
            .ToDictionary(p => p[0], p => p[1], StringComparer.Ordinal);

    /// <summary>A field of a section of INFO; empty if it is absent.</summary>
    public static string Field(this IFailoverCluster cluster, int node, string section, string field) =>
        cluster.Info(node, section).GetValueOrDefault(field, "");
}

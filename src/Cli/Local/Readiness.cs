using Trefoil.ControlPlane;
using Trefoil.Primitives;

namespace Trefoil.Cli.Local;

/// <summary>When a local cluster may be called ready. Pure: looks at what the nodes said and names what is missing.</summary>
internal static class Readiness
{
    /// <summary>Forming a new cluster: every node knows all, all slots are owned, one topology version, voters settled.</summary>
    /// <returns>What is missing, as a clause for a message; null when nothing is.</returns>
    public static string? MissingToForm(IReadOnlyList<NodeView> views)
    {
        for (var i = 0; i < views.Count; i++)
        {
            if (views[i].KnownNodes != views.Count)
            {
                return $"node {i + 1} knows {views[i].KnownNodes} of {views.Count} nodes";
            }
        }

        return MissingInCluster(views);
    }

    /// <summary>Starting nodes again: whoever is in a cluster shows it whole and in one version; lone nodes owe nothing.</summary>
    /// <remarks>The cluster may have been changed since it was formed (nodes added and removed by hand), so its size is not checked.</remarks>
    public static string? MissingAfterRestart(IReadOnlyList<NodeView> views) =>
        MissingInCluster([.. views.Where(v => v.KnownNodes > 1)]);

    /// <summary>Replicas of a new cluster: each is one, has its primary's data, and is in its replica set.</summary>
    public static string? MissingReplicas(IReadOnlyList<NodeView> views, ShardPlan plan)
    {
        for (var i = 0; i < views.Count; i++)
        {
            if (plan.PrimaryOf(i + 1) is { } primary && !views[i].IsSynced)
            {
                return views[i].IsReplica
                    ? $"node {i + 1} has not copied the data of node {primary} yet"
                    : $"node {i + 1} is no replica of node {primary} yet";
            }

            // One that follows and does not count yet cannot take over.
            var members = 1 + Enumerable.Range(1, views.Count).Count(n => plan.PrimaryOf(n) == i + 1);
            if (plan.PrimaryOf(i + 1) is null && views[i].ReplicaSetSize is { } size && size != members)
            {
                return $"the replica set of node {i + 1} has {size} of {members} members";
            }
        }

        return null;
    }

    /// <summary>Settings of the cluster: every shard acts by them. Nodes that do not say how theirs acts are not asked.</summary>
    public static string? MissingSettings(IReadOnlyList<NodeView> views, IReadOnlyList<(string Key, string Value)> settings)
    {
        for (var i = 0; i < views.Count; i++)
        {
            foreach (var (key, value) in settings)
            {
                if (views[i].Replication.TryGetValue(key, out var acts) && acts != value)
                {
                    return $"{key} is {acts} and not yet {value} in the shard of node {i + 1}";
                }
            }
        }

        return null;
    }

    private static string? MissingInCluster(IReadOnlyList<NodeView> views)
    {
        foreach (var view in views)
        {
            if (view.SlotsAssigned != HashSlot.Count)
            {
                return $"{view.SlotsAssigned} of {HashSlot.Count} slots are owned, says {view.Id}";
            }

            if (!view.StateOk)
            {
                return $"the cluster is not ok, says {view.Id}";
            }
        }

        var versions = views.Select(v => v.TopologyVersion).Distinct().ToList();
        if (versions.Count > 1)
        {
            return $"the nodes show topology versions {string.Join(", ", versions)}";
        }

        // Before the voters have settled the loss of one node may stop the control plane: not what "up" promises.
        var settled = views.Count > 0 ? VoterController.TargetCount(views[0].KnownNodes) : 0;
        return views.Count > 0 && views[0].Voters.Count != settled
            ? $"{views[0].Voters.Count} of {settled} Raft voters are in place"
            : null;
    }
}

using System.Globalization;

namespace Trefoil.Cli.Local;

/// <summary>Makes one cluster of lone nodes, in the order of <c>redis-cli --cluster create</c>. What an earlier, interrupted call has done is not done again.</summary>
internal static class Formation
{
    /// <summary>Each primary claims its share of the slots, then all but the first node are told at once to meet the first.</summary>
    public static async Task<CliFailure?> FormAsync(LocalCluster cluster, CancellationToken cancellation)
    {
        var shares = SlotShares.Even(cluster.Plan.Primaries);
        var (views, failure) = await cluster.AskAllAsync(cancellation);
        if (views is null)
        {
            return CliFailure.Unreachable(failure!);
        }

        var lone = cluster.Nodes.Where((_, i) => views[i].KnownNodes == 1).ToList();
        foreach (var node in lone.Where(n => n.Index <= cluster.Plan.Primaries && views[n.Index - 1].SlotsAssigned == 0))
        {
            var (first, last) = shares[node.Index - 1];
            if (await cluster.TellAsync(node, cancellation, "CLUSTER", "ADDSLOTSRANGE", Text(first), Text(last)) is { } refused)
            {
                return refused;
            }
        }

        var meetings = lone.Where(n => n.Index > 1)
            .Select(n => cluster.TellAsync(n, cancellation, "CLUSTER", "MEET", LocalCluster.Host, Text(cluster.Nodes[0].Ports.Resp)));
        return (await Task.WhenAll(meetings)).FirstOrDefault(f => f is not null)
            ?? await cluster.ReadyAsync(Readiness.MissingToForm, cancellation);
    }

    /// <summary>Commits settings of the whole cluster through its first node, and returns when every shard acts by them.</summary>
    public static async Task<CliFailure?> SetAsync(LocalCluster cluster, IReadOnlyList<(string Key, string Value)> settings, CancellationToken cancellation)
    {
        foreach (var (key, value) in settings)
        {
            if (await cluster.TellAsync(cluster.Nodes[0], cancellation, "CONFIG", "SET", ClusterSettings.ParameterOf(key)!, value) is { } refused)
            {
                return refused;
            }
        }

        return settings.Count == 0 ? null : await cluster.ReadyAsync(seen => Readiness.MissingSettings(seen, settings), cancellation);
    }

    /// <summary>Tells each replica its primary, and returns when all of them have its data.</summary>
    public static async Task<CliFailure?> AttachAsync(LocalCluster cluster, CancellationToken cancellation)
    {
        var plan = cluster.Plan;
        if (plan.Replicas == 0)
        {
            return null;
        }

        var (views, failure) = await cluster.AskAllAsync(cancellation);
        if (views is null)
        {
            return CliFailure.Unreachable(failure!);
        }

        foreach (var node in cluster.Nodes)
        {
            if (plan.PrimaryOf(node.Index) is { } primary && !views[node.Index - 1].IsReplica
                && await cluster.TellAsync(node, cancellation, "CLUSTER", "REPLICATE", views[primary - 1].Id) is { } refused)
            {
                return refused;
            }
        }

        return await cluster.ReadyAsync(seen => Readiness.MissingToForm(seen) ?? Readiness.MissingReplicas(seen, plan), cancellation);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}

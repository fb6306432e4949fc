using Trefoil.Cli.Cluster.Moving;
using Trefoil.Cli.Cluster.Picture;
using Trefoil.Cli.Cluster.Planning;

namespace Trefoil.Cli.Cluster.Verbs;

/// <summary><c>rebalance</c>: all primaries level. <c>drain NODE</c>: one primary empty, the others as level as that makes them.</summary>
internal static class LevelVerbs
{
    public static Task<CliFailure?> RebalanceAsync(
        ClusterSession session, IReadOnlyList<(string Node, double Weight)> weights, double threshold, MoveLimits limits, CancellationToken cancellation) =>
        MoveVerbs.RunAsync(session, "rebalance", limits, view => Rebalance(view, weights, threshold), cancellation);

    public static Task<CliFailure?> DrainAsync(ClusterSession session, string name, IReadOnlyList<string> to, MoveLimits limits, CancellationToken cancellation) =>
        MoveVerbs.RunAsync(session, "drain", limits, view => Drain(view, name, to), cancellation);

    public static (IReadOnlyList<Move>? Moves, CliFailure? Failure) Rebalance(ClusterView view, IReadOnlyList<(string Node, double Weight)> weights, double threshold)
    {
        var holders = MoveVerbs.Holders(view);
        var weight = holders.ToDictionary(holder => holder.Id, _ => 1.0, StringComparer.Ordinal);
        foreach (var (name, value) in weights)
        {
            var (member, problem) = ReshardVerb.Primary(view, name);
            if (member is null)
            {
                return (null, CliFailure.Usage(problem!));
            }

            weight[member.Id] = value;
        }

        if (weight.Values.Sum() <= 0)
        {
            return (null, CliFailure.Usage("cluster rebalance: all weights are 0, so nobody could own a slot."));
        }

        return MoveVerbs.Busy(view, "rebalance") is { } busy ? (null, busy)
            : (MovePlan.Rebalance(holders, [.. holders.Select(holder => weight[holder.Id])], threshold), null);
    }

    public static (IReadOnlyList<Move>? Moves, CliFailure? Failure) Drain(ClusterView view, string name, IReadOnlyList<string> to)
    {
        var (leaving, problem) = view.Resolve(name);
        if (leaving is null)
        {
            return (null, CliFailure.Usage(problem!));
        }

        if (!leaving.IsPrimary)
        {
            return (null, CliFailure.Failed($"{leaving.Address} is a replica of {view.NameOf(leaving.PrimaryId)} and owns no slots: `trefoil cluster remove {leaving.Address}` takes it out as it is."));
        }

        var receivers = new List<string>();
        foreach (var target in to)
        {
            var (member, why) = ReshardVerb.Primary(view, target);
            if (member is null || member.Id == leaving.Id)
            {
                return (null, CliFailure.Usage(why ?? $"{leaving.Address} cannot be drained into itself."));
            }

            receivers.Add(member.Id);
        }

        var holders = MoveVerbs.Holders(view);
        var others = holders.Where(holder => holder.Id != leaving.Id && (receivers.Count == 0 ? view.Find(holder.Id)!.Health == "ok" : receivers.Contains(holder.Id))).ToList();
        return MoveVerbs.Busy(view, "drain") is { } busy ? (null, busy)
            : others.Count == 0 ? (null, CliFailure.Failed($"there is no other primary that could take the slots of {leaving.Address}. Nothing was changed."))
            : (MovePlan.Drain(holders.First(holder => holder.Id == leaving.Id), others), null);
    }
}

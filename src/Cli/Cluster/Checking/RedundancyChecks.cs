using Trefoil.Cli.Cluster.Picture;
using Trefoil.ControlPlane;

namespace Trefoil.Cli.Cluster.Checking;

/// <summary>What the next death would take with it. Pure.</summary>
internal static class RedundancyChecks
{
    /// <summary>Percent from its even share at which a primary is called uneven.</summary>
    private const double Uneven = 10;

    public static IEnumerable<Finding> Of(ClusterView view) => Replicas(view).Concat(Zones(view)).Concat(Voters(view)).Concat(Balance(view));

    private static IEnumerable<Finding> Replicas(ClusterView view)
    {
        var alone = view.Primaries.Where(primary => primary.SlotCount > 0 && !view.ReplicasOf(primary).Any()).ToList();
        if (alone.Count > 0)
        {
            yield return new Finding(
                Severity.Warning, "no-replica", $"{Say.Some(alone.Count, "primary has", "primaries have")} no replica: {string.Join(", ", alone.Select(primary => primary.Address))}.",
                "If it dies, its slots are down until it returns. `trefoil cluster add host:port --replica-of NODE` adds one.");
        }

        foreach (var replica in view.Members.Where(member => !member.IsPrimary && !member.Line.IsDead && !view.Counts(member)))
        {
            yield return new Finding(
                Severity.Warning, "replica-behind", $"{replica.Address} has not caught up with {view.NameOf(replica.PrimaryId)}: it cannot take over yet.");
        }
    }

    private static IEnumerable<Finding> Zones(ClusterView view)
    {
        foreach (var primary in view.Primaries)
        {
            var zones = view.ReplicasOf(primary).Prepend(primary).Where(member => member.Zone.Length > 0)
                .GroupBy(member => member.Zone, StringComparer.Ordinal).Where(group => group.Count() > 1);
            foreach (var zone in zones)
            {
                yield return new Finding(
                    Severity.Warning, "same-zone", $"{string.Join(" and ", zone.Select(member => member.Address))} are of one shard and in one zone, {zone.Key}.",
                    "The loss of that zone takes more than one copy: let one of them replicate another primary (CLUSTER REPLICATE).");
            }
        }
    }

    private static IEnumerable<Finding> Voters(ClusterView view)
    {
        var voters = view.Best.Voters;
        if (voters.Count == 0)
        {
            yield break;
        }

        var away = voters.Where(id => view.Find(id) is not { Health: "ok" }).ToList();
        if (away.Count > 0)
        {
            yield return new Finding(
                Severity.Warning, "voters-away", $"{away.Count} of {voters.Count} voters do not answer: {string.Join(", ", away.Select(view.NameOf))}.",
                "Without more than half of them nothing can be changed and nobody fails over.");
        }
        else if (voters.Count < VoterController.TargetCount(view.Members.Count))
        {
            yield return new Finding(
                Severity.Warning, "few-voters", $"{voters.Count} of {VoterController.TargetCount(view.Members.Count)} voters are in place.", "The cluster adds them by itself.");
        }
    }

    private static IEnumerable<Finding> Balance(ClusterView view)
    {
        var primaries = view.Primaries.ToList();
        var ideal = (double)view.AssignedSlots / Math.Max(1, primaries.Count);
        var uneven = primaries.Where(primary => Math.Abs(primary.SlotCount - ideal) > Math.Max(1, ideal * Uneven / 100)).ToList();
        if (primaries.Count > 1 && uneven.Count > 0)
        {
            yield return new Finding(
                Severity.Note, "uneven", $"The primaries own between {primaries.Min(primary => primary.SlotCount)} and {Say.Slots(primaries.Max(primary => primary.SlotCount))}.",
                "`trefoil cluster rebalance` levels them.");
        }
    }
}

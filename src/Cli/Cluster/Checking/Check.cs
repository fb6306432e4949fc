using Trefoil.Cli.Cluster.Picture;

namespace Trefoil.Cli.Cluster.Checking;

/// <summary>What is wrong with a cluster, or will be when something dies. Pure.</summary>
internal static class Check
{
    /// <summary>Ranges that one line shows.</summary>
    public const int MostRanges = 6;

    /// <summary>All findings, the worst first.</summary>
    public static IReadOnlyList<Finding> Of(ClusterView view) =>
    [
        .. Members(view).Concat(Agreement(view)).Concat(Slots(view)).Concat(MigrationChecks.Of(view)).Concat(RedundancyChecks.Of(view)).Concat(Versions(view))
            .OrderByDescending(finding => finding.Severity),
    ];

    /// <summary>True if what may only be under way differs between nodes: worth a second look before it is called wrong.</summary>
    public static bool IsUnsettled(ClusterView view) =>
        view.Reports.Select(report => report.Signature).Distinct(StringComparer.Ordinal).Count() > 1
        || view.Reports.Select(report => report.TopologyVersion).Distinct().Count() > 1;

    private static IEnumerable<Finding> Members(ClusterView view)
    {
        foreach (var member in view.Members)
        {
            var who = $"{member.Address} ({member.Role}, {member.Id})";
            if (member.Line.IsDead)
            {
                yield return new Finding(
                    Severity.Error, "node-failed", $"{who} is given up by the cluster: {member.Failure ?? "it answers here."}",
                    member.SlotCount > 0 && !view.ReplicasOf(member).Any()
                        ? "Start it again: its slots have no other copy."
                        : $"Start it again, or take it out with `trefoil cluster forget {member.Address}`.");
            }
            else if (member.Report is null)
            {
                yield return new Finding(
                    Severity.Error, "node-silent", $"{who} does not answer here: {member.Failure}",
                    member.Line.IsSuspect ? "Others did not hear from it lately either." : "See that it runs, and that this machine can reach it under the address that it announces.");
            }
            else if (member.Line.IsSuspect)
            {
                yield return new Finding(Severity.Warning, "node-suspected", $"{who} is suspected by others: they did not hear from it lately.");
            }

            if (member.Report is { IsClusterOk: false })
            {
                yield return new Finding(Severity.Error, "cluster-state", $"{member.Address} says cluster_state:fail.");
            }
        }
    }

    private static IEnumerable<Finding> Agreement(ClusterView view)
    {
        foreach (var report in view.Reports.Where(report => report.Signature != view.Best.Signature))
        {
            yield return new Finding(
                Severity.Error, "map-differs", $"{report.Asked} shows another slot map (topology version {report.TopologyVersion}) than {view.Best.Asked} ({view.Best.TopologyVersion}).",
                "If it stays so, the node is cut off from the cluster: see its log.");
        }

        foreach (var report in view.Reports.Where(report => report.TopologyVersion < view.Best.TopologyVersion && report.Signature == view.Best.Signature))
        {
            yield return new Finding(
                Severity.Warning, "topology-lags", $"{report.Asked} shows topology version {report.TopologyVersion}, {view.Best.Asked} shows {view.Best.TopologyVersion}.");
        }

        if (view.Reports.All(report => report.RaftLeader.Length == 0) && view.Best.Info.ContainsKey("raft_leader"))
        {
            yield return new Finding(
                Severity.Error, "no-leader", "Nobody leads: no change can be agreed on, and nobody fails over.",
                "Bring back a majority of the voters; if they are gone for good: `trefoil cluster recover`.");
        }
    }

    private static IEnumerable<Finding> Slots(ClusterView view)
    {
        if (view.FreeSlots is { Count: > 0 } free)
        {
            yield return new Finding(
                Severity.Error, "slots-uncovered", $"{Say.Slots(SlotRanges.Count(free))} have no owner: {SlotRanges.Show(free, MostRanges)}.",
                "Give them to a node with CLUSTER ADDSLOTSRANGE, or let `redis-cli --cluster fix` deal them out.");
        }

        foreach (var member in view.Members)
        {
            if (member.Report?.Self.Marks is { Count: > 0 } marks)
            {
                var open = SlotRanges.Normal(marks.Select(mark => SlotRanges.ReadOne(mark.TrimStart('[').Split('-')[0])).OfType<Sharding.SlotRange>());
                yield return new Finding(
                    Severity.Warning, "slots-open", $"{member.Address} has {Say.Slots(SlotRanges.Count(open))} half moved, key by key: {SlotRanges.Show(open, MostRanges)}.",
                    "If no move runs: `redis-cli --cluster fix`, or CLUSTER SETSLOT ... STABLE.");
            }
        }
    }

    private static IEnumerable<Finding> Versions(ClusterView view)
    {
        var groups = view.Reports.Where(report => report.Version.Length > 0).GroupBy(report => report.Version, StringComparer.Ordinal)
            .OrderBy(group => Version.TryParse(group.Key, out var version) ? version : new Version()).ToList();
        foreach (var old in groups.SkipLast(1))
        {
            yield return new Finding(
                Severity.Warning, "version-lags", $"{string.Join(", ", old.Select(report => report.Asked))} run {old.Key}, others {groups[^1].Key}.", "Finish the upgrade.");
        }
    }
}

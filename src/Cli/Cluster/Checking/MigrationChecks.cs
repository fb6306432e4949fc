using Trefoil.Cli.Cluster.Picture;

namespace Trefoil.Cli.Cluster.Checking;

/// <summary>Migrations that run, and those of which the last word was that they failed. Pure.</summary>
internal static class MigrationChecks
{
    public static IEnumerable<Finding> Of(ClusterView view)
    {
        var all = view.Migrations ?? [];
        foreach (var row in all.Where(row => row.IsRunning))
        {
            yield return new Finding(
                Severity.Note, "migration-runs",
                $"{Describe(view, row)} runs{(row.Phase.Length > 0 ? $" ({row.Phase}, {row.SlotsCopied} copied{(row.Attempt > 1 ? $", attempt {row.Attempt}{(row.Message.Length > 0 ? $": {row.Message}" : "")}" : "")})" : "")}.",
                "Look with `trefoil cluster status`; stop it with `trefoil cluster reshard --cancel`.");
        }

        foreach (var row in all.Where(row => row.State == "failed" && !IsPast(view, all, row)))
        {
            yield return new Finding(
                Severity.Warning, "migration-failed", $"{Describe(view, row)} failed: {row.Message.TrimEnd('.')}.",
                "Nothing was lost: the source has kept its slots. Mend the cause, then move them again.");
        }
    }

    /// <summary>A failure is news until its target has left, has taken other slots since, or its slots have moved after all.</summary>
    private static bool IsPast(ClusterView view, IReadOnlyList<MigrationRow> all, MigrationRow failed) =>
        view.Find(failed.Target) is null
        || all.Any(later => later.Created >= failed.Created && later != failed && (later.IsRunning || later.Succeeded)
            && (later.Target == failed.Target || SlotRanges.Common(later.Ranges, failed.Ranges).Count > 0));

    private static string Describe(ClusterView view, MigrationRow row) =>
        $"The migration of {Say.Slots(row.SlotCount)} ({SlotRanges.Show(row.Ranges, Check.MostRanges)}) from {view.NameOf(row.Source)} to {view.NameOf(row.Target)}";
}

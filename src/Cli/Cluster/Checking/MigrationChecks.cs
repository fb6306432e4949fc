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

        // One that failed is news only until its slots have moved after all.
        foreach (var row in all.Where(row => row is { IsRunning: false, Succeeded: false, State: "failed" }))
        {
            if (!all.Any(later => later.Created >= row.Created && later != row && (later.IsRunning || later.Succeeded) && SlotRanges.Common(later.Ranges, row.Ranges).Count > 0))
            {
                yield return new Finding(
                    Severity.Warning, "migration-failed", $"{Describe(view, row)} failed: {row.Message}.".Replace("..", ".", StringComparison.Ordinal),
                    "Nothing was lost: the source has kept its slots. Mend the cause, then move them again.");
            }
        }
    }

    private static string Describe(ClusterView view, MigrationRow row) =>
        $"The migration of {Say.Slots(row.SlotCount)} ({SlotRanges.Show(row.Ranges, Check.MostRanges)}) from {view.NameOf(row.Source)} to {view.NameOf(row.Target)}";
}

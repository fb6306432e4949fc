using Trefoil.Cli.Cluster.Checking;
using Trefoil.Cli.Cluster.Picture;
using Trefoil.Cli.Cluster.Printing;

namespace Trefoil.Cli.Cluster.Verbs;

/// <summary>status, nodes, slots, check: they change nothing.</summary>
internal static class LookVerbs
{
    public static Task<CliFailure?> StatusAsync(ClusterSession session, CancellationToken cancellation) => ShowAsync(session, view =>
    {
        var findings = Check.Of(view);
        return session.IsJson ? ClusterJson.Status(view, findings) : ClusterText.Status(view, findings);
    }, cancellation);

    public static Task<CliFailure?> NodesAsync(ClusterSession session, CancellationToken cancellation) =>
        ShowAsync(session, view => session.IsJson ? ClusterJson.Nodes(view) : ClusterText.Nodes(view), cancellation);

    public static Task<CliFailure?> SlotsAsync(ClusterSession session, CancellationToken cancellation) =>
        ShowAsync(session, view => session.IsJson ? ClusterJson.Slots(view) : ClusterText.Slots(view), cancellation);

    /// <summary>Fails if there is an error among the findings; warnings alone are success.</summary>
    public static async Task<CliFailure?> CheckAsync(ClusterSession session, CancellationToken cancellation)
    {
        var (view, failure) = await session.LookSettledAsync(cancellation);
        if (view is null)
        {
            return failure;
        }

        var findings = Check.Of(view);
        await session.Output.WriteLineAsync((session.IsJson ? ClusterJson.Check(findings) : ClusterText.Check(view, findings)).TrimEnd('\n'));
        var errors = findings.Count(finding => finding.Severity == Severity.Error);
        return errors == 0 ? null : CliFailure.Failed($"the check found {Say.Some(errors, "error", "errors")}.");
    }

    private static async Task<CliFailure?> ShowAsync(ClusterSession session, Func<ClusterView, string> show, CancellationToken cancellation)
    {
        var (view, failure) = await session.LookSettledAsync(cancellation);
        if (view is null)
        {
            return failure;
        }

        await session.Output.WriteLineAsync(show(view).TrimEnd('\n'));
        return null;
    }
}

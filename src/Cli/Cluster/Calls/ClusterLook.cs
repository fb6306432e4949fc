using Trefoil.Cli.Cluster.Picture;
using Trefoil.Primitives;

namespace Trefoil.Cli.Cluster.Calls;

/// <summary>Asks one node who the others are, then all of them, and composes a picture.</summary>
internal static class ClusterLook
{
    /// <summary>A picture; a failure only if <paramref name="seed"/> itself does not answer.</summary>
    public static async Task<(ClusterView? View, CliFailure? Failure)> AtAsync(NodeCalls calls, HostPort seed, CancellationToken cancellation)
    {
        var (first, failure) = await AskAsync(calls, seed, cancellation);
        if (first is null)
        {
            return (null, failure!.ExitCode == ExitCodes.Unreachable
                ? failure with { Message = $"{failure.Message} Another node of the cluster will do as well: --node host:port." }
                : failure);
        }

        var reports = new List<NodeReport> { first };
        var failures = new Dictionary<string, string>(StringComparer.Ordinal);
        var others = first.Nodes.Where(line => !line.IsMyself).ToList();
        var answers = await Task.WhenAll(others.Select(line => AskAsync(calls, line.Address, cancellation)));
        foreach (var (line, answer) in others.Zip(answers))
        {
            if (answer.Report is { } report && report.Id == line.Id)
            {
                reports.Add(report);
            }
            else
            {
                failures[line.Id] = answer.Report is null ? answer.Failure!.Message : $"another node answers at {line.Address}: {answer.Report.Id}.";
            }
        }

        return (ClusterView.From(reports, failures), null);
    }

    /// <summary>One node's words.</summary>
    public static async Task<(NodeReport? Report, CliFailure? Failure)> AskAsync(NodeCalls calls, HostPort node, CancellationToken cancellation)
    {
        var replies = await Task.WhenAll(NodeReport.Questions.Select(question => calls.LookAsync(node, cancellation, question)));
        if (replies.Take(replies.Length - 1).Select((reply, i) => NodeCalls.FailureOf(reply, node, NodeReport.Questions[i])).FirstOrDefault(f => f is not null) is { } failure)
        {
            return (null, failure);
        }

        var (report, problem) = NodeReport.Read(node, replies);
        return report is null ? (null, CliFailure.Failed($"{node} is no node of a cluster: {problem}.")) : (report, null);
    }
}

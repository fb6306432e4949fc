using Trefoil.Cli.Cluster.Calls;
using Trefoil.Cli.Cluster.Checking;
using Trefoil.Cli.Cluster.Picture;
using Trefoil.Primitives;

namespace Trefoil.Cli.Cluster;

/// <summary>One run of one verb: who is asked, how the answer is written, and what the person said beforehand.</summary>
/// <param name="Calls">Connections.</param>
/// <param name="Seed">Any node of the cluster.</param>
/// <param name="Output">stdout.</param>
/// <param name="IsJson">One JSON object instead of text.</param>
/// <param name="DryRun">Say what would be done and do nothing.</param>
/// <param name="Yes">Do not ask.</param>
/// <param name="Terminal">Whether there is somebody to ask.</param>
internal sealed record ClusterSession(NodeCalls Calls, HostPort Seed, TextWriter Output, bool IsJson, bool DryRun, bool Yes, Terminal Terminal)
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    // Committed changes reach every node within tens of milliseconds; one that takes longer than this is cut off.
    private static readonly TimeSpan SettleWithin = TimeSpan.FromSeconds(3);

    public Task<(ClusterView? View, CliFailure? Failure)> LookAsync(CancellationToken cancellation) => ClusterLook.AtAsync(Calls, Seed, cancellation);

    /// <summary>A picture in which the nodes agree, or the last one if they do not in time.</summary>
    public async Task<(ClusterView? View, CliFailure? Failure)> LookSettledAsync(CancellationToken cancellation)
    {
        var start = Calls.Time.GetTimestamp();
        while (true)
        {
            var (view, failure) = await LookAsync(cancellation);
            if (view is null || !Check.IsUnsettled(view) || Calls.Time.GetElapsedTime(start) > SettleWithin)
            {
                return (view, failure);
            }

            await PauseAsync(cancellation);
        }
    }

    /// <summary>Looks until <paramref name="missing"/> has nothing to name any more.</summary>
    public async Task<(ClusterView? View, CliFailure? Failure)> UntilAsync(
        string what, TimeSpan patience, Func<ClusterView, string?> missing, CancellationToken cancellation)
    {
        var start = Calls.Time.GetTimestamp();
        while (true)
        {
            var (view, failure) = await LookAsync(cancellation);
            var lack = view is null ? failure!.Message : missing(view);
            if (lack is null)
            {
                return (view, null);
            }

            if (Calls.Time.GetElapsedTime(start) > patience)
            {
                return (null, CliFailure.Failed($"{what} was asked for, but after {patience.TotalSeconds:0} s {lack.TrimEnd('.')}. Look with `trefoil cluster check`."));
            }

            await PauseAsync(cancellation);
        }
    }

    public Task PauseAsync(CancellationToken cancellation) => Task.Delay(Poll, Calls.Time, cancellation);

    /// <summary>A line for people; a script gets its one object at the end.</summary>
    public Task SayAsync(string line) => IsJson ? Task.CompletedTask : Output.WriteLineAsync(line);

    /// <summary>Asks for <paramref name="word"/> to be typed before something that cannot be undone.</summary>
    public async Task<CliFailure?> ConfirmAsync(string danger, string word)
    {
        if (Yes)
        {
            return null;
        }

        if (!Terminal.CanAsk || IsJson)
        {
            return CliFailure.Usage($"{danger} Nobody can be asked here: say --yes if you mean it. Nothing was changed.");
        }

        await Output.WriteLineAsync(danger);
        await Output.WriteAsync($"Type {word} to go on: ");
        await Output.FlushAsync();
        return (await Terminal.Input.ReadLineAsync())?.Trim() == word ? null : CliFailure.Failed("not confirmed. Nothing was changed.");
    }

    /// <summary>Sends a change and says what came of it.</summary>
    public async Task<CliFailure?> TellAsync(HostPort node, CancellationToken cancellation, params string[] command) =>
        NodeCalls.FailureOf(await Calls.ChangeAsync(node, cancellation, command), node, command.Take(3));
}

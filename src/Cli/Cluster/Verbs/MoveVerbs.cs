using Spectre.Console;
using Trefoil.Cli.Cluster.Moving;
using Trefoil.Cli.Cluster.Picture;
using Trefoil.Cli.Cluster.Planning;
using Trefoil.Cli.Cluster.Printing;

namespace Trefoil.Cli.Cluster.Verbs;

/// <summary>What reshard, rebalance and drain share: look, refuse what cannot work, show or carry out the plan.</summary>
internal static class MoveVerbs
{
    /// <param name="session">Who is asked.</param>
    /// <param name="verb">For the result.</param>
    /// <param name="limits">How much at once.</param>
    /// <param name="plan">The moves for this picture, or why there are none.</param>
    /// <param name="cancellation">Ctrl-C.</param>
    public static async Task<CliFailure?> RunAsync(
        ClusterSession session, string verb, MoveLimits limits, Func<ClusterView, (IReadOnlyList<Move>? Moves, CliFailure? Failure)> plan, CancellationToken cancellation)
    {
        var (view, failure) = await session.LookSettledAsync(cancellation);
        if (view is null)
        {
            return failure;
        }

        (var moves, failure) = plan(view);
        if (moves is null || Unreachable(view, moves) is not null)
        {
            return failure ?? Unreachable(view, moves!);
        }

        if (session.DryRun)
        {
            await session.Output.WriteLineAsync(session.IsJson ? ClusterJson.Plan(view, moves)
                : moves.Count == 0 ? "nothing to move" : ClusterText.Plan(view, moves) + "\nnothing was changed: this was a dry run");
            return null;
        }

        return Unfit(view) ?? await CarryOutAsync(session, verb, limits, view, moves, cancellation);
    }

    /// <summary>Primaries that may give and take, in the picture's order. Slots that a migration is moving already are left out.</summary>
    public static IReadOnlyList<Holder> Holders(ClusterView view)
    {
        var moving = SlotRanges.Normal(view.RunningMigrations.SelectMany(row => row.Ranges));
        return [.. view.Primaries.Select(primary => new Holder(primary.Id, SlotRanges.Except(primary.Ranges, moving)))];
    }

    /// <summary>Refused while migrations run: their slots would be counted where they are, not where they will be.</summary>
    public static CliFailure? Busy(ClusterView view, string verb) =>
        view.RunningMigrations.ToList() is { Count: > 0 } running
            ? CliFailure.Failed($"{Say.Some(running.Count, "migration runs", "migrations run")}, so {verb} cannot tell who will own what. Wait (`trefoil cluster status`) or stop them (`trefoil cluster reshard --cancel`).")
            : null;

    private static CliFailure? Unfit(ClusterView view) =>
        view.Migrations is null ? CliFailure.Failed($"{view.Best.Asked} has no CLUSTER MIGRATESLOTS: all nodes must run a version that has it.") : null;

    private static CliFailure? Unreachable(ClusterView view, IReadOnlyList<Move> moves) =>
        moves.SelectMany(move => new[] { move.Source, move.Target }).Distinct().Select(view.Find).FirstOrDefault(member => member?.Report is null) is { } silent
            ? CliFailure.Unreachable($"{silent.Address} would take part and does not answer: {silent.Failure} Nothing was changed.")
            : null;

    private static async Task<CliFailure?> CarryOutAsync(
        ClusterSession session, string verb, MoveLimits limits, ClusterView view, IReadOnlyList<Move> moves, CancellationToken cancellation)
    {
        IMoveDisplay display = session.IsJson ? new LineDisplay(TextWriter.Null, session.Calls.Time)
            : session.Terminal.CanDraw ? new BarDisplay(AnsiConsole.Console) : new LineDisplay(session.Output, session.Calls.Time);
        var start = session.Calls.Time.GetTimestamp();
        MoveRun? run = null;
        CliFailure? failure = null;
        try
        {
            if (moves.Count > 0)
            {
                await display.RunAsync(view, moves, async progressed =>
                {
                    run = new MoveRun(session, view, moves, limits, progressed);
                    failure = await run.RunAsync(cancellation);
                });
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return CliFailure.Failed(
                $"interrupted after {Say.Slots(run?.Moved.Sum() ?? 0)}. Migrations that have begun go on in the cluster: look with `trefoil cluster status`, stop them with `trefoil cluster reshard --cancel`. "
                + "The same command, given again when they are done, moves the rest.");
        }

        var seconds = session.Calls.Time.GetElapsedTime(start).TotalSeconds;
        var (moved, bytes) = (run?.Moved ?? [], run?.Bytes ?? []);
        await session.Output.WriteLineAsync(session.IsJson
            ? VerbJson.Of(session, verb, json =>
            {
                json.WriteNumber("slots", moves.Sum(move => move.Count));
                json.WriteNumber("slots_moved", moved.Sum());
                json.WriteNumber("bytes", bytes.Sum());
                json.WriteNumber("seconds", Math.Round(seconds, 3));
                json.WriteNumber("longest_pause_ms", run?.LongestPauseMs ?? 0);
                json.Objects("moves", moves.Select((move, i) => (move, i)), entry =>
                {
                    ClusterJson.Move(json, view, entry.move);
                    json.WriteNumber("slots_moved", moved[entry.i]);
                    json.WriteNumber("bytes", bytes[entry.i]);
                });
            })
            : moves.Count == 0 ? "nothing to move"
            : FormattableString.Invariant($"{(failure is null ? "done" : "stopped")}: {moved.Sum()} of {Say.Slots(moves.Sum(move => move.Count))} moved{(bytes.Sum() > 0 ? $", {Say.Bytes(bytes.Sum())}" : "")} in {seconds:0.0} s{(run is { LongestPauseMs: > 0 and var pause } ? $", longest pause of a slot {pause} ms" : "")}"));
        return failure is null ? null : failure with { Message = $"{failure.Message} Give the same command again: it goes on from where the cluster is." };
    }
}

using System.Globalization;
using Spectre.Console;
using Trefoil.Cli.Cluster.Picture;
using Trefoil.Cli.Cluster.Planning;

namespace Trefoil.Cli.Cluster.Moving;

/// <summary>A bar per pair of nodes, redrawn in place: for a terminal.</summary>
internal sealed class BarDisplay(IAnsiConsole console) : IMoveDisplay
{
    public Task RunAsync(ClusterView view, IReadOnlyList<Move> moves, Func<Action<MoveProgress>, Task> work) =>
        console.Progress()
            .HideCompleted(false)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn { Style = Style.Plain })
            .StartAsync(context =>
            {
                var bars = moves.Select(move => context.AddTask(Describe(view, move, null), maxValue: move.Count)).ToArray();
                return work(progress =>
                {
                    // Exactly, and backwards too: an attempt that begins again has copied nothing.
                    bars[progress.Index].Value = progress.SlotsDone;
                    bars[progress.Index].Description = Describe(view, moves[progress.Index], progress);
                });
            });

    private static string Describe(ClusterView view, Move move, MoveProgress? progress) => string.Create(
        CultureInfo.InvariantCulture,
        $"{view.NameOf(move.Source)} to {view.NameOf(move.Target)}  {progress?.SlotsMoved ?? 0}/{move.Count} moved  {Say.Bytes(progress?.Bytes ?? 0)}  {progress?.Phase ?? "waiting"}").EscapeMarkup();
}

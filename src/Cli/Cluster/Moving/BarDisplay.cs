using System.Collections.Concurrent;
using Spectre.Console;
using Spectre.Console.Rendering;
using Trefoil.Cli.Cluster.Picture;
using Trefoil.Cli.Cluster.Planning;

namespace Trefoil.Cli.Cluster.Moving;

/// <summary>A bar per pair of nodes, redrawn in place: for a terminal. Fits into 80 columns.</summary>
internal sealed class BarDisplay(IAnsiConsole console) : IMoveDisplay
{
    private const int BarWidth = 20;

    public Task RunAsync(ClusterView view, IReadOnlyList<Move> moves, Func<Action<MoveProgress>, Task> work)
    {
        var states = new ConcurrentDictionary<int, string>();
        return console.Progress()
            .Columns(new NameColumn(), new ProgressBarColumn { Width = BarWidth }, new StateColumn(states))
            .StartAsync(context =>
            {
                var bars = moves.Select(move => context.AddTask($"{view.NameOf(move.Source)} to {view.NameOf(move.Target)}", maxValue: move.Count)).ToArray();
                return work(progress =>
                {
                    // Exactly, and backwards too: an attempt that begins again has copied nothing.
                    var bar = bars[progress.Index];
                    bar.Value = progress.SlotsDone;
                    states[bar.Id] = $"{progress.SlotsMoved}/{moves[progress.Index].Count} {(progress.SlotsDone > progress.SlotsMoved ? progress.Phase : "moved")}";
                });
            });
    }

    private sealed class NameColumn : ProgressColumn
    {
        protected override bool NoWrap => true;

        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) => new Text(task.Description);
    }

    private sealed class StateColumn(ConcurrentDictionary<int, string> states) : ProgressColumn
    {
        protected override bool NoWrap => true;

        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
            new Text(states.GetValueOrDefault(task.Id, "waiting").PadRight("16384/16384 catching-up".Length));
    }
}

using Trefoil.Cli.Cluster.Picture;
using Trefoil.Cli.Cluster.Planning;

namespace Trefoil.Cli.Cluster.Moving;

/// <summary>A line when a job of slots has moved, and one in between for those that take long: for pipes and logs.</summary>
internal sealed class LineDisplay(TextWriter output, TimeProvider time) : IMoveDisplay
{
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(5);

    public Task RunAsync(ClusterView view, IReadOnlyList<Move> moves, Func<Action<MoveProgress>, Task> work)
    {
        var shown = moves.Select(_ => (Moved: 0, At: time.GetTimestamp())).ToArray();
        return work(progress =>
        {
            var (moved, at) = shown[progress.Index];
            if (progress.SlotsMoved == moved && (progress.SlotsDone == progress.SlotsMoved || time.GetElapsedTime(at) < Quiet))
            {
                return;
            }

            shown[progress.Index] = (progress.SlotsMoved, time.GetTimestamp());
            var move = moves[progress.Index];
            var copied = progress.SlotsDone > progress.SlotsMoved ? $", {progress.SlotsDone - progress.SlotsMoved} copied ({progress.Phase})" : "";
            output.WriteLine($"{view.NameOf(move.Source)} to {view.NameOf(move.Target)}: {progress.SlotsMoved} of {Say.Slots(move.Count)} moved{copied}{(progress.Bytes > 0 ? $", {Say.Bytes(progress.Bytes)}" : "")}");
            output.Flush();
        });
    }
}

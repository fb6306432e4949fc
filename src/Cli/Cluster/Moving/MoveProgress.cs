using Trefoil.Cli.Cluster.Picture;
using Trefoil.Cli.Cluster.Planning;

namespace Trefoil.Cli.Cluster.Moving;

/// <summary>How far one move is.</summary>
/// <param name="Index">Which of the plan's moves.</param>
/// <param name="SlotsDone">Slots of it that have changed their owner, or are copied.</param>
/// <param name="SlotsMoved">Slots of it that have changed their owner.</param>
/// <param name="Bytes">Bytes sent for it so far.</param>
/// <param name="Phase">What its source is doing.</param>
internal sealed record MoveProgress(int Index, int SlotsDone, int SlotsMoved, long Bytes, string Phase);

/// <summary>Shows moves while they run: bars on a terminal, lines in a pipe.</summary>
internal interface IMoveDisplay
{
    /// <summary>Runs <paramref name="work"/>, which tells of every change.</summary>
    Task RunAsync(ClusterView view, IReadOnlyList<Move> moves, Func<Action<MoveProgress>, Task> work);
}

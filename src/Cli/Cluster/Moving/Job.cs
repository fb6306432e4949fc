using Trefoil.Cli.Cluster.Planning;

namespace Trefoil.Cli.Cluster.Moving;

/// <summary>One migration of a plan: a piece of one of its moves.</summary>
/// <param name="Index">Which move of the plan it is a piece of.</param>
/// <param name="Move">Its slots.</param>
internal sealed record Job(int Index, Move Move)
{
    /// <summary>The migration's name, once it has begun.</summary>
    public string Name { get; init; } = "";

    /// <summary>The most that was seen to be sent: a node may forget when it is over.</summary>
    public long Bytes { get; init; }

    /// <summary>Cuts a plan into jobs. The first jobs of all moves come first, then the second ones: what may run side by side is not far apart.</summary>
    public static IReadOnlyList<Job> Of(IReadOnlyList<Move> moves, int mostSlots) =>
    [
        .. moves.SelectMany((move, index) => MovePlan.Jobs([move], mostSlots).Select((piece, turn) => (Job: new Job(index, piece), turn)))
            .OrderBy(entry => entry.turn).Select(entry => entry.Job),
    ];
}

namespace Trefoil.Simulator.Linearizability;

/// <summary>What a check found.</summary>
public abstract record Verdict
{
    private Verdict()
    {
    }

    /// <summary>There is an order of the operations that explains every answer.</summary>
    public sealed record Linearizable : Verdict;

    /// <summary>There is none.</summary>
    /// <param name="Prefix">As far as the longest attempt came: these, in this order, explain each other's answers.</param>
    /// <param name="Stuck">An operation that had ended by then and fits nowhere after them.</param>
    public sealed record Violation(IReadOnlyList<RegisterOperation> Prefix, RegisterOperation Stuck) : Verdict
    {
        private const int ShownOfPrefix = 12;

        /// <inheritdoc/>
        public override string ToString() =>
            $"not linearizable: {Stuck} fits nowhere after\n    {string.Join("\n    ", Prefix.TakeLast(ShownOfPrefix))}";
    }

    /// <summary>A limit was reached first.</summary>
    /// <param name="Limit">Which one.</param>
    public sealed record Undecided(string Limit) : Verdict;
}

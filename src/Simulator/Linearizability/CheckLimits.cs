namespace Trefoil.Simulator.Linearizability;

/// <summary>What one register's check may cost. At a limit the verdict is <see cref="Verdict.Undecided"/>: the problem is NP-complete, so there must be one.</summary>
public sealed record CheckLimits
{
    /// <summary>Operations of one register.</summary>
    public int MostOperations { get; init; } = 100_000;

    /// <summary>Operations tried at some place of the order; some millions take a second.</summary>
    public long MostSteps { get; init; } = 200_000_000;

    /// <summary>Bytes of remembered configurations, which are what makes the search short.</summary>
    public long MostMemory { get; init; } = 1L << 30;
}

using Trefoil.Assertions.Model;

namespace Trefoil.Assertions.Lenses;

/// <summary>All candidates that state one value.</summary>
/// <param name="Claims">The latest first; never empty.</param>
/// <param name="Agents">Distinct agents behind them: authors and co-signers. All anonymous ones are one.</param>
/// <param name="WeightPpm">Sum of the claims' confidences.</param>
public sealed record ValueGroup(IReadOnlyList<LensClaim> Claims, int Agents, long WeightPpm)
{
    /// <summary>The value.</summary>
    public ClaimObject Object => Claims[0].Object;

    /// <summary>Part of all weight, rounded half up, in parts per million; of the number of claims if no claim has any confidence.</summary>
    public uint SharePpm { get; init; }

    /// <summary>The claim that stands for the value: the most confident, of equals the latest.</summary>
    public required LensClaim Speaker { get; init; }
}

using Trefoil.Assertions.Model;

namespace Trefoil.Assertions.Lenses;

/// <summary>What one tier says by itself.</summary>
/// <param name="Tier">A tier that has candidates.</param>
/// <param name="Winner">Its claim with the highest confidence × trust, of equals the latest.</param>
/// <param name="Candidates">How many claims are of this tier, at least 1.</param>
/// <param name="ConflictPpm">How much they contradict each other.</param>
public sealed record TierAnswer(SourceClass Tier, LensClaim Winner, int Candidates, uint ConflictPpm);

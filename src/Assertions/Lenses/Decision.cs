using Trefoil.Assertions.Model;

namespace Trefoil.Assertions.Lenses;

/// <summary>What was chosen between.</summary>
public enum DecisionAbout : byte
{
    /// <summary>Claims: all, those for one value, or those of one tier.</summary>
    Claim = 0,

    /// <summary>Values.</summary>
    Value = 1,

    /// <summary>Tiers.</summary>
    Tier = 2,
}

/// <summary>One choice a lens made.</summary>
/// <param name="About">What was chosen between.</param>
/// <param name="Rule">What made the difference.</param>
/// <param name="Ids">The winner, and behind it the best of the others if there was one; for values and tiers the claim that stands for each.</param>
public sealed record Decision(DecisionAbout About, DecisionRule Rule, IReadOnlyList<AssertionId> Ids)
{
    /// <summary>What each of <see cref="Ids"/> had by the lens's measure; empty for lenses that only look at the order.</summary>
    public IReadOnlyList<decimal> Scores { get; init; } = [];

    /// <summary>The tier the claims are of, where a lens looks at each tier apart.</summary>
    public SourceClass? Within { get; init; }
}

using Trefoil.Assertions.Model;

namespace Trefoil.Assertions.Lenses;

/// <summary>What a lens compares by: whole numbers, of which the greatest wins and of equals the latest claim.</summary>
/// <typeparam name="T">Claims or values.</typeparam>
/// <param name="Rule">What is said to have decided when the numbers differ.</param>
/// <param name="Unit">The number that is 1.0; 0 for a measure that finds everything equal.</param>
/// <param name="Of">The number.</param>
/// <param name="Latest">The claim whose place in the total order breaks ties.</param>
/// <param name="Shown">The claim that is named for the item when the numbers decide.</param>
internal sealed record Measure<T>(DecisionRule Rule, long Unit, Func<T, long> Of, Func<T, LensClaim> Latest, Func<T, LensClaim> Shown)
{
    /// <summary>The best of items that stand the latest first, never none, and how it was found.</summary>
    public T Best(IReadOnlyList<T> items, DecisionAbout about, out Decision decision)
    {
        var (best, second) = (items[0], default(T));
        var (bestScore, secondScore) = (Of(best), long.MinValue);
        for (var i = 1; i < items.Count; i++)
        {
            var score = Of(items[i]);
            if (score > bestScore)
            {
                (second, secondScore) = (best, bestScore);
                (best, bestScore) = (items[i], score);
            }
            else if (score > secondScore)
            {
                (second, secondScore) = (items[i], score);
            }
        }

        decision = items.Count == 1
            ? new Decision(about, DecisionRule.Only, [Shown(best).Id])
            : Between(about, best, bestScore, second!, secondScore);
        return best;
    }

    /// <summary>The items from the best on.</summary>
    public IReadOnlyList<T> Ordered(IReadOnlyList<T> items) => [.. items.OrderByDescending(Of)]; // stable: of equals the latest stays first

    private Decision Between(DecisionAbout about, T best, long bestScore, T second, long secondScore)
    {
        var named = bestScore != secondScore ? Shown : Latest;
        var (winner, other) = (named(best), named(second));
        return new Decision(about, bestScore != secondScore ? Rule : TotalOrder.RuleBetween(winner.State, other.State), [winner.Id, other.Id])
        {
            Scores = Unit == 0 ? [] : [(decimal)bestScore / Unit, (decimal)secondScore / Unit],
        };
    }
}

/// <summary>The measures there are.</summary>
internal static class Measure
{
    private const int Tenths = 10;

    /// <summary>Looks at the order alone.</summary>
    public static readonly Measure<LensClaim> Nothing = OfClaims(DecisionRule.Physical, 0, _ => 0);

    public static readonly Measure<LensClaim> Confidence = OfClaims(DecisionRule.Confidence, Ppm.One, claim => claim.ConfidencePpm);

    public static readonly Measure<LensClaim> Votes = OfClaims(DecisionRule.Votes, Ppm.One, claim => claim.State.VoteSumPpm);

    public static readonly Measure<ValueGroup> Agents = OfValues(DecisionRule.Agents, 1, group => group.Agents);

    /// <summary>The product is exact: at most 10^13.</summary>
    public static Measure<LensClaim> Authority(AgentTrust trust) => OfClaims(
        DecisionRule.Authority,
        (long)Ppm.One * Ppm.One * Tenths,
        claim => (long)claim.ConfidencePpm * trust.In(claim.State.Assertion.Agent) * Tiers.WeightOf(claim.Tier));

    /// <summary>Confidence behind a value, or the number of claims if nobody has any confidence.</summary>
    public static Measure<ValueGroup> Weight(IReadOnlyList<ValueGroup> groups) =>
        ValueGroups.HaveConfidence(groups)
            ? OfValues(DecisionRule.Weight, Ppm.One, group => group.WeightPpm)
            : OfValues(DecisionRule.Weight, 1, group => group.Claims.Count);

    private static Measure<LensClaim> OfClaims(DecisionRule rule, long unit, Func<LensClaim, long> of) => new(rule, unit, of, claim => claim, claim => claim);

    private static Measure<ValueGroup> OfValues(DecisionRule rule, long unit, Func<ValueGroup, long> of) =>
        new(rule, unit, of, group => group.Claims[0], group => group.Speaker);
}

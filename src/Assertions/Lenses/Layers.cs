using Trefoil.Assertions.Model;

namespace Trefoil.Assertions.Lenses;

/// <summary>The layered lens: each tier by itself, then the most authoritative one that has anything to say.</summary>
internal static class Layers
{
    public static LensAnswer Of(LensAnswer answer, IReadOnlyList<LensClaim> candidates)
    {
        var measure = Measure.Authority(answer.Options.Trust);
        var tiers = new List<TierAnswer>(SourceClasses.Count);
        var decisions = new List<Decision>(SourceClasses.Count + 1);
        for (var tier = SourceClass.Regulatory; (int)tier < SourceClasses.Count; tier++)
        {
            var own = candidates.Where(claim => claim.Tier == tier).ToArray();
            if (own.Length > 0)
            {
                var winner = measure.Best(own, DecisionAbout.Claim, out var decision);
                tiers.Add(new TierAnswer(tier, winner, own.Length, Conflict.Of(ValueGroups.Of(own))));
                decisions.Add(decision with { Within = tier });
            }
        }

        decisions.Add(tiers.Count == 1
            ? new Decision(DecisionAbout.Tier, DecisionRule.Only, [tiers[0].Winner.Id])
            : new Decision(DecisionAbout.Tier, DecisionRule.Tier, [tiers[0].Winner.Id, tiers[1].Winner.Id]));
        return answer with { Winner = tiers[0].Winner, Tiers = tiers, Decisions = decisions };
    }
}

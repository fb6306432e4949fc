using Trefoil.Assertions.Lenses;
using Trefoil.Assertions.Model;
using Trefoil.Assertions.Records;
using Trefoil.Primitives;
using Xunit;

namespace Trefoil.Unit.Assertions.Lenses;

/// <summary>Each lens against its definition written down a second time, as plainly as possible and with decimals.</summary>
public sealed class OracleTests
{
    private static readonly decimal[] Weights = [1m, 0.8m, 0.6m, 0.5m, 0.3m, 0.1m];

    [Fact]
    public void Winners_are_those_of_the_definitions()
    {
        for (var seed = 1UL; seed <= 1000; seed++)
        {
            var random = new Prng(seed);
            var states = LensCase.Fold(LensWorld.History(random, 12));
            for (var lens = 0; lens < LensKinds.Names.Count; lens++)
            {
                var options = LensWorld.Options(random, (LensKind)lens) with { Decay = false };
                var answer = Lens.Resolve(states, options);
                var candidates = Candidates(states, options);

                Assert.Equal(candidates.Count, answer.Candidates);
                Assert.Equal(candidates.Count == 0 ? null : Winner(candidates, options).Id, answer.Winner?.Id);
                Assert.InRange(answer.ConflictPpm - (Entropy(candidates) * Ppm.One), -0.51, 0.51);
            }
        }
    }

    private static List<ClaimState> Candidates(List<ClaimState> states, LensOptions options) =>
    [
        .. from known in states
           let state = options.AsOfMs is { } ms ? known.AsOf(ms) : known
           where state is not null && !state.IsRetracted
           where options.Lifecycle is { } set ? set.States.Contains(state.Lifecycle) : state.Lifecycle != Lifecycle.Rejected
           where options.MinTier is not { } tier || state.Assertion.EffectiveClass <= tier
           where options.ValidAtMs is not { } at || state.Assertion.IsValidAt(at)
           orderby state.Ingested.PhysicalMs descending, state.Ingested.Counter descending, state.Ingested.Node descending, state.Id descending
           select state,
    ];

    private static ClaimState Winner(List<ClaimState> latestFirst, LensOptions options) => options.Lens switch
    {
        LensKind.Recency or LensKind.All => latestFirst[0],
        LensKind.Confidence => Best(latestFirst, claim => claim.Assertion.ConfidencePpm),
        LensKind.Vote => Best(latestFirst, claim => claim.Votes.Sum(vote => vote.ValuePpm)),
        LensKind.Authority => Best(latestFirst, claim => Authority(claim, options)),
        LensKind.Consensus => Best(BestValue(latestFirst, Agents), claim => claim.Assertion.ConfidencePpm),
        LensKind.Skeptic => Best(BestValue(latestFirst, Weigher(latestFirst)), claim => claim.Assertion.ConfidencePpm),
        _ => Best([.. latestFirst.GroupBy(claim => claim.Assertion.EffectiveClass).OrderBy(tier => tier.Key).First()], claim => Authority(claim, options)),
    };

    /// <summary>MaxBy keeps the first of equals, which is the latest.</summary>
    private static ClaimState Best(List<ClaimState> latestFirst, Func<ClaimState, decimal> score) => latestFirst.MaxBy(score)!;

    private static List<ClaimState> BestValue(List<ClaimState> latestFirst, Func<IEnumerable<ClaimState>, decimal> score) =>
        [.. latestFirst.GroupBy(claim => Convert.ToHexString(claim.Assertion.Object.Canonical.Span)).MaxBy(score)!];

    private static decimal Agents(IEnumerable<ClaimState> claims) =>
        claims.SelectMany(claim => claim.Signers.Append(claim.Assertion.Agent)).Distinct().Count();

    private static Func<IEnumerable<ClaimState>, decimal> Weigher(List<ClaimState> all) =>
        all.Any(claim => claim.Assertion.ConfidencePpm > 0) ? claims => claims.Sum(claim => (decimal)claim.Assertion.ConfidencePpm) : claims => claims.Count();

    private static decimal Authority(ClaimState claim, LensOptions options) =>
        claim.Assertion.ConfidencePpm * Weights[(int)claim.Assertion.EffectiveClass] * options.Trust.In(claim.Assertion.Agent);

    private static double Entropy(List<ClaimState> claims)
    {
        var weigh = Weigher(claims);
        var shares = claims.GroupBy(claim => Convert.ToHexString(claim.Assertion.Object.Canonical.Span)).Select(group => (double)(weigh(group) / weigh(claims))).ToArray();
        return shares.Length < 2 ? 0 : shares.Where(share => share > 0).Sum(share => -share * Math.Log(share)) / Math.Log(shares.Length);
    }
}

using Trefoil.Assertions.Records;

namespace Trefoil.Assertions.Lenses;

/// <summary>Resolves claims of one subject and predicate. Pure: an answer depends on the claims and the options, not on their order.</summary>
/// <remarks>
/// Each lens measures with whole numbers and takes the greatest; of equals the one that is last in the total order of
/// claims (HLC physical, HLC logical, node id, assertion id). So of claims that are as good the latest wins, in every lens.
/// </remarks>
public static class Lens
{
    /// <summary>Most claims one call takes; the caller refuses a question that has more.</summary>
    public const int MaxClaims = 100_000;

    /// <summary>Looks at claims through a lens.</summary>
    /// <param name="claims">Folded states in any order; the same id twice counts once. More than <see cref="MaxClaims"/> throw.</param>
    /// <param name="options">Lens and wrappers. Decay without an instant to count to throws.</param>
    public static LensAnswer Resolve(IReadOnlyList<ClaimState> claims, LensOptions options)
    {
        ArgumentNullException.ThrowIfNull(claims);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(claims.Count, MaxClaims, nameof(claims));
        var (candidates, excluded) = CandidateFilter.Apply(claims, options);
        var groups = ValueGroups.Of(candidates);
        var conflict = Conflict.Of(groups);
        var answer = new LensAnswer
        {
            Options = options,
            Candidates = candidates.Count,
            ConflictPpm = conflict,
            Verdict = Conflict.Judge(groups, conflict),
            Excluded = excluded,
        };
        if (candidates.Count > 0)
        {
            answer = Decide(answer, candidates, groups);
        }

        return options.Explain ? answer : answer with { Decisions = [] };
    }

    private static LensAnswer Decide(LensAnswer answer, IReadOnlyList<LensClaim> candidates, IReadOnlyList<ValueGroup> groups) =>
        answer.Options.Lens switch
        {
            LensKind.Recency => Best(answer, candidates, Measure.Nothing),
            LensKind.Confidence => Best(answer, candidates, Measure.Confidence),
            LensKind.Vote => Best(answer, candidates, Measure.Votes),
            LensKind.Authority => Best(answer, candidates, Measure.Authority(answer.Options.Trust)),
            LensKind.Consensus => BestValue(answer, groups, Measure.Agents),
            LensKind.Skeptic => BestValue(answer, groups, Measure.Weight(groups)),
            LensKind.Layered => Layers.Of(answer, candidates),
            LensKind.All => Best(answer, candidates, Measure.Nothing) with { Claims = candidates },
            _ => throw new ArgumentException($"there is no lens {answer.Options.Lens}", nameof(answer)),
        };

    private static LensAnswer Best(LensAnswer answer, IReadOnlyList<LensClaim> candidates, Measure<LensClaim> measure)
    {
        var winner = measure.Best(candidates, DecisionAbout.Claim, out var decision);
        return answer with { Winner = winner, Decisions = [decision] };
    }

    private static LensAnswer BestValue(LensAnswer answer, IReadOnlyList<ValueGroup> groups, Measure<ValueGroup> measure)
    {
        var best = measure.Best(groups, DecisionAbout.Value, out var value);
        var speaker = Measure.Confidence.Best(best.Claims, DecisionAbout.Claim, out var claim);
        return answer with { Winner = speaker, Groups = measure.Ordered(groups), Decisions = [value, claim] };
    }
}

using Trefoil.Assertions.Records;

namespace Trefoil.Assertions.Lenses;

/// <summary>Which claims count, and with which confidence: the wrappers, applied before any lens looks.</summary>
internal static class CandidateFilter
{
    /// <summary>Candidates and known claims that are none, both the latest first.</summary>
    public static (IReadOnlyList<LensClaim> Candidates, IReadOnlyList<Exclusion> Excluded) Apply(IReadOnlyList<ClaimState> claims, LensOptions options)
    {
        var now = options.AsOfMs ?? options.NowMs;
        if (options.Decay && now is null)
        {
            throw new ArgumentException("decay needs an instant to count ages to", nameof(options));
        }

        var known = Known(claims, options.AsOfMs);
        var candidates = new List<LensClaim>(known.Count);
        var excluded = new List<Exclusion>();
        for (var i = known.Count - 1; i >= 0; i--)
        {
            var state = known[i];
            if (i + 1 < known.Count && known[i + 1].Id == state.Id)
            {
                continue;
            }

            if (Excludes(state, options) is not { } reason)
            {
                var assertion = state.Assertion;
                candidates.Add(new LensClaim(
                    state,
                    options.Decay ? Decay.Of(assertion.ConfidencePpm, assertion.EffectiveClass, now!.Value - state.Ingested.PhysicalMs) : assertion.ConfidencePpm));
            }
            else if (options.Explain)
            {
                excluded.Add(new Exclusion(state.Id, reason));
            }
        }

        return (candidates, excluded);
    }

    /// <summary>What was known at the instant, in the total order. The rest leaves no trace: an answer about the past stays when claims are added.</summary>
    private static List<ClaimState> Known(IReadOnlyList<ClaimState> claims, long? asOfMs)
    {
        var known = new List<ClaimState>(claims.Count);
        foreach (var claim in claims)
        {
            if ((asOfMs is { } ms ? claim.AsOf(ms) : claim) is { } state)
            {
                known.Add(state);
            }
        }

        known.Sort(ClaimState.Compare);
        return known;
    }

    private static ExclusionReason? Excludes(ClaimState state, LensOptions options) =>
        state.IsRetracted ? ExclusionReason.Retracted
        : !(options.Lifecycle ?? LifecycleSet.NotRejected).Contains(state.Lifecycle)
            ? options.Lifecycle is null ? ExclusionReason.Rejected : ExclusionReason.Lifecycle
        : state.Assertion.EffectiveClass > (options.MinTier ?? Model.SourceClass.Anecdotal) ? ExclusionReason.Tier
        : options.ValidAtMs is { } at && !state.Assertion.IsValidAt(at) ? ExclusionReason.Validity
        : null;
}

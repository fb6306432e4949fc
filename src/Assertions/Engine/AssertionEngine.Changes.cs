using Trefoil.Assertions.Lenses;
using Trefoil.Assertions.Model;
using Trefoil.Assertions.Records;
using Trefoil.Assertions.Store;

namespace Trefoil.Assertions.Engine;

/// <summary>Time travel.</summary>
public static partial class AssertionEngine
{
    /// <summary>Subjects and predicates that one page of a diff looks at.</summary>
    public const int MaxCompared = 2000;

    /// <summary>Which answers differ between two instants.</summary>
    /// <param name="reader">What is known.</param>
    /// <param name="selection">Which keys.</param>
    /// <param name="options">Through which lens.</param>
    /// <param name="times">The two instants, ms since 1970, the earlier first.</param>
    /// <param name="after">The last key of the page before; null to begin.</param>
    /// <param name="limit">How many changes at most.</param>
    /// <param name="page">What differs.</param>
    public static Invalid? Compare(
        AssertionReader reader, KeySelection selection, LensOptions options, (long FromMs, long ToMs) times, ClaimKey? after, int limit, out ChangePage page)
    {
        ArgumentNullException.ThrowIfNull(reader);
        var (before, then) = (options with { AsOfMs = times.FromMs }, options with { AsOfMs = times.ToMs });
        var changes = new List<KeyChange>();
        page = new ChangePage(changes, null);
        var compared = 0;
        for (var hasMore = true; hasMore;)
        {
            var keys = reader.Keys(selection, after, Math.Min(limit, MaxCompared), MaxCandidates);
            hasMore = keys.HasMore;
            foreach (var key in keys.Keys)
            {
                if (changes.Count == limit || compared == MaxCompared)
                {
                    page = new ChangePage(changes, after);
                    return null;
                }

                if (!key.IsComplete)
                {
                    return new Invalid(RefusalCodes.TooManyClaims, "", $"{key.Key.Subject} has more than {MaxCandidates} claims under {key.Key.Predicate}: compare others by prefix or predicate");
                }

                (after, compared) = (key.Key, compared + 1);
                if (Difference(key, Lens.Resolve(key.Claims, before), Lens.Resolve(key.Claims, then), times) is { } change)
                {
                    changes.Add(change);
                }
            }
        }

        return null;
    }

    private static KeyChange? Difference(KeyCandidates key, LensAnswer before, LensAnswer after, (long FromMs, long ToMs) times)
    {
        var added = key.Claims.Where(claim => IsWithin(claim.Ingested.PhysicalMs, times)).Select(claim => claim.Id).ToList();
        var retracted = key.Claims.Where(claim => claim.Ingested.PhysicalMs <= times.FromMs && FirstRetraction(claim) is { } at && IsWithin(at, times))
            .Select(claim => claim.Id).ToList();
        var same = added.Count == 0 && retracted.Count == 0 && before.Winner?.Id == after.Winner?.Id
            && before.Candidates == after.Candidates && before.ConfidencePpm == after.ConfidencePpm && before.ConflictPpm == after.ConflictPpm;
        return same ? null : new KeyChange(key.Key, before, after, added, retracted);
    }

    private static long? FirstRetraction(ClaimState claim) => claim.IsRetracted ? claim.Retractions.Min(retraction => retraction.At.PhysicalMs) : null;

    private static bool IsWithin(long ms, (long FromMs, long ToMs) times) => ms > times.FromMs && ms <= times.ToMs;
}

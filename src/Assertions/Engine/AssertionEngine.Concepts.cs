using Trefoil.Assertions.Lenses;
using Trefoil.Assertions.Model;
using Trefoil.Assertions.Store;

namespace Trefoil.Assertions.Engine;

/// <summary>The tree of concepts.</summary>
public static partial class AssertionEngine
{
    /// <summary>Claims of a place are counted up to here.</summary>
    public const int MaxCounted = 1000;

    private const int KeysOfPlace = 32; // subjects and predicates of a child that are looked at for its conflict
    private const int ClaimsOfPlace = 500;
    private static readonly LensOptions ForConflict = new() { Lens = LensKind.Skeptic };

    /// <summary>What is at a path (empty: the roots) and directly below it.</summary>
    /// <param name="reader">What is known.</param>
    /// <param name="path">A concept, a scheme with its slashes, or nothing.</param>
    /// <param name="after">The last child of the page before; empty to begin.</param>
    /// <param name="limit">How many children at most.</param>
    public static ConceptPage Browse(AssertionReader reader, Utf8Text path, Utf8Text after, int limit)
    {
        ArgumentNullException.ThrowIfNull(reader);
        var own = new List<KeyAnswer>();
        if (ConceptPath.TryCreate(path, out var concept) is null)
        {
            foreach (var key in reader.Keys(KeySelection.Of(concept), null, KeysOfPlace, MaxCandidates).Keys)
            {
                own.Add(new KeyAnswer(key.Key, Lens.Resolve(key.Claims, ForConflict)));
            }
        }

        var children = reader.Concepts(path, after, limit + 1);
        var below = new List<ConceptSummary>();
        foreach (var child in children.Take(limit))
        {
            below.Add(Summarise(reader, child));
        }

        return new ConceptPage(Count(reader, path), own, below, children.Count > limit ? children[limit - 1].Path : default);
    }

    private static ConceptSummary Summarise(AssertionReader reader, Concept child)
    {
        var keys = reader.Keys(KeySelection.Under(child.Path), null, KeysOfPlace, ClaimsOfPlace);
        var (conflict, verdict, isPartial) = (0u, (Verdict?)null, keys.HasMore);
        foreach (var key in keys.Keys)
        {
            var answer = Lens.Resolve(key.Claims, ForConflict);
            isPartial |= !key.IsComplete;
            if (answer.Verdict is not null && (verdict is null || answer.ConflictPpm > conflict || (answer.ConflictPpm == conflict && answer.Verdict > verdict)))
            {
                (conflict, verdict) = (answer.ConflictPpm, answer.Verdict);
            }
        }

        return new ConceptSummary(child.Path, child.HasOwn, child.HasBelow, Count(reader, child.Path), conflict, verdict, isPartial);
    }

    private static ClaimCount Count(AssertionReader reader, Utf8Text path)
    {
        var count = reader.CountUnder(path, MaxCounted + 1);
        return new ClaimCount(Math.Min(count, MaxCounted), count > MaxCounted);
    }
}

using Trefoil.Assertions.Model;
using Trefoil.Assertions.Store;

namespace Trefoil.Assertions.Engine;

/// <summary>Proofs and provenance.</summary>
public static partial class AssertionEngine
{
    /// <summary>Most claims of a subject that a proof is made over.</summary>
    public const int MaxProven = 10_000;

    /// <summary>Most assertions in a trace.</summary>
    public const int MaxTraced = 1000;

    /// <summary>Most children that a trace names.</summary>
    public const int MaxChildren = 100;

    /// <summary>Proves that an assertion is among the claims of its subject.</summary>
    /// <remarks>
    /// Over a subject and not over all arrivals: the set is the same on every node that owns the subject, where arrivals are each node's own,
    /// and it costs what the subject holds, where a root over the log would have to be kept up for every post.
    /// </remarks>
    public static Invalid? Prove(AssertionReader reader, AssertionId id, out InclusionProof? proof)
    {
        proof = null;
        if (Find(reader, id, out var state) is { } invalid)
        {
            return invalid;
        }

        var subject = state!.Assertion.Subject;
        var ids = new List<AssertionId>();
        for (var page = reader.Keys(KeySelection.Of(subject), null, MaxProven, MaxProven); ; page = reader.Keys(KeySelection.Of(subject), page.Keys[^1].Key, MaxProven, MaxProven))
        {
            ids.AddRange(page.Keys.SelectMany(key => key.Claims).Select(claim => claim.Id));
            if (ids.Count > MaxProven || page.Keys.Any(key => !key.IsComplete))
            {
                return new Invalid(RefusalCodes.TooManyClaims, "/id", $"{subject} has more than {MaxProven} claims, which is the most a proof is made over");
            }

            if (!page.HasMore)
            {
                break;
            }
        }

        ids.Sort();
        var index = ids.BinarySearch(id);
        proof = new InclusionProof(subject, id, index, ids.Count, MerkleTree.Path([.. ids], index), MerkleTree.Root([.. ids]), reader.Through);
        return null;
    }

    /// <summary>Where an assertion comes from: its parents, theirs, and so on, the nearest first; and who refers to it.</summary>
    /// <param name="reader">What is known.</param>
    /// <param name="id">Of which assertion.</param>
    /// <param name="depth">How many steps up.</param>
    /// <param name="trace">What was found.</param>
    public static Invalid? Trace(AssertionReader reader, AssertionId id, int depth, out Trace? trace)
    {
        trace = null;
        if (Find(reader, id, out var state) is { } invalid)
        {
            return invalid;
        }

        var found = new List<TracedClaim> { new(id, 0, state) };
        var seen = new HashSet<AssertionId> { id }; // asked, never walked
        var isCut = false;
        for (var i = 0; i < found.Count; i++)
        {
            foreach (var parent in found[i].State?.Assertion.Parents ?? [])
            {
                if (seen.Contains(parent.Id))
                {
                    continue;
                }

                if (found[i].Depth == depth || found.Count == MaxTraced)
                {
                    isCut = true;
                    continue;
                }

                seen.Add(parent.Id);
                found.Add(new TracedClaim(parent.Id, found[i].Depth + 1, reader.State(parent.Id)));
            }
        }

        var children = reader.Children(id, null, MaxChildren + 1);
        trace = new Trace(found, [.. children.Take(MaxChildren)], isCut || children.Count > MaxChildren);
        return null;
    }
}

using Trefoil.Assertions.Model;
using Trefoil.Assertions.Records;

namespace Trefoil.Assertions.Store;

/// <summary>What candidates compete for: one subject and one predicate. Ordered as bytes, subject first, a path before what is below it.</summary>
public readonly record struct ClaimKey(ConceptPath Subject, Utf8Text Predicate);

/// <summary>Which keys a query is about.</summary>
public sealed record KeySelection
{
    private KeySelection()
    {
    }

    /// <summary>A path, or the beginning of one that ends with a slash; empty: everything.</summary>
    public Utf8Text Path { get; private init; }

    /// <summary>Only this predicate; empty: any.</summary>
    public Utf8Text Predicate { get; private init; }

    /// <summary>The path itself.</summary>
    public bool IncludesSelf { get; private init; }

    /// <summary>What lies below the path.</summary>
    public bool IncludesBelow { get; private init; }

    /// <summary>Claims of exactly this subject.</summary>
    public static KeySelection Of(ConceptPath subject, Utf8Text predicate = default) =>
        new() { Path = subject.Text, Predicate = predicate, IncludesSelf = true };

    /// <summary>Claims of this path and of all below it, by whole segments; with <c>fda://</c> of a scheme, with the empty text of all.</summary>
    public static KeySelection Under(Utf8Text prefix, Utf8Text predicate = default) =>
        new() { Path = prefix, Predicate = predicate, IncludesSelf = !prefix.IsEmpty && prefix.Span[^1] != (byte)'/', IncludesBelow = true };
}

/// <summary>The claims of one key, in the order of acceptance.</summary>
/// <param name="Key">Subject and predicate.</param>
/// <param name="Claims">At most as many as were asked for.</param>
/// <param name="IsComplete">False if there are more: what is missing is younger.</param>
public sealed record KeyCandidates(ClaimKey Key, IReadOnlyList<ClaimState> Claims, bool IsComplete);

/// <summary>Some of the keys of a selection, in order.</summary>
/// <param name="Keys">At least one, unless there is none.</param>
/// <param name="HasMore">There are keys after the last one here: ask again with it as the cursor.</param>
public sealed record KeyPage(IReadOnlyList<KeyCandidates> Keys, bool HasMore);

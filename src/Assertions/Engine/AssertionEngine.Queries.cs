using Trefoil.Assertions.Lenses;
using Trefoil.Assertions.Model;
using Trefoil.Assertions.Store;

namespace Trefoil.Assertions.Engine;

/// <summary>Reading through a lens.</summary>
public static partial class AssertionEngine
{
    /// <summary>Most claims that one subject and predicate may have to be asked about; the answer to more would be neither quick nor read.</summary>
    public const int MaxCandidates = 20_000;

    /// <summary>Looks at every key of a selection, above <paramref name="after"/>, through a lens.</summary>
    /// <param name="reader">What is known.</param>
    /// <param name="selection">Which keys.</param>
    /// <param name="options">Which lens.</param>
    /// <param name="after">The last key of the page before; null to begin.</param>
    /// <param name="limit">How many keys at most; fewer where they have many claims.</param>
    /// <param name="page">The answers.</param>
    public static Invalid? Ask(AssertionReader reader, KeySelection selection, LensOptions options, ClaimKey? after, int limit, out LensPage page)
    {
        ArgumentNullException.ThrowIfNull(reader);
        var keys = reader.Keys(selection, after, limit, MaxCandidates);
        var answers = new List<KeyAnswer>(keys.Keys.Count);
        page = new LensPage(answers, keys.HasMore ? keys.Keys[^1].Key : null);
        foreach (var key in keys.Keys)
        {
            if (!key.IsComplete)
            {
                return new Invalid(
                    RefusalCodes.TooManyClaims, "", $"{key.Key.Subject} has more than {MaxCandidates} claims under {key.Key.Predicate}: ask for it with another predicate, or page claims by /v1/feed");
            }

            answers.Add(new KeyAnswer(key.Key, Lens.Resolve(key.Claims, options)));
        }

        return null;
    }
}

using Trefoil.Assertions.Lenses;
using Trefoil.Assertions.Store;

namespace Trefoil.Assertions.Engine;

/// <summary>What a lens says about one subject and predicate.</summary>
public sealed record KeyAnswer(ClaimKey Key, LensAnswer Answer);

/// <summary>Some of the answers to a query, in the order of subjects, then predicates.</summary>
/// <param name="Answers">At least one, unless there is none.</param>
/// <param name="Next">The key to go on after; null at the end.</param>
public sealed record LensPage(IReadOnlyList<KeyAnswer> Answers, ClaimKey? Next);

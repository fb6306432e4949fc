using Trefoil.Assertions.Lenses;
using Trefoil.Assertions.Model;
using Trefoil.Assertions.Store;

namespace Trefoil.Assertions.Engine;

/// <summary>What became of one subject and predicate between two instants.</summary>
/// <param name="Key">Which.</param>
/// <param name="Before">The answer as of the first.</param>
/// <param name="After">The answer as of the second.</param>
/// <param name="Added">Claims accepted in between, oldest first.</param>
/// <param name="Retracted">Claims retracted in between, that were known at the first.</param>
public sealed record KeyChange(ClaimKey Key, LensAnswer Before, LensAnswer After, IReadOnlyList<AssertionId> Added, IReadOnlyList<AssertionId> Retracted);

/// <summary>Some of the changes, in the order of subjects, then predicates.</summary>
/// <param name="Changes">Perhaps none although there are more.</param>
/// <param name="Next">The key to go on after; null at the end.</param>
public sealed record ChangePage(IReadOnlyList<KeyChange> Changes, ClaimKey? Next);

using Trefoil.Assertions.Lenses;
using Trefoil.Assertions.Model;

namespace Trefoil.Assertions.Engine;

/// <summary>A place in the tree of concepts, and what is directly below it.</summary>
/// <param name="Claims">Of it and all below it.</param>
/// <param name="Own">What is said of it itself, by predicate.</param>
/// <param name="Below">Its children.</param>
/// <param name="Next">The child to go on after; empty at the end.</param>
public sealed record ConceptPage(ClaimCount Claims, IReadOnlyList<KeyAnswer> Own, IReadOnlyList<ConceptSummary> Below, Utf8Text Next);

/// <summary>How many claims; if there are more than are counted, that many and no more.</summary>
public readonly record struct ClaimCount(int Count, bool HasMore);

/// <summary>One child.</summary>
/// <param name="Path">Its whole path.</param>
/// <param name="HasOwn">Claims have it as their subject.</param>
/// <param name="HasBelow">There are concepts below it.</param>
/// <param name="Claims">Of it and all below it.</param>
/// <param name="ConflictPpm">The highest conflict of any subject and predicate that was looked at, in it and below it.</param>
/// <param name="Verdict">Of that one; null if nothing there counts.</param>
/// <param name="IsPartial">Not all of them were looked at.</param>
public sealed record ConceptSummary(Utf8Text Path, bool HasOwn, bool HasBelow, ClaimCount Claims, uint ConflictPpm, Verdict? Verdict, bool IsPartial);

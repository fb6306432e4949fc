using Trefoil.Assertions.Model;
using Trefoil.Assertions.Records;

namespace Trefoil.Assertions.Engine;

/// <summary>The provenance of an assertion.</summary>
/// <param name="Claims">It itself, then its ancestors by distance; each once.</param>
/// <param name="Children">Who refers to it, ordered by id.</param>
/// <param name="IsCut">There is more than this.</param>
public sealed record Trace(IReadOnlyList<TracedClaim> Claims, IReadOnlyList<ParentLink> Children, bool IsCut);

/// <summary>One assertion of a trace.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Depth">Steps from the one asked about.</param>
/// <param name="State">What is known of it; null: not here, or redacted.</param>
public sealed record TracedClaim(AssertionId Id, int Depth, ClaimState? State);

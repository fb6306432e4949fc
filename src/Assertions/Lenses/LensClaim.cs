using Trefoil.Assertions.Model;
using Trefoil.Assertions.Records;

namespace Trefoil.Assertions.Lenses;

/// <summary>A claim as a lens counts it.</summary>
/// <param name="State">What its records come to, at the instant asked for.</param>
/// <param name="ConfidencePpm">The stated confidence, decayed if that was asked for.</param>
public sealed record LensClaim(ClaimState State, uint ConfidencePpm)
{
    public AssertionId Id => State.Id;

    public SourceClass Tier { get; } = State.Assertion.EffectiveClass;

    public ClaimObject Object => State.Assertion.Object;
}

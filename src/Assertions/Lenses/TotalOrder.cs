using Trefoil.Assertions.Records;

namespace Trefoil.Assertions.Lenses;

/// <summary>The order that breaks every tie: HLC physical, HLC logical, node id, assertion id.</summary>
internal static class TotalOrder
{
    /// <summary>Which part of the order tells two different claims apart.</summary>
    public static DecisionRule RuleBetween(ClaimState one, ClaimState other) =>
        one.Ingested.PhysicalMs != other.Ingested.PhysicalMs ? DecisionRule.Physical
        : one.Ingested.Counter != other.Ingested.Counter ? DecisionRule.Logical
        : one.Ingested.Node != other.Ingested.Node ? DecisionRule.Node
        : DecisionRule.Id;
}

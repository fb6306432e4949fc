using Trefoil.Assertions.Model;

namespace Trefoil.Assertions.Lenses;

/// <summary>How much claims contradict each other.</summary>
internal static class Conflict
{
    /// <summary>H / ln k for k values with their shares of the weight: parts per million, rounded half up; 0 for fewer than two values.</summary>
    /// <remarks>
    /// With weights w and their sum W, H / ln k = (W log W − Σ w log w) / (W log k) in whatever base. The sum is one of whole
    /// numbers, so no order of the values can change it.
    /// </remarks>
    public static uint Of(IReadOnlyList<ValueGroup> groups)
    {
        if (groups.Count < 2)
        {
            return 0;
        }

        var weight = Measure.Weight(groups).Of;
        var total = (ulong)groups.Sum(weight);
        var entropy = WeightedLog(total);
        foreach (var group in groups)
        {
            entropy -= WeightedLog((ulong)weight(group));
        }

        var most = (Int128)total * FixedPoint.Log2((ulong)groups.Count);
        return (uint)Int128.Clamp(((2 * Ppm.One * entropy) + most) / (2 * most), 0, Ppm.One);
    }

    /// <summary>Null without values.</summary>
    public static Verdict? Judge(IReadOnlyList<ValueGroup> groups, uint conflictPpm)
    {
        if (groups.Count < 2)
        {
            return groups.Count == 0 ? null : Verdict.Unanimous;
        }

        var weight = Measure.Weight(groups).Of;
        var isAgreed = conflictPpm < Ppm.One / 2 && 3 * groups.Max(weight) >= 2 * groups.Sum(weight);
        return isAgreed ? Verdict.Agreed : Verdict.Contested;
    }

    private static Int128 WeightedLog(ulong weight) => weight == 0 ? 0 : (Int128)weight * FixedPoint.Log2(weight);
}

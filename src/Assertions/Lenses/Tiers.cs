using Trefoil.Assertions.Model;

namespace Trefoil.Assertions.Lenses;

/// <summary>What the tier of a source is worth.</summary>
public static class Tiers
{
    private const long DayMs = 24 * 60 * 60 * 1000;

    private static readonly int[] WeightTenths = [10, 8, 6, 5, 3, 1];

    private static readonly int[] HalfLifeDays = [0, 730, 365, 180, 90, 30];

    /// <summary>Weight of a tier's word, in tenths: 10 is 1.0.</summary>
    public static int WeightOf(SourceClass tier) => WeightTenths[(int)tier];

    /// <summary>In which time confidence halves, ms; 0: never.</summary>
    public static long HalfLifeMsOf(SourceClass tier) => HalfLifeDays[(int)tier] * DayMs;
}

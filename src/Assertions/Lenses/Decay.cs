using Trefoil.Assertions.Model;

namespace Trefoil.Assertions.Lenses;

/// <summary>Confidence that halves with every half-life of the source's tier.</summary>
internal static class Decay
{
    private const ulong Unit = 1UL << 63;

    /// <summary>A confidence after some time, rounded half up to parts per million. What is younger than now has no age.</summary>
    public static uint Of(uint confidencePpm, SourceClass tier, long ageMs)
    {
        var halfLife = Tiers.HalfLifeMsOf(tier);
        if (halfLife == 0 || ageMs <= 0)
        {
            return confidencePpm;
        }

        var product = (UInt128)confidencePpm * FixedPoint.HalfPower((ulong)ageMs, (ulong)halfLife);
        return (uint)((product + (Unit / 2)) >> 63);
    }
}

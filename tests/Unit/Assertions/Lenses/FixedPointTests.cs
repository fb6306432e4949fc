using Trefoil.Assertions.Lenses;
using Trefoil.Assertions.Model;
using Trefoil.Primitives;
using Xunit;

namespace Trefoil.Unit.Assertions.Lenses;

public sealed class FixedPointTests
{
    private const double LogUnit = 1UL << FixedPoint.LogBits;

    private const double PowerUnit = 1UL << 63;

    [Fact]
    public void Logarithms_of_powers_of_two_are_exact()
    {
        for (var bit = 0; bit < 64; bit++)
        {
            Assert.Equal((ulong)bit << FixedPoint.LogBits, FixedPoint.Log2(1UL << bit));
        }
    }

    [Fact]
    public void Logarithms_are_those_of_floating_point_to_29_bits()
    {
        var random = new Prng(7);
        for (var i = 0; i < 20_000; i++)
        {
            var value = (random.Next() >> random.Below(64)) | 1;
            Assert.InRange((FixedPoint.Log2(value) / LogUnit) - Math.Log2(value), -1.0 / (1 << 29), 1.0 / (1 << 29));
        }
    }

    [Fact]
    public void Powers_of_a_half_at_whole_numbers_are_exact()
    {
        for (var whole = 0; whole < 63; whole++)
        {
            Assert.Equal(1UL << (63 - whole), FixedPoint.HalfPower((ulong)whole * 12345, 12345));
        }

        Assert.Equal(0UL, FixedPoint.HalfPower(63, 1));
        Assert.Equal(0UL, FixedPoint.HalfPower(ulong.MaxValue, 1));
    }

    [Fact]
    public void Powers_of_a_half_are_those_of_floating_point_to_36_bits()
    {
        var random = new Prng(8);
        for (var i = 0; i < 20_000; i++)
        {
            var denominator = (random.Next() >> (2 + random.Below(62))) | 1;
            var numerator = random.Next() >> random.Below(64);
            var expected = Math.Pow(0.5, numerator / (double)denominator);
            Assert.InRange((FixedPoint.HalfPower(numerator, denominator) / PowerUnit) - expected, -1.0 / (1L << 36), 1.0 / (1L << 36));
        }
    }

    [Fact]
    public void A_power_falls_with_the_exponent()
    {
        var last = ulong.MaxValue;
        for (ulong ms = 0; ms < 100_000; ms += 7)
        {
            var power = FixedPoint.HalfPower(ms, 10_007);
            Assert.True(power <= last, $"at {ms}");
            last = power;
        }
    }

    /// <summary>Values from arithmetic with forty digits, which both routines have to hit.</summary>
    [Fact]
    public void Some_bits_stay_the_same_for_ever()
    {
        Assert.Equal(6_807_362_105UL, FixedPoint.Log2(3)); // log2 3 x 2^32 = 6807362105.98
        Assert.Equal(14_267_572_527UL, FixedPoint.Log2(10)); // log2 10 x 2^32 = 14267572527.20
        Assert.Equal(6_074_000_999UL, FixedPoint.HalfPower(1, 2) >> 30); // 0.5^0.5 x 2^33 = 6074000999.95
        Assert.Equal(827_039u, Decay.Of(Ppm.One, SourceClass.PeerReviewed, 200L * 24 * 60 * 60 * 1000));
    }

    [Theory]
    [InlineData(499_999, Verdict.Agreed)]
    [InlineData(500_000, Verdict.Contested)]
    public void Agreed_is_below_a_half(int conflictPpm, Verdict expected)
    {
        var groups = ValueGroups.Of([Claim("x", 900_000), Claim("y", 100_000)]);
        Assert.Equal(expected, Conflict.Judge(groups, (uint)conflictPpm));
    }

    /// <summary>The largest sums there can be still fit, and shuffled values give the same.</summary>
    [Fact]
    public void Entropy_is_that_of_floating_point_whatever_the_order()
    {
        var random = new Prng(9);
        for (var i = 0; i < 300; i++)
        {
            var claims = Enumerable.Range(0, 2 + random.Below(20)).Select(n => Claim($"v{n}", (uint)random.Below(Ppm.One) + 1)).ToArray();
            var total = claims.Sum(claim => (double)claim.ConfidencePpm);
            var entropy = claims.Sum(claim => -claim.ConfidencePpm / total * Math.Log2(claim.ConfidencePpm / total)) / Math.Log2(claims.Length);
            var conflict = Conflict.Of(ValueGroups.Of(claims));
            Assert.InRange(conflict - (entropy * Ppm.One), -0.51, 0.51);

            random.Shuffle(claims);
            Assert.Equal(conflict, Conflict.Of(ValueGroups.Of(claims)));
        }
    }

    [Fact]
    public void As_many_claims_as_there_may_be_are_full_conflict()
    {
        var claims = Enumerable.Range(0, Lens.MaxClaims).Select(n => Claim($"v{n}", Ppm.One)).ToArray();
        Assert.Equal((uint)Ppm.One, Conflict.Of(ValueGroups.Of(claims)));
    }

    private static LensClaim Claim(string value, uint ppm) => LensWorld.Claim(ClaimObject.Text(value), ppm);
}

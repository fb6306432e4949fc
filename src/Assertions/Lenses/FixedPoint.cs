using System.Numerics;

namespace Trefoil.Assertions.Lenses;

/// <summary>Logarithms and powers of two in integers.</summary>
/// <remarks>
/// Answers must not differ by a bit between machines. Math.Log and Math.Pow are the C library's: their last bit differs between
/// libraries, versions and processors, and a rounded result that sits on a boundary shows it. Rounding them coarser only makes
/// that rarer. So both are computed bit by bit from integer products, which are the same everywhere. Error below 2^-30.
/// </remarks>
internal static class FixedPoint
{
    /// <summary>Fraction bits of a logarithm.</summary>
    public const int LogBits = 32;

    /// <summary>log2 of a number from 1 on, truncated to <see cref="LogBits"/> fraction bits.</summary>
    /// <remarks>With x in [1, 2) the next bit of log2 x is whether x² ≥ 2; then x² (halved if so) takes its place.</remarks>
    public static ulong Log2(ulong value)
    {
        ArgumentOutOfRangeException.ThrowIfZero(value);
        var log = (ulong)BitOperations.Log2(value);
        var x = value << BitOperations.LeadingZeroCount(value); // 1.63 bits
        if (x == 1UL << 63)
        {
            return log << LogBits;
        }

        for (var bit = 0; bit < LogBits; bit++)
        {
            var square = Math.BigMul(x, x, out var low); // 2.62 bits
            var atLeastTwo = square >> 63;
            log = (log << 1) | atLeastTwo;
            x = atLeastTwo == 1 ? square : (square << 1) | (low >> 63);
        }

        return log;
    }

    /// <summary>0.5^(numerator / denominator) in units of 2^-63, truncated; 2^63 at 0.</summary>
    /// <remarks>The fraction of the exponent bit by bit: for bit i a factor 2^-(2^-i), each the square root of the one before.</remarks>
    public static ulong HalfPower(ulong numerator, ulong denominator)
    {
        ArgumentOutOfRangeException.ThrowIfZero(denominator);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(denominator, 1UL << 62);
        var (whole, rest) = Math.DivRem(numerator, denominator);
        if (whole >= 63)
        {
            return 0;
        }

        var power = 1UL << 63;
        foreach (var root in Roots)
        {
            rest <<= 1;
            if (rest >= denominator)
            {
                rest -= denominator;
                power = Math.BigMul(power, root, out _);
            }
        }

        return power >> (int)whole;
    }

    /// <summary>2^-(1/2), 2^-(1/4), … in units of 2^-64.</summary>
    private static readonly ulong[] Roots = MakeRoots(40);

    private static ulong[] MakeRoots(int count)
    {
        var roots = new ulong[count];
        var square = (UInt128)1 << 127; // 1/2 in units of 2^-128
        for (var i = 0; i < count; i++)
        {
            roots[i] = SquareRoot(square);
            square = (UInt128)roots[i] << 64;
        }

        return roots;
    }

    /// <summary>The whole part of a square root below 2^64, bit by bit.</summary>
    private static ulong SquareRoot(UInt128 square)
    {
        ulong root = 0;
        for (var bit = 63; bit >= 0; bit--)
        {
            var larger = root | (1UL << bit);
            root = (UInt128)larger * larger <= square ? larger : root;
        }

        return root;
    }
}

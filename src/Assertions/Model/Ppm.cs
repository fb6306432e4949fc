namespace Trefoil.Assertions.Model;

/// <summary>Shares as whole parts per million: what confidences, votes and scores are stored and summed in.</summary>
public static class Ppm
{
    /// <summary>1.0.</summary>
    public const int One = 1_000_000;

    /// <summary>Rounds a number half away from zero to parts per million; false beyond ±<paramref name="max"/>.</summary>
    /// <remarks>From decimal digits, not from a binary fraction, so that every encoder in every language gets the same
    /// (for numbers of up to 28 digits; a decimal holds no more).</remarks>
    public static bool TryFrom(decimal value, int max, out int ppm)
    {
        var inRange = Math.Abs(value) <= (decimal)max / One;
        ppm = inRange ? (int)Math.Round(value * One, MidpointRounding.AwayFromZero) : 0;
        return inRange;
    }

    /// <summary>As a decimal number without trailing zeros: 900000 is 0.9.</summary>
    public static decimal ToDecimal(long ppm) => (decimal)ppm / One;
}

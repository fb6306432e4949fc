using System.Globalization;
using System.Numerics;
using System.Text;

namespace Trefoil.KeyValue.Values;

/// <summary>An 80-bit extended double, computed in software: what Redis' INCRBYFLOAT counts with on x86.</summary>
/// <remarks>
/// The value is ± mantissa · 2^exponent with a mantissa of 64 bits, rounded half to even. A C# double has 53, and the difference shows:
/// 0.1 + 0.2 is 0.30000000000000004 in doubles and 0.3 in Redis. Exact integers make every step (read, add, write) one division, and
/// a microsecond per command is what this family of commands can afford. NaN cannot occur: it is refused when read.
/// </remarks>
internal readonly struct LongDouble
{
    private const int MantissaBits = 64;
    private const int SmallestExponent = -16445;
    private const int LargestExponent = 16383 - 63;

    /// <summary>Digits after the point that Redis writes (<c>%.17Lf</c>, trailing zeros cut off).</summary>
    private const int FractionDigits = 17;

    private static readonly BigInteger FractionUnit = BigInteger.Pow(10, FractionDigits);

    /// <summary>Signed mantissa; with <see cref="_exponent"/> the exact value.</summary>
    private readonly BigInteger _mantissa;
    private readonly int _exponent;

    private LongDouble(BigInteger mantissa, int exponent, bool isFinite)
    {
        _mantissa = mantissa;
        _exponent = exponent;
        IsFinite = isFinite;
    }

    public static LongDouble Zero { get; } = new(0, 0, true);

    public static LongDouble Infinity { get; } = new(0, 0, false);

    public bool IsFinite { get; }

    public bool IsZero => IsFinite && _mantissa.IsZero;

    public static LongDouble operator +(LongDouble left, LongDouble right)
    {
        if (!left.IsFinite || !right.IsFinite)
        {
            return Infinity;
        }

        var exponent = Math.Min(left._exponent, right._exponent);
        return Round((left._mantissa << (left._exponent - exponent)) + (right._mantissa << (right._exponent - exponent)), 1, exponent);
    }

    /// <summary>Reads what C's strtold reads, all of it: decimal, hexadecimal, infinity. False for anything else, overflow and underflow to zero.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out LongDouble value) => LongDoubleReader.TryRead(text, out value);

    /// <summary>The nearest value to numerator / denominator · 2^exponent.</summary>
    public static LongDouble Round(BigInteger numerator, BigInteger denominator, int exponent)
    {
        if (numerator.IsZero)
        {
            return Zero;
        }

        // Scale so that the quotient has one or two bits more than the mantissa, divide once, round what is over.
        var magnitude = BigInteger.Abs(numerator);
        var shift = (int)(MantissaBits + 1 - magnitude.GetBitLength() + denominator.GetBitLength());
        exponent -= shift;
        var quotient = shift >= 0
            ? BigInteger.DivRem(magnitude << shift, denominator, out var rest)
            : BigInteger.DivRem(magnitude, denominator << -shift, out rest);
        var extra = (int)Math.Max(quotient.GetBitLength() - MantissaBits, SmallestExponent - exponent);
        var mantissa = RoundOff(quotient, extra, !rest.IsZero);
        exponent += extra;
        if (mantissa.GetBitLength() > MantissaBits)
        {
            mantissa >>= 1;
            exponent++;
        }

        return exponent > LargestExponent && !mantissa.IsZero
            ? Infinity
            : new LongDouble(numerator.Sign < 0 ? -mantissa : mantissa, exponent, true);
    }

    /// <summary>The value times <paramref name="factor"/>, rounded up to a whole number; null if that is no 64-bit integer.</summary>
    public long? CeilingOfProduct(int factor)
    {
        if (!IsFinite)
        {
            return null;
        }

        var product = _mantissa * factor;
        if (_exponent >= 0)
        {
            product = _exponent > 64 && !product.IsZero ? BigInteger.One << 64 : product << Math.Min(_exponent, 64);
        }
        else
        {
            product = -(-product >> -_exponent);
        }

        return product >= long.MinValue && product <= long.MaxValue ? (long)product : null;
    }

    /// <summary>As Redis writes it: fixed point, at most 17 digits after the point, no trailing zeros. Only for a finite value.</summary>
    public byte[] ToText()
    {
        var magnitude = BigInteger.Abs(_mantissa) * FractionUnit;
        var scaled = _exponent >= 0 ? magnitude << _exponent : RoundOff(magnitude, -_exponent, false);
        var whole = BigInteger.DivRem(scaled, FractionUnit, out var fraction);
        var text = whole.ToString(CultureInfo.InvariantCulture);
        if (!fraction.IsZero)
        {
            text += "." + fraction.ToString("D17", CultureInfo.InvariantCulture).TrimEnd('0');
        }

        return Encoding.ASCII.GetBytes(_mantissa.Sign < 0 && !scaled.IsZero ? "-" + text : text);
    }

    /// <summary>Drops the lowest <paramref name="bits"/>, rounding half to even; <paramref name="sticky"/> says that more follows below.</summary>
    private static BigInteger RoundOff(BigInteger value, int bits, bool sticky)
    {
        if (bits <= 0)
        {
            return value;
        }

        var kept = value >> bits;
        var dropped = value - (kept << bits);
        var half = BigInteger.One << (bits - 1);
        var up = dropped > half || (dropped == half && (sticky || !kept.IsEven));
        return up ? kept + 1 : kept;
    }
}

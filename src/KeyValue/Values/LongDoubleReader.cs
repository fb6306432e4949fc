using System.Globalization;
using System.Numerics;
using System.Text;

namespace Trefoil.KeyValue.Values;

/// <summary>Reads text as C's strtold does, and refuses what Redis' <c>string2ld</c> refuses.</summary>
internal static class LongDoubleReader
{
    /// <summary>Longest text looked at, as in Redis.</summary>
    private const int MaxLength = (5 * 1024) - 1;

    /// <summary>Exponents beyond this are over- or underflow whatever the digits are; keeps the powers small.</summary>
    private const int ExponentLimit = 40_000;

    public static bool TryRead(ReadOnlySpan<byte> text, out LongDouble value)
    {
        value = LongDouble.Zero;
        if (text.IsEmpty || text.Length > MaxLength)
        {
            return false;
        }

        var negative = text[0] == '-';
        var unsigned = negative || text[0] == '+' ? text[1..] : text;
        if (Ascii.EqualsIgnoreCase(unsigned, "inf"u8) || Ascii.EqualsIgnoreCase(unsigned, "infinity"u8))
        {
            value = LongDouble.Infinity;
            return true;
        }

        var hexadecimal = unsigned.Length > 2 && unsigned[0] == '0' && (unsigned[1] | 0x20) == 'x';
        return TryNumber(hexadecimal ? unsigned[2..] : unsigned, hexadecimal, negative, out value);
    }

    private static bool TryNumber(ReadOnlySpan<byte> text, bool hexadecimal, bool negative, out LongDouble value)
    {
        value = LongDouble.Zero;
        var end = text.IndexOfAny(hexadecimal ? "pP"u8 : "eE"u8);
        var exponent = 0;
        if ((end >= 0 && !TryExponent(text[(end + 1)..], out exponent))
            || !TryDigits(end < 0 ? text : text[..end], hexadecimal, out var digits, out var fraction))
        {
            return false;
        }

        if (digits.IsZero)
        {
            return true;
        }

        digits = negative ? -digits : digits;
        if (hexadecimal)
        {
            value = LongDouble.Round(digits, 1, exponent - (4 * fraction));
        }
        else
        {
            var power = exponent - fraction;
            value = power >= 0
                ? LongDouble.Round(digits * BigInteger.Pow(10, power), 1, 0)
                : LongDouble.Round(digits, BigInteger.Pow(10, -power), 0);
        }

        return value.IsFinite && !value.IsZero;
    }

    private static bool TryDigits(ReadOnlySpan<byte> text, bool hexadecimal, out BigInteger digits, out int fraction)
    {
        digits = default;
        var point = text.IndexOf((byte)'.');
        fraction = point < 0 ? 0 : text.Length - point - 1;
        var joined = point < 0 ? text.ToArray() : [.. text[..point], .. text[(point + 1)..]];
        if (joined.Length == 0 || !Array.TrueForAll(joined, b => hexadecimal ? char.IsAsciiHexDigit((char)b) : char.IsAsciiDigit((char)b)))
        {
            return false;
        }

        digits = hexadecimal
            ? BigInteger.Parse("0" + Encoding.ASCII.GetString(joined), NumberStyles.HexNumber, CultureInfo.InvariantCulture)
            : BigInteger.Parse(Encoding.ASCII.GetString(joined), NumberStyles.None, CultureInfo.InvariantCulture);
        return true;
    }

    private static bool TryExponent(ReadOnlySpan<byte> text, out int exponent)
    {
        exponent = 0;
        var negative = !text.IsEmpty && text[0] == '-';
        var digits = negative || (!text.IsEmpty && text[0] == '+') ? text[1..] : text;
        foreach (var digit in digits)
        {
            if (!char.IsAsciiDigit((char)digit))
            {
                return false;
            }

            exponent = Math.Min((exponent * 10) + (digit - '0'), ExponentLimit);
        }

        exponent = negative ? -exponent : exponent;
        return !digits.IsEmpty;
    }
}

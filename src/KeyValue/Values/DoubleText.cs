using System.Globalization;
using System.Numerics;
using System.Text;

namespace Trefoil.KeyValue.Values;

/// <summary>Reads doubles as C's strtod does: decimal, hexadecimal, infinity, with Redis' two notions of what is too much.</summary>
internal static class DoubleText
{
    /// <summary>Exponents beyond this are over- or underflow whatever the digits are.</summary>
    private const int ExponentLimit = 100_000;

    /// <summary>A whole argument (Redis' <c>string2d</c>): no space before or after, no NaN, neither overflow nor underflow to zero.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out double value)
    {
        value = 0;
        return !text.IsEmpty && !IsSpace(text[0])
            && Prefix(text, out value, out var outOfRange) == text.Length && !outOfRange && !double.IsNaN(value);
    }

    /// <summary>
    /// An end of a range as ZRANGEBYSCORE reads it, straight with strtod: spaces before it are skipped, nothing is 0, overflow is infinity,
    /// and a zero byte ends it.
    /// </summary>
    public static bool TryParseBound(ReadOnlySpan<byte> text, out double value)
    {
        var end = text.IndexOf((byte)0);
        text = end < 0 ? text : text[..end];
        return Prefix(text, out value, out _) == text.Length && !double.IsNaN(value);
    }

    /// <summary>What SORT takes for a number: as <see cref="TryParseBound"/>, but neither overflow nor underflow.</summary>
    public static bool TryParseWeight(ReadOnlySpan<byte> text, out double value)
    {
        var end = text.IndexOf((byte)0);
        text = end < 0 ? text : text[..end];
        return Prefix(text, out value, out var outOfRange) == text.Length && !outOfRange && !double.IsNaN(value);
    }

    /// <summary>Reads the longest number that the text begins with; returns where it ends, 0 if there is none.</summary>
    private static int Prefix(ReadOnlySpan<byte> text, out double value, out bool outOfRange)
    {
        (value, outOfRange) = (0, false);
        var at = 0;
        while (at < text.Length && IsSpace(text[at]))
        {
            at++;
        }

        var negative = at < text.Length && text[at] == '-';
        at += at < text.Length && text[at] is (byte)'-' or (byte)'+' ? 1 : 0;
        var rest = text[at..];
        var length = Word(rest, out value);
        if (length == 0)
        {
            length = rest.Length > 2 && rest[0] == '0' && (rest[1] | 0x20) == 'x'
                ? Hexadecimal(rest, out value, out outOfRange)
                : Decimal(rest, out value, out outOfRange);
        }

        value = negative ? -value : value;
        return length == 0 ? 0 : at + length;
    }

    private static int Word(ReadOnlySpan<byte> text, out double value)
    {
        value = double.PositiveInfinity;
        if (StartsWith(text, "infinity"u8))
        {
            return 8;
        }

        if (StartsWith(text, "inf"u8))
        {
            return 3;
        }

        value = StartsWith(text, "nan"u8) ? double.NaN : 0;
        return double.IsNaN(value) ? 3 : 0;
    }

    private static int Decimal(ReadOnlySpan<byte> text, out double value, out bool outOfRange)
    {
        (value, outOfRange) = (0, false);
        var end = Digits(text, 0, hexadecimal: false, out var digits, out var significant);
        if (digits == 0)
        {
            return 0;
        }

        end = Exponent(text, end, (byte)'e', out _);
        value = double.Parse(text[..end], NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture);
        outOfRange = double.IsInfinity(value) || (value == 0 && significant);
        return end;
    }

    private static int Hexadecimal(ReadOnlySpan<byte> text, out double value, out bool outOfRange)
    {
        (value, outOfRange) = (0, false);
        var end = Digits(text, 2, hexadecimal: true, out var digits, out var significant);
        if (digits == 0)
        {
            return 1;
        }

        var mantissa = Encoding.ASCII.GetString(text[2..end]);
        var point = mantissa.IndexOf('.', StringComparison.Ordinal);
        var fraction = point < 0 ? 0 : mantissa.Length - point - 1;
        end = Exponent(text, end, (byte)'p', out var exponent);
        var whole = BigInteger.Parse("0" + mantissa.Replace(".", "", StringComparison.Ordinal), NumberStyles.HexNumber, CultureInfo.InvariantCulture);

        // 64 bits and one that says whether more follows, so that the conversion below rounds once.
        var extra = (int)Math.Max(0, whole.GetBitLength() - 63);
        var kept = (ulong)(whole >> extra) << 1;
        kept |= (whole & ((BigInteger.One << extra) - 1)).IsZero ? 0UL : 1UL;
        value = Math.ScaleB((double)kept, exponent - (4 * fraction) + extra - 1);
        outOfRange = double.IsInfinity(value) || (value == 0 && significant);
        return end;
    }

    /// <summary>Steps over digits with at most one point; counts the digits, says whether one is not 0.</summary>
    private static int Digits(ReadOnlySpan<byte> text, int at, bool hexadecimal, out int digits, out bool significant)
    {
        (digits, significant) = (0, false);
        for (var point = false; at < text.Length; at++)
        {
            if (text[at] == '.' && !point)
            {
                point = true;
            }
            else if (hexadecimal ? char.IsAsciiHexDigit((char)text[at]) : char.IsAsciiDigit((char)text[at]))
            {
                digits++;
                significant |= text[at] != '0';
            }
            else
            {
                break;
            }
        }

        return at;
    }

    /// <summary>Steps over an exponent if a whole one stands there.</summary>
    private static int Exponent(ReadOnlySpan<byte> text, int at, byte letter, out int exponent)
    {
        exponent = 0;
        if (at >= text.Length || (text[at] | 0x20) != letter)
        {
            return at;
        }

        var first = at + 1;
        var negative = first < text.Length && text[first] == '-';
        first += first < text.Length && text[first] is (byte)'-' or (byte)'+' ? 1 : 0;
        var end = first;
        for (; end < text.Length && char.IsAsciiDigit((char)text[end]); end++)
        {
            exponent = Math.Min((exponent * 10) + (text[end] - '0'), ExponentLimit);
        }

        exponent = negative ? -exponent : exponent;
        return end == first ? at : end;
    }

    private static bool StartsWith(ReadOnlySpan<byte> text, ReadOnlySpan<byte> word) =>
        text.Length >= word.Length && Ascii.EqualsIgnoreCase(text[..word.Length], word);

    private static bool IsSpace(byte letter) => letter is (byte)' ' or (>= 9 and <= 13);

    /// <summary>
    /// A score as ZSCAN prints it: <c>%.17g</c>, but a packed set prints whole numbers in full, as it stores them. Returns the length, at most 32.
    /// </summary>
    public static int Format(double value, bool isPacked, Span<byte> into)
    {
        if (double.IsInfinity(value))
        {
            var name = value > 0 ? "inf"u8 : "-inf"u8;
            name.CopyTo(into);
            return name.Length;
        }

        if (isPacked && Math.Abs(value) <= long.MaxValue / 2 && value == Math.Truncate(value))
        {
            return IntegerText.Format((long)value, into);
        }

        value.TryFormat(into, out var count, "G17", CultureInfo.InvariantCulture);
        into[..count].Replace((byte)'E', (byte)'e');
        return count;
    }
}

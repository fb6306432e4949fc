using System.Buffers.Text;

namespace Trefoil.KeyValue.Values;

/// <summary>Signed 64-bit integers as Redis reads and writes them (its <c>string2ll</c>).</summary>
public static class IntegerText
{
    /// <summary>Longest decimal form, "-9223372036854775808".</summary>
    public const int MaxLength = 20;

    /// <summary>
    /// Reads the one canonical form: no sign but a minus, no leading zero, no space, no "-0". Only then does writing it back give the same
    /// bytes, which is why the same test decides whether a value may be kept as an integer.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out long value)
    {
        value = 0;
        if (text.IsEmpty || text.Length > MaxLength)
        {
            return false;
        }

        if (text.Length == 1 && text[0] == '0')
        {
            return true;
        }

        var negative = text[0] == '-';
        var digits = negative ? text[1..] : text;
        if (digits.IsEmpty || digits[0] is < (byte)'1' or > (byte)'9')
        {
            return false;
        }

        ulong magnitude = 0;
        foreach (var digit in digits)
        {
            var d = (uint)(digit - '0');
            if (d > 9 || magnitude > (ulong.MaxValue - d) / 10)
            {
                return false;
            }

            magnitude = (magnitude * 10) + d;
        }

        if (magnitude > (negative ? 1UL << 63 : long.MaxValue))
        {
            return false;
        }

        value = negative ? -(long)magnitude : (long)magnitude;
        return true;
    }

    /// <summary>Writes <paramref name="value"/> in decimal; <paramref name="into"/> needs <see cref="MaxLength"/> bytes.</summary>
    public static int Format(long value, Span<byte> into)
    {
        _ = Utf8Formatter.TryFormat(value, into, out var written);
        return written;
    }
}

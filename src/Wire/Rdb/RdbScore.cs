using System.Globalization;
using System.Text;

namespace Trefoil.Wire.Rdb;

/// <summary>Scores as text: what C's strtod reads of what Redis writes.</summary>
internal static class RdbScore
{
    private const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;

    /// <summary>False for anything but a whole decimal number or an infinity.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out double score)
    {
        var unsigned = text.Length > 0 && text[0] is (byte)'-' or (byte)'+' ? text[1..] : text;
        if (Ascii.EqualsIgnoreCase(unsigned, "inf"u8) || Ascii.EqualsIgnoreCase(unsigned, "infinity"u8))
        {
            score = text[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity;
            return true;
        }

        score = 0;
        return unsigned.Length > 0 && unsigned[0] is (>= (byte)'0' and <= (byte)'9') or (byte)'.'
            && double.TryParse(text, Style, CultureInfo.InvariantCulture, out score);
    }
}

using System.Globalization;

namespace Trefoil.Primitives;

/// <summary>The numbers of TOML 1.0.</summary>
internal static class TomlNumber
{
    /// <summary>An integer or a float, or null.</summary>
    public static TomlValue? Parse(TomlLocation at, string word)
    {
        if (word.StartsWith("0x", StringComparison.Ordinal) || word.StartsWith("0o", StringComparison.Ordinal)
            || word.StartsWith("0b", StringComparison.Ordinal))
        {
            return Prefixed(word[2..], word[1]) is { } value ? new TomlValue.Integer(at, value) : null;
        }

        var unsigned = word.AsSpan().TrimStart("+-");
        if (word.Length - unsigned.Length > 1)
        {
            return null;
        }

        if (unsigned is "inf")
        {
            return new TomlValue.Float(at, word[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity);
        }

        if (unsigned is "nan")
        {
            return new TomlValue.Float(at, double.NaN);
        }

        var whole = Digits(unsigned);
        if (whole == 0 || (whole > 1 && unsigned[0] == '0'))
        {
            return null;
        }

        var plain = word.Replace("_", "", StringComparison.Ordinal);
        if (whole == unsigned.Length)
        {
            return long.TryParse(plain, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var integer)
                ? new TomlValue.Integer(at, integer)
                : null;
        }

        return IsFraction(unsigned[whole..]) && double.TryParse(plain, NumberStyles.Float, CultureInfo.InvariantCulture, out var real)
            ? new TomlValue.Float(at, real)
            : null;
    }

    /// <summary><c>.digits</c>, <c>e±digits</c>, or one after the other, to the end.</summary>
    private static bool IsFraction(ReadOnlySpan<char> rest)
    {
        if (rest[0] == '.')
        {
            var count = Digits(rest[1..]);
            if (count == 0)
            {
                return false;
            }

            rest = rest[(1 + count)..];
        }

        if (rest.IsEmpty)
        {
            return true;
        }

        if (rest[0] is not ('e' or 'E'))
        {
            return false;
        }

        rest = rest[1..];
        rest = !rest.IsEmpty && rest[0] is '+' or '-' ? rest[1..] : rest;
        return !rest.IsEmpty && Digits(rest) == rest.Length;
    }

    /// <summary>How many characters from the start are digits, with single underscores between them.</summary>
    private static int Digits(ReadOnlySpan<char> text)
    {
        var count = 0;
        while (count < text.Length
            && (char.IsAsciiDigit(text[count])
                || (text[count] == '_' && count > 0 && text[count - 1] != '_' && count + 1 < text.Length && char.IsAsciiDigit(text[count + 1]))))
        {
            count++;
        }

        return count;
    }

    private static long? Prefixed(string digits, char radix)
    {
        var bits = radix switch { 'x' => 4, 'o' => 3, _ => 1 };
        ulong value = 0;
        var previous = '_';
        foreach (var c in digits)
        {
            if (c == '_' && previous != '_')
            {
                previous = c;
                continue;
            }

            if (!char.IsAsciiHexDigit(c) || Convert.ToInt32(c.ToString(), 16) >> bits != 0 || value >> (63 - bits) != 0)
            {
                return null;
            }

            value = (value << bits) | Convert.ToUInt32(c.ToString(), 16);
            previous = c;
        }

        return previous == '_' ? null : (long)value;
    }
}

namespace Trefoil.Wire.Resp;

/// <summary>Decimal integers as Redis' string2ll reads them: no blanks, no plus, no leading zeros, 64 signed bits.</summary>
public static class RespNumber
{
    /// <summary>False for anything but the one canonical form of a number.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out long value)
    {
        value = 0;
        if (text.Length == 1)
        {
            value = text[0] - '0';
            return (ulong)value <= 9;
        }

        var negative = text.Length > 0 && text[0] == (byte)'-';
        var digits = negative ? text[1..] : text;
        if (digits.Length is 0 or > 19 || digits[0] is < (byte)'1' or > (byte)'9')
        {
            return false;
        }

        ulong sum = 0;
        foreach (var digit in digits)
        {
            var next = (uint)(digit - '0');
            if (next > 9)
            {
                return false;
            }

            sum = (sum * 10) + next;
        }

        if (sum > (negative ? (ulong)long.MaxValue + 1 : long.MaxValue))
        {
            return false;
        }

        value = negative ? unchecked(-(long)sum) : (long)sum;
        return true;
    }
}

namespace Trefoil.KeyValue.Commands.Data;

/// <summary>Glob matching as Redis' <c>stringmatchlen</c>: <c>* ? [a-z] [^a] \x</c>, bytes and not characters.</summary>
/// <remarks>
/// Ported branch by branch, since users depend on its answers to malformed patterns too: an unclosed class ends at the pattern's end, a
/// range may stand the wrong way round and compares signed bytes. The one liberty Redis takes with memory, reading the zero byte
/// behind the pattern, is said by <see cref="At"/>.
/// </remarks>
internal static class GlobPattern
{
    /// <summary>True if the whole of <paramref name="text"/> matches.</summary>
    public static bool IsMatch(ReadOnlySpan<byte> pattern, ReadOnlySpan<byte> text)
    {
        var exhausted = false;
        return IsMatch(pattern, text, ref exhausted);
    }

    /// <remarks>
    /// <paramref name="exhausted"/> is set when a star ran to the end of the text without a match: then no earlier star can match
    /// either, which keeps many stars from costing exponential time (CVE-2022-36021).
    /// </remarks>
    private static bool IsMatch(ReadOnlySpan<byte> pattern, ReadOnlySpan<byte> text, ref bool exhausted)
    {
        var at = 0;
        while (at < pattern.Length && !text.IsEmpty)
        {
            switch (pattern[at])
            {
                case (byte)'*':
                    return MatchesStar(pattern[at..].TrimStart((byte)'*'), text, ref exhausted);
                case (byte)'?':
                    break;
                case (byte)'[':
                    if (!MatchesClass(pattern, ref at, text[0]))
                    {
                        return false;
                    }

                    break;
                default:
                    at += pattern[at] == '\\' && at + 1 < pattern.Length ? 1 : 0;
                    if (pattern[at] != text[0])
                    {
                        return false;
                    }

                    break;
            }

            text = text[1..];
            at++;
            while (text.IsEmpty && At(pattern, at) == '*')
            {
                at++;
            }
        }

        return at >= pattern.Length && text.IsEmpty;
    }

    private static bool MatchesStar(ReadOnlySpan<byte> rest, ReadOnlySpan<byte> text, ref bool exhausted)
    {
        if (rest.IsEmpty)
        {
            return true;
        }

        for (; !text.IsEmpty; text = text[1..])
        {
            if (IsMatch(rest, text, ref exhausted))
            {
                return true;
            }

            if (exhausted)
            {
                return false;
            }
        }

        exhausted = true;
        return false;
    }

    /// <summary>Matches one byte against the class that opens at <paramref name="at"/>, and leaves that at the class' last byte.</summary>
    private static bool MatchesClass(ReadOnlySpan<byte> pattern, ref int at, byte symbol)
    {
        at++;
        var negated = At(pattern, at) == '^';
        at += negated ? 1 : 0;
        var match = false;
        while (true)
        {
            var left = pattern.Length - at;
            if (left >= 2 && pattern[at] == '\\')
            {
                at++;
                match |= pattern[at] == symbol;
            }
            else if (At(pattern, at) == ']')
            {
                break;
            }
            else if (left <= 0)
            {
                at--;
                break;
            }
            else if (left >= 3 && pattern[at + 1] == '-')
            {
                match |= IsBetween((sbyte)symbol, (sbyte)pattern[at], (sbyte)pattern[at + 2]);
                at += 2;
            }
            else
            {
                match |= pattern[at] == symbol;
            }

            at++;
        }

        return match != negated;
    }

    private static bool IsBetween(sbyte symbol, sbyte first, sbyte second) =>
        symbol >= Math.Min(first, second) && symbol <= Math.Max(first, second);

    private static byte At(ReadOnlySpan<byte> pattern, int at) => at < pattern.Length ? pattern[at] : (byte)0;
}

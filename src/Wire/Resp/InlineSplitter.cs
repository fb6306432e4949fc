namespace Trefoil.Wire.Resp;

/// <summary>Splits a line into arguments by Redis' rules (sdssplitargs): blanks, double quotes with escapes, single quotes.</summary>
internal static class InlineSplitter
{
    /// <summary>Decodes into <paramref name="output"/> (at least as long as the line) and adds the ranges; false: unbalanced quotes.</summary>
    public static bool TrySplit(ReadOnlySpan<byte> line, Span<byte> output, CommandParser into)
    {
        var end = line.IndexOf((byte)0);
        line = end < 0 ? line : line[..end];
        var at = 0;
        var written = 0;
        while (true)
        {
            while (at < line.Length && IsSpace(line[at]))
            {
                at++;
            }

            if (at == line.Length)
            {
                return true;
            }

            var start = written;
            if (!Token(line, ref at, output, ref written))
            {
                return false;
            }

            into.Add(start, written - start);
        }
    }

    private static bool Token(ReadOnlySpan<byte> line, ref int at, Span<byte> output, ref int written)
    {
        while (at < line.Length)
        {
            var c = line[at];
            switch (c)
            {
                case (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t':
                    return true;
                case (byte)'"' or (byte)'\'':
                    at++;
                    return Quoted(c, line, ref at, output, ref written);
                default:
                    output[written++] = c;
                    at++;
                    break;
            }
        }

        return true;
    }

    private static bool Quoted(byte quote, ReadOnlySpan<byte> line, ref int at, Span<byte> output, ref int written)
    {
        while (at < line.Length)
        {
            var c = line[at++];
            if (c == quote)
            {
                // The closing quote must be followed by a blank or the end.
                return at == line.Length || IsSpace(line[at]);
            }

            if (c == (byte)'\\' && at < line.Length && (quote == (byte)'"' || line[at] == (byte)'\''))
            {
                c = quote == (byte)'"' ? Escaped(line, ref at) : line[at++];
            }

            output[written++] = c;
        }

        return false;
    }

    private static byte Escaped(ReadOnlySpan<byte> line, ref int at)
    {
        if (line[at] == (byte)'x' && at + 2 < line.Length && char.IsAsciiHexDigit((char)line[at + 1]) && char.IsAsciiHexDigit((char)line[at + 2]))
        {
            at += 3;
            return (byte)((Hex(line[at - 2]) << 4) | Hex(line[at - 1]));
        }

        return line[at++] switch
        {
            (byte)'n' => (byte)'\n',
            (byte)'r' => (byte)'\r',
            (byte)'t' => (byte)'\t',
            (byte)'b' => (byte)'\b',
            (byte)'a' => 7,
            var other => other,
        };
    }

    private static int Hex(byte digit) => digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10;

    private static bool IsSpace(byte c) => c is (byte)' ' or (>= 9 and <= 13);
}

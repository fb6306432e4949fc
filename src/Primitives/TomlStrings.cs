using System.Globalization;
using System.Text;

namespace Trefoil.Primitives;

/// <summary>The four kinds of string.</summary>
internal sealed partial class TomlScanner
{
    private string? AnyText()
    {
        var quote = Peek();
        if (Peek(1) == quote && Peek(2) == quote)
        {
            return MultiLine(quote);
        }

        return quote == '"' ? Basic() : Literal();
    }

    private string? Basic()
    {
        var content = new StringBuilder();
        _position++;
        while (!Take('"'))
        {
            if (_position >= text.Length || IsControl(text[_position]))
            {
                return Refuse("the string is not closed by '\"' on its line, or contains a control character");
            }

            if (Peek() == '\\' ? !Escape(content) : !Unit(content))
            {
                return null;
            }
        }

        return content.ToString();
    }

    private string? Literal()
    {
        var content = new StringBuilder();
        _position++;
        while (!Take('\''))
        {
            if (_position >= text.Length || IsControl(text[_position]))
            {
                return Refuse("the string is not closed by ''' on its line, or contains a control character");
            }

            if (!Unit(content))
            {
                return null;
            }
        }

        return content.ToString();
    }

    private string? MultiLine(char quote)
    {
        var at = Here;
        var content = new StringBuilder();
        _position += 3;
        NewLine(); // one that follows the opening is not part of the string
        while (true)
        {
            if (_position >= text.Length)
            {
                Fail("the multi-line string is not closed", at);
                return null;
            }

            if (Peek() == quote && Peek(1) == quote && Peek(2) == quote)
            {
                // Up to two more quotes belong to the string.
                _position += 3;
                for (var extra = 0; extra < 2 && Take(quote); extra++)
                {
                    content.Append(quote);
                }

                return content.ToString();
            }

            if (NewLine())
            {
                content.Append('\n');
            }
            else if (IsControl(Peek()))
            {
                return Refuse("a string contains a control character");
            }
            else if (quote == '"' && Peek() == '\\' ? !LineEnd() && !Escape(content) : !Unit(content))
            {
                return null;
            }
        }
    }

    /// <summary>A backslash at the end of a line: skips it and all blanks and newlines behind it.</summary>
    private bool LineEnd()
    {
        var ahead = 1;
        while (Peek(ahead) is ' ' or '\t')
        {
            ahead++;
        }

        if (Peek(ahead) != '\n' && !(Peek(ahead) == '\r' && Peek(ahead + 1) == '\n'))
        {
            return false;
        }

        _position += ahead;
        while (NewLine() || Take(' ') || Take('\t'))
        {
        }

        return true;
    }

    private bool Escape(StringBuilder content)
    {
        var at = Here;
        _position++;
        var kind = Peek();
        _position++;
        switch (kind)
        {
            case 'b': content.Append('\b'); return true;
            case 't': content.Append('\t'); return true;
            case 'n': content.Append('\n'); return true;
            case 'f': content.Append('\f'); return true;
            case 'r': content.Append('\r'); return true;
            case '"' or '\\': content.Append(kind); return true;
            case 'u' or 'U': return Unicode(content, kind == 'u' ? 4 : 8, at);
            default: return Fail("unknown escape in a string; a backslash is written '\\\\'", at);
        }
    }

    private bool Unicode(StringBuilder content, int digits, TomlLocation at)
    {
        if (_position + digits > text.Length
            || !int.TryParse(text.AsSpan(_position, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code)
            || !Rune.IsValid(code))
        {
            return Fail($"an escape needs {digits} hex digits of a Unicode scalar value", at);
        }

        _position += digits;
        content.Append(new Rune(code));
        return true;
    }

    /// <summary>Takes one character, or a surrogate pair; half of a pair is an error.</summary>
    private bool Unit(StringBuilder? content)
    {
        var c = text[_position];
        if (char.IsSurrogate(c))
        {
            if (!char.IsHighSurrogate(c) || !char.IsLowSurrogate(Peek(1)))
            {
                return Fail("half of a surrogate pair");
            }

            content?.Append(c);
            c = text[++_position];
        }

        content?.Append(c);
        _position++;
        return true;
    }
}

namespace Trefoil.Primitives;

/// <summary>Reads characters, blanks, keys and values of a TOML text, and keeps its first error.</summary>
internal sealed partial class TomlScanner(string text, TomlParser parser)
{
    /// <summary>Arrays, inline tables and key names nest at most this deep; deeper is an error, not a stack overflow.</summary>
    public const int MaxDepth = 64;

    private const char End = '\0';
    private int _position;
    private int _line = 1;
    private int _lineStart;
    private int _depth;

    public int Length => text.Length;

    public TomlError? Error { get; private set; }

    public TomlLocation Here => new(_line, _position - _lineStart + 1);

    /// <summary>Notes the first error; always false, so that callers return it.</summary>
    public bool Fail(string message, TomlLocation? at = null)
    {
        Error ??= new TomlError(at ?? Here, message);
        return false;
    }

    /// <summary>The next character, or NUL at the end (a NUL in the text is an error wherever it stands).</summary>
    public char Peek(int ahead = 0) => _position + ahead < text.Length ? text[_position + ahead] : End;

    public bool Take(char expected)
    {
        if (_position < text.Length && text[_position] == expected)
        {
            _position++;
            return true;
        }

        return false;
    }

    public void SkipBlanks()
    {
        while (Peek() is ' ' or '\t')
        {
            _position++;
        }
    }

    /// <summary>Skips blank lines and comments; false at the end of the text or after an error.</summary>
    public bool SkipToStatement()
    {
        while (true)
        {
            SkipBlanks();
            if (_position >= text.Length || !Comment())
            {
                return false;
            }

            if (!NewLine())
            {
                return _position < text.Length;
            }
        }
    }

    /// <summary>After a statement: blanks, a comment, then the end of the line or of the text.</summary>
    public bool EndLine()
    {
        SkipBlanks();
        return Comment() && (_position >= text.Length || NewLine() || Fail("expected the end of the line"));
    }

    public string? KeyName()
    {
        switch (Peek())
        {
            case '"':
                return Peek(1) == '"' && Peek(2) == '"' ? Refuse("a key cannot be a multi-line string") : Basic();
            case '\'':
                return Peek(1) == '\'' && Peek(2) == '\'' ? Refuse("a key cannot be a multi-line string") : Literal();
        }

        var start = _position;
        while (char.IsAsciiLetterOrDigit(Peek()) || Peek() is '_' or '-')
        {
            _position++;
        }

        return _position > start ? text[start.._position] : Refuse("expected a key");
    }

    /// <summary>One value, or null after an error.</summary>
    public TomlValue? Value()
    {
        var at = Here;
        switch (Peek())
        {
            case '"':
            case '\'':
                return AnyText() is { } content ? new TomlValue.Text(at, content) : null;
            case '[':
                return Nested(() => ArrayValue(at));
            case '{':
                return Nested(() => InlineTable(at));
            default:
                return Word(at);
        }
    }

    private TomlValue? Nested(Func<TomlValue?> read)
    {
        if (_depth >= MaxDepth)
        {
            Fail($"arrays and inline tables nest deeper than {MaxDepth}");
            return null;
        }

        _depth++;
        _position++;
        var value = read();
        _depth--;
        return value;
    }

    private TomlValue.Table? InlineTable(TomlLocation at)
    {
        var table = new TomlTable(at);
        return parser.InlineBody(table) ? new TomlValue.Table(table) : null;
    }

    private TomlValue.Array? ArrayValue(TomlLocation at)
    {
        var items = new List<TomlValue>();
        var comma = true;
        while (true)
        {
            if (!SkipToStatement())
            {
                Fail("the array is not closed by ']'");
                return null;
            }

            if (Take(']'))
            {
                return new TomlValue.Array(at, items);
            }

            if (!comma)
            {
                Fail("expected ',' or ']' in an array");
                return null;
            }

            if (Value() is not { } item)
            {
                return null;
            }

            items.Add(item);
            if (!SkipToStatement())
            {
                Fail("the array is not closed by ']'");
                return null;
            }

            comma = Take(',');
        }
    }

    private TomlValue? Word(TomlLocation at)
    {
        var start = _position;
        while (char.IsAsciiLetterOrDigit(Peek()) || Peek() is '_' or '-' or '+' or '.' or ':')
        {
            _position++;
        }

        var word = text[start.._position];
        TomlValue? value = word switch
        {
            "true" => new TomlValue.Boolean(at, true),
            "false" => new TomlValue.Boolean(at, false),
            _ => TomlNumber.Parse(at, word),
        };
        if (value is null)
        {
            Fail(Explain(word), at);
        }

        return value;
    }

    private static string Explain(string word)
    {
        if (word.Length == 0)
        {
            return "expected a value";
        }

        var looksLikeDate = word.Length >= 5 && char.IsAsciiDigit(word[0])
            && (word.Contains(':', StringComparison.Ordinal) || (word.Length >= 10 && word[4] == '-' && word[7] == '-'));
        return looksLikeDate
            ? $"dates and times are not supported: write '{word}' as a string"
            : $"'{word}' is no value: strings need quotes, numbers fit in 64 bits and have no leading zeros";
    }

    /// <summary>Skips a comment if there is one; false after a character that none may contain.</summary>
    private bool Comment()
    {
        if (Peek() != '#')
        {
            return true;
        }

        while (_position < text.Length && text[_position] != '\n' && !(text[_position] == '\r' && Peek(1) == '\n'))
        {
            if (IsControl(text[_position]))
            {
                return Fail("a comment contains a control character");
            }

            if (!Unit(null))
            {
                return false;
            }
        }

        return true;
    }

    private bool NewLine()
    {
        var length = Peek() == '\n' ? 1 : Peek() == '\r' && Peek(1) == '\n' ? 2 : 0;
        if (length == 0)
        {
            return false;
        }

        _position += length;
        _line++;
        _lineStart = _position;
        return true;
    }

    private static bool IsControl(char c) => (c < ' ' && c != '\t') || c == '\x7F';

    private string? Refuse(string message)
    {
        Fail(message);
        return null;
    }
}

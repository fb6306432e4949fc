namespace Trefoil.Primitives;

/// <summary>Parses TOML 1.0: this half knows tables and keys, <see cref="TomlScanner"/> knows values.</summary>
/// <remarks>
/// Malformed text is a value, never an exception: every method returns false (or null) after the scanner has noted the
/// first error, and the callers return at once.
/// </remarks>
internal sealed class TomlParser
{
    /// <summary>The longest text, in characters; a longer one is refused.</summary>
    public const int MaxLength = 4 << 20;

    private readonly TomlScanner _scanner;
    private readonly TomlTable _root = new(new TomlLocation(1, 1));
    private readonly Dictionary<TomlTable, Origin> _origins = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<object> _tableArrays = new(ReferenceEqualityComparer.Instance);
    private TomlTable _current;
    private int _section;
    private int _inlineSection;

    public TomlParser(string text)
    {
        _scanner = new TomlScanner(text, this);
        _current = _root;
        _origins[_root] = new Origin(Definition.Header, 0);
    }

    /// <summary>How a table came to be decides who may still add to it (TOML 1.0, "Table" and "Keys").</summary>
    private enum Definition
    {
        Implicit,
        Header,
        Dotted,
        Inline,
    }

    public TomlResult Run()
    {
        if (_scanner.Length > MaxLength)
        {
            _scanner.Fail($"the text is longer than {MaxLength} characters");
        }

        while (_scanner.Error is null && _scanner.SkipToStatement())
        {
            _ = _scanner.Peek() == '[' ? Header() : KeyValue(_current, _section) && _scanner.EndLine();
        }

        return _scanner.Error is { } error ? new TomlResult.Failed(error) : new TomlResult.Parsed(_root);
    }

    /// <summary>The keys of an inline table, into <paramref name="table"/>; the scanner stands behind the brace.</summary>
    public bool InlineBody(TomlTable table)
    {
        _origins[table] = new Origin(Definition.Header, 0);
        var section = --_inlineSection; // of its own: dotted keys may meet only within these braces
        _scanner.SkipBlanks();
        if (!_scanner.Take('}'))
        {
            while (true)
            {
                if (!KeyValue(table, section))
                {
                    return false;
                }

                _scanner.SkipBlanks();
                if (_scanner.Take('}'))
                {
                    break;
                }

                if (!_scanner.Take(','))
                {
                    return _scanner.Fail("expected ',' or '}' in an inline table");
                }

                _scanner.SkipBlanks();
            }
        }

        Freeze(table);
        return true;
    }

    private bool Header()
    {
        var at = _scanner.Here;
        _scanner.Take('[');
        var isArray = _scanner.Take('[');
        var key = Key();
        if (key is null)
        {
            return false;
        }

        if (!_scanner.Take(']') || (isArray && !_scanner.Take(']')))
        {
            return _scanner.Fail(isArray ? "expected ']]' after the name of an array of tables" : "expected ']' after the table's name");
        }

        _section++;
        var parent = _root;
        for (var i = 0; i < key.Count - 1; i++)
        {
            if (Descend(parent, key[i]) is not { } next)
            {
                return false;
            }

            parent = next;
        }

        return (isArray ? OpenArrayTable(parent, key[^1], at) : OpenTable(parent, key[^1], at)) && _scanner.EndLine();
    }

    /// <summary>Walks through one name of a header, creating a table on the way if there is none.</summary>
    private TomlTable? Descend(TomlTable table, (string Name, TomlLocation At) key)
    {
        switch (table[key.Name])
        {
            case null:
                return Create(table, key, key.At, new Origin(Definition.Implicit, 0));
            case TomlValue.Table child when _origins[child.Value].Definition != Definition.Inline:
                return child.Value;
            case TomlValue.Array array when _tableArrays.Contains(array.Items):
                return ((TomlValue.Table)array.Items[^1]).Value;
            default:
                _scanner.Fail($"'{key.Name}' is already defined and cannot be extended", key.At);
                return null;
        }
    }

    private bool OpenTable(TomlTable parent, (string Name, TomlLocation At) key, TomlLocation at)
    {
        switch (parent[key.Name])
        {
            case null:
                _current = Create(parent, key, at, new Origin(Definition.Header, 0));
                return true;
            case TomlValue.Table table when _origins[table.Value].Definition == Definition.Implicit:
                _origins[table.Value] = new Origin(Definition.Header, 0);
                _current = table.Value;
                return true;
            default:
                return _scanner.Fail($"the table '{key.Name}' is already defined", key.At);
        }
    }

    private bool OpenArrayTable(TomlTable parent, (string Name, TomlLocation At) key, TomlLocation at)
    {
        var value = parent[key.Name];
        if (value is null)
        {
            var items = new List<TomlValue>();
            _tableArrays.Add(items);
            value = new TomlValue.Array(at, items);
            parent.Add(new TomlEntry(key.Name, key.At, value));
        }

        if (value is not TomlValue.Array array || !_tableArrays.Contains(array.Items))
        {
            return _scanner.Fail($"'{key.Name}' is already defined and is no array of tables", key.At);
        }

        _current = new TomlTable(at);
        _origins[_current] = new Origin(Definition.Header, 0);
        ((List<TomlValue>)array.Items).Add(new TomlValue.Table(_current));
        return true;
    }

    private bool KeyValue(TomlTable table, int section)
    {
        var key = Key();
        if (key is null)
        {
            return false;
        }

        if (!_scanner.Take('='))
        {
            return _scanner.Fail("expected '=' after the key");
        }

        foreach (var part in key.Take(key.Count - 1))
        {
            if (Dotted(table, part, section) is not { } next)
            {
                return false;
            }

            table = next;
        }

        var last = key[^1];
        if (table.Find(last.Name) is { } earlier)
        {
            return _scanner.Fail($"the key '{last.Name}' is already defined at {earlier.At}", last.At);
        }

        _scanner.SkipBlanks();
        if (_scanner.Value() is not { } value)
        {
            return false;
        }

        table.Add(new TomlEntry(last.Name, last.At, value));
        return true;
    }

    /// <summary>Walks through one name of a dotted key. It may enter only tables that no header defined.</summary>
    private TomlTable? Dotted(TomlTable table, (string Name, TomlLocation At) key, int section)
    {
        var dotted = new Origin(Definition.Dotted, section);
        switch (table[key.Name])
        {
            case null:
                return Create(table, key, key.At, dotted);
            case TomlValue.Table child when _origins[child.Value] == dotted:
                return child.Value;
            case TomlValue.Table child when _origins[child.Value].Definition == Definition.Implicit:
                _origins[child.Value] = dotted;
                return child.Value;
            default:
                _scanner.Fail($"'{key.Name}' is already defined and cannot be extended", key.At);
                return null;
        }
    }

    private TomlTable Create(TomlTable parent, (string Name, TomlLocation At) key, TomlLocation at, Origin origin)
    {
        var table = new TomlTable(at);
        _origins[table] = origin;
        parent.Add(new TomlEntry(key.Name, key.At, new TomlValue.Table(table)));
        return table;
    }

    /// <summary>Nobody may add to an inline table, nor to what its dotted keys made.</summary>
    private void Freeze(TomlTable table)
    {
        _origins[table] = new Origin(Definition.Inline, 0);
        foreach (var entry in table.Entries)
        {
            if (entry.Value is TomlValue.Table child && _origins[child.Value].Definition == Definition.Dotted)
            {
                Freeze(child.Value);
            }
        }
    }

    /// <summary>A key of one or more names; leaves the scanner behind it and its blanks.</summary>
    private List<(string Name, TomlLocation At)>? Key()
    {
        var names = new List<(string, TomlLocation)>();
        do
        {
            _scanner.SkipBlanks();
            var at = _scanner.Here;
            if (_scanner.KeyName() is not { } name)
            {
                return null;
            }

            names.Add((name, at));
            _scanner.SkipBlanks();
            if (names.Count > TomlScanner.MaxDepth)
            {
                _scanner.Fail($"a key has more than {TomlScanner.MaxDepth} names");
                return null;
            }
        }
        while (_scanner.Take('.'));
        return names;
    }

    private readonly record struct Origin(Definition Definition, int Section);
}

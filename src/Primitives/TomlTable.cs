namespace Trefoil.Primitives;

/// <summary>One key of a table, with the place where it is written.</summary>
public sealed record TomlEntry(string Key, TomlLocation At, TomlValue Value);

/// <summary>A TOML table: keys in the order of the text, and typed access that explains itself.</summary>
/// <remarks>
/// Each getter returns null for a missing key, and null after adding a located error for a value of another type or out
/// of range: a reader gets all its keys, then looks at the errors once.
/// </remarks>
public sealed class TomlTable
{
    private readonly List<TomlEntry> _entries = [];
    private readonly Dictionary<string, int> _index = new(StringComparer.Ordinal);

    internal TomlTable(TomlLocation at) => At = at;

    /// <summary>Parses a text of at most <see cref="TomlParser.MaxLength"/> characters as TOML 1.0, without dates and times.</summary>
    public static TomlResult Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new TomlParser(text).Run();
    }

    /// <summary>Where the table begins.</summary>
    public TomlLocation At { get; }

    /// <summary>The keys with their values, in the order of the text.</summary>
    public IReadOnlyList<TomlEntry> Entries => _entries;

    /// <summary>The value of a key, or null.</summary>
    public TomlValue? this[string key] => Find(key)?.Value;

    /// <summary>The entry of a key, or null.</summary>
    public TomlEntry? Find(string key) => _index.TryGetValue(key, out var i) ? _entries[i] : null;

    /// <summary>A string.</summary>
    public string? Text(string key, ICollection<TomlError> errors) =>
        Typed<TomlValue.Text>(key, "a string", errors)?.Value;

    /// <summary>An integer from <paramref name="min"/> to <paramref name="max"/>.</summary>
    public long? Integer(string key, long min, long max, ICollection<TomlError> errors)
    {
        ArgumentNullException.ThrowIfNull(errors);
        var value = Typed<TomlValue.Integer>(key, "an integer", errors);
        if (value is not null && (value.Value < min || value.Value > max))
        {
            errors.Add(new TomlError(value.At, $"'{key}' must be from {min} to {max}, not {value.Value}"));
            return null;
        }

        return value?.Value;
    }

    /// <summary>A float, or an integer taken as one.</summary>
    public double? Float(string key, ICollection<TomlError> errors) =>
        this[key] is TomlValue.Integer integer ? integer.Value : Typed<TomlValue.Float>(key, "a number", errors)?.Value;

    /// <summary>A boolean.</summary>
    public bool? Boolean(string key, ICollection<TomlError> errors) =>
        Typed<TomlValue.Boolean>(key, "true or false", errors)?.Value;

    /// <summary>A table.</summary>
    public TomlTable? Table(string key, ICollection<TomlError> errors) =>
        Typed<TomlValue.Table>(key, "a table", errors)?.Value;

    /// <summary>An array of strings.</summary>
    public IReadOnlyList<string>? Texts(string key, ICollection<TomlError> errors) =>
        Items<TomlValue.Text>(key, "an array of strings", errors)?.ConvertAll(item => item.Value);

    /// <summary>An array of integers.</summary>
    public IReadOnlyList<long>? Integers(string key, ICollection<TomlError> errors) =>
        Items<TomlValue.Integer>(key, "an array of integers", errors)?.ConvertAll(item => item.Value);

    /// <summary>An array of tables, written <c>[[key]]</c> or inline.</summary>
    public IReadOnlyList<TomlTable>? Tables(string key, ICollection<TomlError> errors) =>
        Items<TomlValue.Table>(key, "an array of tables", errors)?.ConvertAll(item => item.Value);

    /// <summary>Adds an error for every key that is not <paramref name="known"/>, naming the nearest one that is.</summary>
    public void RefuseUnknown(IReadOnlyCollection<string> known, ICollection<TomlError> errors)
    {
        ArgumentNullException.ThrowIfNull(errors);
        foreach (var entry in _entries)
        {
            if (!known.Contains(entry.Key))
            {
                errors.Add(new TomlError(entry.At, NearestKey.Explain(entry.Key, known)));
            }
        }
    }

    internal void Add(TomlEntry entry)
    {
        _index.Add(entry.Key, _entries.Count);
        _entries.Add(entry);
    }

    private T? Typed<T>(string key, string wanted, ICollection<TomlError> errors)
        where T : TomlValue
    {
        ArgumentNullException.ThrowIfNull(errors);
        var value = this[key];
        if (value is not null and not T)
        {
            errors.Add(new TomlError(value.At, $"'{key}' must be {wanted}, not {value.Kind}"));
        }

        return value as T;
    }

    private List<T>? Items<T>(string key, string wanted, ICollection<TomlError> errors)
        where T : TomlValue
    {
        var array = Typed<TomlValue.Array>(key, wanted, errors);
        if (array is null)
        {
            return null;
        }

        foreach (var item in array.Items)
        {
            if (item is not T)
            {
                errors.Add(new TomlError(item.At, $"'{key}' must be {wanted}; this item is {item.Kind}"));
                return null;
            }
        }

        return array.Items.Cast<T>().ToList();
    }
}

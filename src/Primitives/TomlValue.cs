namespace Trefoil.Primitives;

/// <summary>A place in a TOML text: line and column from 1, the column in UTF-16 units.</summary>
public readonly record struct TomlLocation(int Line, int Column)
{
    /// <summary>As in <c>line 3, column 7</c>.</summary>
    public override string ToString() => $"line {Line}, column {Column}";
}

/// <summary>What is wrong, and where.</summary>
public sealed record TomlError(TomlLocation At, string Message)
{
    /// <summary>As in <c>line 3, column 7: unknown key 'prot'; did you mean 'port'?</c></summary>
    public override string ToString() => $"{At}: {Message}";
}

/// <summary>A value of a TOML text, with the place where it begins.</summary>
public abstract record TomlValue(TomlLocation At)
{
    /// <summary>What error texts call this kind of value.</summary>
    public abstract string Kind { get; }

    /// <summary>Any of the four kinds of string.</summary>
    public sealed record Text(TomlLocation At, string Value) : TomlValue(At)
    {
        /// <inheritdoc/>
        public override string Kind => "a string";
    }

    /// <summary>A 64-bit signed integer.</summary>
    public sealed record Integer(TomlLocation At, long Value) : TomlValue(At)
    {
        /// <inheritdoc/>
        public override string Kind => "an integer";
    }

    /// <summary>A 64-bit float; may be infinite or not a number.</summary>
    public sealed record Float(TomlLocation At, double Value) : TomlValue(At)
    {
        /// <inheritdoc/>
        public override string Kind => "a float";
    }

    /// <summary>true or false.</summary>
    public sealed record Boolean(TomlLocation At, bool Value) : TomlValue(At)
    {
        /// <inheritdoc/>
        public override string Kind => "a boolean";
    }

    /// <summary>An array of values, or an array of tables (<c>[[name]]</c>).</summary>
    public sealed record Array(TomlLocation At, IReadOnlyList<TomlValue> Items) : TomlValue(At)
    {
        /// <inheritdoc/>
        public override string Kind => "an array";
    }

    /// <summary>A table of any spelling.</summary>
    public sealed record Table(TomlTable Value) : TomlValue(Value.At)
    {
        /// <inheritdoc/>
        public override string Kind => "a table";
    }
}

/// <summary>A table, or the first error of the text.</summary>
public abstract record TomlResult
{
    private TomlResult()
    {
    }

    /// <summary>The whole text, as its root table.</summary>
    public sealed record Parsed(TomlTable Root) : TomlResult;

    /// <summary>The first error.</summary>
    public sealed record Failed(TomlError Error) : TomlResult;
}

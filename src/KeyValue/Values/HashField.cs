namespace Trefoil.KeyValue.Values;

/// <summary>A field with its value, as copies.</summary>
internal readonly record struct HashField(byte[] Field, byte[] Value)
{
    public static HashField Of(byte[] entry) => new(StringEntry.KeyOf(entry).ToArray(), StringEntry.ValueOf(entry).ToArray());
}

/// <summary>A field with its value, where they lie: valid under the slot's lock until the next mutation.</summary>
internal readonly ref struct HashFieldView
{
    /// <summary>The field's name.</summary>
    public required ReadOnlySpan<byte> Field { get; init; }

    /// <summary>The field's value.</summary>
    public required ReadOnlySpan<byte> Value { get; init; }

    public static HashFieldView Of(byte[] entry) => new() { Field = StringEntry.KeyOf(entry), Value = StringEntry.ValueOf(entry) };
}

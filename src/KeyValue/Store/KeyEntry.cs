using System.Runtime.CompilerServices;
using Trefoil.KeyValue.Values;

namespace Trefoil.KeyValue.Store;

/// <summary>What a lookup found: a view of the entry, valid under the slot's lock until the table's next mutation.</summary>
internal readonly struct KeyEntry(object? item)
{
    public bool Exists => item is not null;

    public ReadOnlySpan<byte> Key => KeyedValue.KeyOf(item!);

    public EntryType Type => item switch
    {
        null => EntryType.None,
        byte[] => EntryType.String,
        _ => Unsafe.As<KeyedValue>(item).Type,
    };

    /// <summary>Unix milliseconds; <see cref="KeyedValue.NoExpiry"/> if it has none or the key does not exist.</summary>
    public long ExpireAtMs => item is null ? KeyedValue.NoExpiry : KeyedValue.ExpiryOf(item);

    /// <summary>What stands beside the key about its use (<see cref="AccessClock"/>); only if it exists.</summary>
    public uint Clock => KeyedValue.ClockOf(item!);

    public bool IsString => item is byte[];

    /// <summary>The hash, or null if the key holds something else.</summary>
    public HashValue? Hash => item as HashValue;

    /// <summary>The list, or null if the key holds something else.</summary>
    public ListValue? List => item as ListValue;

    /// <summary>The set, or null if the key holds something else.</summary>
    public SetValue? Set => item as SetValue;

    /// <summary>The sorted set, or null if the key holds something else.</summary>
    public SortedSetValue? SortedSet => item as SortedSetValue;

    /// <summary>The value as this type, or null if the key holds something else or nothing.</summary>
    public T? As<T>()
        where T : KeyedValue => item as T;

    /// <summary>True for a string that is kept as an integer.</summary>
    public bool IsInteger => StringEntry.IsInteger((byte[])item!);

    /// <summary>True for a string that is long or was written in parts; only for a string.</summary>
    public bool IsRaw => StringEntry.IsRaw((byte[])item!);

    /// <summary>The string as an integer; only if <see cref="IsInteger"/>.</summary>
    public long Integer => StringEntry.IntegerOf((byte[])item!);

    /// <summary>The string's bytes; only for a string. An integer is written into <paramref name="digits"/> (20 bytes).</summary>
    public ReadOnlySpan<byte> Text(Span<byte> digits) =>
        IsInteger ? digits[..IntegerText.Format(Integer, digits)] : StringEntry.ValueOf((byte[])item!);

    /// <summary>Length of the string; only for a string.</summary>
    public int Length
    {
        get
        {
            Span<byte> digits = stackalloc byte[IntegerText.MaxLength];
            return Text(digits).Length;
        }
    }
}

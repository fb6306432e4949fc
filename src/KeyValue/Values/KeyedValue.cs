using System.Runtime.CompilerServices;

namespace Trefoil.KeyValue.Values;

/// <summary>A value that is an object of its own (hashes, lists, sets, sorted sets): it carries its key and its expiry.</summary>
/// <remarks>
/// An entry of an index is either this or a <see cref="StringEntry"/>, which is a bare byte array. Two representations, because most keys
/// are small strings and an object around each would cost 24 bytes more per key than the bytes themselves.
/// </remarks>
internal abstract class KeyedValue(byte[] key)
{
    public const long NoExpiry = long.MaxValue;

    public byte[] Key { get; private set; } = key;

    /// <summary>Unix milliseconds, or <see cref="NoExpiry"/>.</summary>
    public long ExpireAtMs { get; set; } = NoExpiry;

    /// <summary>When or how often the key was asked for, 24 bits (<see cref="Store.AccessClock"/>).</summary>
    public uint Clock { get; set; }

    public abstract EntryType Type { get; }

    /// <summary>Bytes of heap that the value takes, its key included.</summary>
    public abstract long Bytes { get; }

    /// <summary>The same contents in the same form and with the same expiry under another key; the two share nothing.</summary>
    public abstract KeyedValue Copy(byte[] key);

    /// <summary>Gives the value another key; only while it is in no index.</summary>
    public void Rename(byte[] key) => Key = key;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ReadOnlySpan<byte> KeyOf(object entry) =>
        entry.GetType() == typeof(byte[]) ? StringEntry.KeyOf(Unsafe.As<byte[]>(entry)) : Unsafe.As<KeyedValue>(entry).Key;

    public static long ExpiryOf(object entry) =>
        entry.GetType() == typeof(byte[]) ? StringEntry.ExpiryOf(Unsafe.As<byte[]>(entry)) : Unsafe.As<KeyedValue>(entry).ExpireAtMs;

    public static uint ClockOf(object entry) =>
        entry.GetType() == typeof(byte[]) ? StringEntry.ClockOf(Unsafe.As<byte[]>(entry)) : Unsafe.As<KeyedValue>(entry).Clock;

    public static void SetClock(object entry, uint clock)
    {
        if (entry.GetType() == typeof(byte[]))
        {
            StringEntry.SetClock(Unsafe.As<byte[]>(entry), clock);
        }
        else
        {
            Unsafe.As<KeyedValue>(entry).Clock = clock;
        }
    }

    public static long BytesOf(object entry) =>
        entry is byte[] blob ? HeapSize.OfArray(blob.Length) : Unsafe.As<KeyedValue>(entry).Bytes;
}

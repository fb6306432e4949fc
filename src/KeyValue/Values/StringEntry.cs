using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Trefoil.KeyValue.Values;

/// <summary>A key and its string value in one byte array.</summary>
/// <remarks>
/// <code>[flags 1][key length 1][clock 3, of a key][key length 4, if 255][expiry 8, if any][key][value, or 8 bytes if integer][slack, its size in the last 4]</code>
/// The value's length is what the array leaves over, so a small string pays 5 bytes for all of this. Slack exists only in values that were
/// appended to: it makes a run of APPENDs linear. The expiry sits inside so that keys without one pay nothing. The clock
/// (<see cref="Store.AccessClock"/>) is a key's only: members of sets and fields of hashes have none. A value that was written in parts is
/// marked, because Redis calls such a string raw however short it is.
/// An entry whose layout does not change is overwritten in place; readers hold the slot's lock and copy.
/// </remarks>
internal static class StringEntry
{
    private const byte Integer = 1;
    private const byte Expires = 2;
    private const byte Slack = 4;
    private const byte Clocked = 8;
    private const int ClockSize = 3;
    private const byte InParts = 16;
    private const int LongKey = 255;
    private const int SlackSize = sizeof(int);

    /// <summary>Longest text that Redis keeps in one piece with its object (OBJ_ENCODING_EMBSTR_SIZE_LIMIT).</summary>
    private const int EmbeddedLength = 44;

    /// <summary>Slack at most: Redis' SDS_MAX_PREALLOC.</summary>
    private const int SlackLimit = 1024 * 1024;

    public static byte[] Create(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, long expireAtMs)
    {
        var entry = Allocate(key, Clocked, expireAtMs, value.Length, out var at);
        value.CopyTo(entry.AsSpan(at));
        return entry;
    }

    public static byte[] Create(ReadOnlySpan<byte> key, long value, long expireAtMs)
    {
        var entry = Allocate(key, Integer | Clocked, expireAtMs, sizeof(long), out var at);
        BinaryPrimitives.WriteInt64LittleEndian(entry.AsSpan(at), value);
        return entry;
    }

    /// <summary>An entry inside a value: a field or member in the place of the key, no clock, no expiry.</summary>
    public static byte[] CreateMember(ReadOnlySpan<byte> member, ReadOnlySpan<byte> value)
    {
        var entry = Allocate(member, 0, KeyedValue.NoExpiry, value.Length, out var at);
        value.CopyTo(entry.AsSpan(at));
        return entry;
    }

    /// <summary>As <see cref="CreateMember(ReadOnlySpan{byte}, ReadOnlySpan{byte})"/>, with an integer.</summary>
    public static byte[] CreateMember(ReadOnlySpan<byte> member, long value)
    {
        var entry = Allocate(member, Integer, KeyedValue.NoExpiry, sizeof(long), out var at);
        BinaryPrimitives.WriteInt64LittleEndian(entry.AsSpan(at), value);
        return entry;
    }

    /// <summary>A value of <paramref name="length"/> zero bytes, to be written in parts.</summary>
    public static byte[] CreateZeroed(ReadOnlySpan<byte> key, int length, long expireAtMs) =>
        Allocate(key, Clocked | InParts, expireAtMs, length, out _);

    /// <summary>A value of <paramref name="length"/> zero bytes, with room to grow to twice that (1 MiB more at most).</summary>
    public static byte[] CreateGrowing(ReadOnlySpan<byte> key, int length, long expireAtMs)
    {
        var slack = Math.Min(length, SlackLimit) + SlackSize;
        var entry = Allocate(key, Slack | Clocked, expireAtMs, length + slack, out _);
        WriteSlack(entry, slack);
        return entry;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ReadOnlySpan<byte> KeyOf(byte[] entry)
    {
        int length = entry[1];
        return length < LongKey ? entry.AsSpan(HeadOf(entry[0]), length) : LongKeyOf(entry);
    }

    /// <summary>When or how often the key was asked for, 24 bits; only for an entry of a key.</summary>
    public static uint ClockOf(byte[] entry) => BinaryPrimitives.ReadUInt32LittleEndian(entry.AsSpan(1)) >> 8;

    public static void SetClock(byte[] entry, uint clock) =>
        BinaryPrimitives.WriteUInt32LittleEndian(entry.AsSpan(1), (clock << 8) | entry[1]);

    /// <summary>True for what OBJECT ENCODING calls raw: a long text, or one written in parts.</summary>
    public static bool IsRaw(byte[] entry) =>
        (entry[0] & (Slack | InParts)) != 0 || (!IsInteger(entry) && entry.Length - ValueAt(entry) > EmbeddedLength);

    /// <summary>Marks a value that is no integer as written in parts.</summary>
    public static void MarkInParts(byte[] entry) => entry[0] |= InParts;

    public static bool IsInteger(byte[] entry) => (entry[0] & Integer) != 0;

    public static long IntegerOf(byte[] entry) => BinaryPrimitives.ReadInt64LittleEndian(entry.AsSpan(entry.Length - sizeof(long)));

    /// <summary>The value as bytes; only for an entry that is not an integer.</summary>
    public static Span<byte> ValueOf(byte[] entry)
    {
        var at = ValueAt(entry);
        return entry.AsSpan(at, entry.Length - at - SlackOf(entry));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long ExpiryOf(byte[] entry) => (entry[0] & Expires) == 0 ? KeyedValue.NoExpiry : StoredExpiry(entry);

    /// <summary>Writes the integer in place; only for an entry that is one.</summary>
    public static void Overwrite(byte[] entry, long value) =>
        BinaryPrimitives.WriteInt64LittleEndian(entry.AsSpan(entry.Length - sizeof(long)), value);

    /// <summary>Writes value and expiry in place if they take exactly the room that is there.</summary>
    public static bool TryOverwrite(byte[] entry, ReadOnlySpan<byte> value, long expireAtMs)
    {
        var flags = expireAtMs == KeyedValue.NoExpiry ? 0 : Expires;
        if ((entry[0] & ~Clocked) != flags)
        {
            return false;
        }

        var at = ValueAt(entry);
        if (entry.Length - at != value.Length)
        {
            return false;
        }

        value.CopyTo(entry.AsSpan(at));
        return flags == 0 || TryOverwriteExpiry(entry, expireAtMs);
    }

    public static bool TryOverwriteExpiry(byte[] entry, long expireAtMs)
    {
        if ((entry[0] & Expires) == 0 || expireAtMs == KeyedValue.NoExpiry)
        {
            return false;
        }

        BinaryPrimitives.WriteInt64LittleEndian(entry.AsSpan(ExpiryAt(entry)), expireAtMs);
        return true;
    }

    /// <summary>Lengthens the value in place with zero bytes if the slack allows it; never shortens.</summary>
    public static bool TryGrow(byte[] entry, int length)
    {
        var slack = SlackOf(entry);
        var left = entry.Length - ValueAt(entry) - length;
        if (slack == 0 || left < SlackSize)
        {
            return false;
        }

        WriteSlack(entry, left);
        return true;
    }

    /// <summary>The same value under this key and expiry, as a new entry.</summary>
    public static byte[] With(byte[] entry, ReadOnlySpan<byte> key, long expireAtMs)
    {
        var value = entry.AsSpan(ValueAt(entry));
        var copy = Allocate(key, (byte)(entry[0] & ~Expires), expireAtMs, value.Length, out var at);
        value.CopyTo(copy.AsSpan(at));
        return copy;
    }

    private static byte[] Allocate(ReadOnlySpan<byte> key, byte flags, long expireAtMs, int valueRoom, out int valueAt)
    {
        var expires = expireAtMs != KeyedValue.NoExpiry;
        var isLong = key.Length >= LongKey;
        flags |= expires ? Expires : (byte)0;
        var keyAt = HeadOf(flags) + (isLong ? sizeof(int) : 0);
        valueAt = keyAt + key.Length;
        var entry = new byte[checked(valueAt + valueRoom)];
        entry[0] = flags;
        entry[1] = (byte)Math.Min(key.Length, LongKey);
        if (isLong)
        {
            BinaryPrimitives.WriteInt32LittleEndian(entry.AsSpan(LongLengthAt(flags)), key.Length);
        }

        if (expires)
        {
            BinaryPrimitives.WriteInt64LittleEndian(entry.AsSpan(keyAt - sizeof(long)), expireAtMs);
        }

        key.CopyTo(entry.AsSpan(keyAt));
        return entry;
    }

    private static int ValueAt(byte[] entry)
    {
        int length = entry[1];
        return HeadOf(entry[0]) + (length < LongKey ? length : sizeof(int) + LongKeyLength(entry));
    }

    /// <summary>Bytes before the key, without those of a long key's length; no branch, because every lookup asks.</summary>
    private static int HeadOf(byte flags) => 2 + ((flags & Expires) << 2) + (((flags & Clocked) >> 3) * ClockSize);

    private static int LongLengthAt(byte flags) => 2 + (((flags & Clocked) >> 3) * ClockSize);

    private static int ExpiryAt(byte[] entry) => LongLengthAt(entry[0]) + (entry[1] < LongKey ? 0 : sizeof(int));

    private static long StoredExpiry(byte[] entry) => BinaryPrimitives.ReadInt64LittleEndian(entry.AsSpan(ExpiryAt(entry)));

    private static int LongKeyLength(byte[] entry) => BinaryPrimitives.ReadInt32LittleEndian(entry.AsSpan(LongLengthAt(entry[0])));

    private static ReadOnlySpan<byte> LongKeyOf(byte[] entry)
    {
        var length = LongKeyLength(entry);
        return entry.AsSpan(ValueAt(entry) - length, length);
    }

    private static int SlackOf(byte[] entry) =>
        (entry[0] & Slack) == 0 ? 0 : BinaryPrimitives.ReadInt32LittleEndian(entry.AsSpan(entry.Length - SlackSize));

    private static void WriteSlack(byte[] entry, int slack) =>
        BinaryPrimitives.WriteInt32LittleEndian(entry.AsSpan(entry.Length - SlackSize), slack);
}

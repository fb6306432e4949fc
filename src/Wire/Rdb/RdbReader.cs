using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Trefoil.Wire.Rdb;

/// <summary>Gives the window that begins <paramref name="consumed"/> bytes further on and holds at least <paramref name="needed"/> bytes, or fewer where the source ends.</summary>
/// <remarks>The window stays as it is until the next call. <paramref name="needed"/> is never more than the source still has.</remarks>
public delegate ReadOnlySpan<byte> RdbRefill(int consumed, int needed);

/// <summary>Reads RDB, from bytes in memory or through a window that slides over a source of any length.</summary>
/// <remarks>
/// It never throws on bad input: the first thing that is wrong sets <see cref="Failure"/>, and from then on every read is false. Every
/// length is held against what the source still has before a byte is allocated for it. Texts that it hands out are valid until its next read.
/// This part reads primitives; the other one values, element by element, so that a value of several GB needs no more room than its longest element.
/// </remarks>
public ref partial struct RdbReader
{
    /// <summary>Longest string, Redis' limit for a bulk; a longer one is a failure.</summary>
    public const int MaxString = 512 * 1024 * 1024;

    private readonly RdbRefill? _refill;
    private readonly byte[] _digits = new byte[RdbLength.LongestInteger];
    private byte[] _expanded = [];
    private ReadOnlySpan<byte> _window;
    private int _at;
    private long _base;
    private long _length;

    // The value being read.
    private byte _type;
    private ulong _left;
    private bool _inPacked;
    private long _packedAt;
    private PackedReader _packed;
    private byte[] _first = [];

    /// <summary>Reads what is in memory.</summary>
    public RdbReader(ReadOnlySpan<byte> bytes)
    {
        _window = bytes;
        _length = bytes.Length;
    }

    /// <summary>Reads a source of <paramref name="length"/> bytes through windows that <paramref name="refill"/> gives.</summary>
    public RdbReader(long length, RdbRefill refill)
    {
        _refill = refill;
        _length = length;
    }

    /// <summary>Bytes read.</summary>
    public readonly long Offset => _base + _at;

    /// <summary>Bytes that the source still has; 0 after a failure.</summary>
    public readonly long Remaining => _length - Offset;

    /// <summary>What is wrong; null while nothing is.</summary>
    public RdbFailure? Failure { get; private set; }

    /// <summary>One byte: a type or an opcode.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryByte(out byte value)
    {
        var has = Need(1);
        value = has ? _window[_at++] : (byte)0;
        return has;
    }

    /// <summary>Four bytes, little-endian.</summary>
    public bool TryUInt32(out uint value)
    {
        var has = TryRaw(4, out var bytes);
        value = has ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : 0;
        return has;
    }

    /// <summary>Eight bytes, little-endian.</summary>
    public bool TryUInt64(out ulong value)
    {
        var has = TryRaw(8, out var bytes);
        value = has ? BinaryPrimitives.ReadUInt64LittleEndian(bytes) : 0;
        return has;
    }

    /// <summary>A length or count.</summary>
    public bool TryCount(out ulong value) => TryLength(out value, out var encoding) && (encoding == 0 || Fail("a string where a length belongs"));

    /// <summary>A string in any of its forms.</summary>
    public bool TryString(out ReadOnlySpan<byte> text)
    {
        text = default;
        if (!TryLength(out var length, out var encoding))
        {
            return false;
        }

        switch (encoding)
        {
            case 0:
                return FitsString(length) && TryRaw((int)length, out text);
            case RdbLength.Int8:
                return TryRaw(1, out var one) && Digits((sbyte)one[0], out text);
            case RdbLength.Int16:
                return TryRaw(2, out var two) && Digits(BinaryPrimitives.ReadInt16LittleEndian(two), out text);
            case RdbLength.Int32:
                return TryRaw(4, out var four) && Digits(BinaryPrimitives.ReadInt32LittleEndian(four), out text);
            default:
                return TryExpand(out text);
        }
    }

    /// <summary>Exactly <paramref name="count"/> bytes.</summary>
    public bool TryRaw(int count, out ReadOnlySpan<byte> bytes)
    {
        if (!Need(count))
        {
            bytes = default;
            return false;
        }

        bytes = _window.Slice(_at, count);
        _at += count;
        return true;
    }

    /// <summary>Says that what was read makes no sense to the caller (a duplicate field, say); nothing more is read. Always false.</summary>
    public bool Fail(string what) => Fail(what, Offset);

    private bool Fail(string what, long offset)
    {
        Failure ??= new RdbFailure(what, offset);
        _length = Offset;
        _window = _window[.._at];
        return false;
    }

    private bool TryExpand(out ReadOnlySpan<byte> text)
    {
        text = default;
        var at = Offset;
        if (!TryCount(out var packedLength) || !TryCount(out var length) || !FitsString(packedLength))
        {
            return false;
        }

        if (length > MaxString || length > packedLength * Lzf.MaxExpansion)
        {
            return Fail("a compressed string that cannot become so long", at);
        }

        if (!TryRaw((int)packedLength, out var packed))
        {
            return false;
        }

        if (_expanded.Length < (int)length)
        {
            _expanded = new byte[(int)length];
        }

        var into = _expanded.AsSpan(0, (int)length);
        if (!Lzf.TryExpand(packed, into))
        {
            return Fail("a compressed string that does not expand", at);
        }

        text = into;
        return true;
    }

    /// <summary>A length (encoding 0), or the encoding of a string that has none.</summary>
    private bool TryLength(out ulong length, out byte encoding)
    {
        length = 0;
        encoding = 0;
        if (!TryByte(out var first))
        {
            return false;
        }

        switch (first >> 6)
        {
            case 0:
                length = first;
                return true;
            case 1:
                var low = TryByte(out var second);
                length = (ulong)(((first & 0x3F) << 8) | second);
                return low;
            case 2 when first == RdbLength.Bits32:
                var has = TryRaw(4, out var four);
                length = has ? BinaryPrimitives.ReadUInt32BigEndian(four) : 0;
                return has;
            case 2 when first == RdbLength.Bits64:
                var hasAll = TryRaw(8, out var eight);
                length = hasAll ? BinaryPrimitives.ReadUInt64BigEndian(eight) : 0;
                return hasAll;
            case 3 when first <= RdbLength.Compressed:
                encoding = first;
                return true;
            default:
                return Fail("a length of unknown form", Offset - 1);
        }
    }

    private bool FitsString(ulong length) =>
        length <= (ulong)Remaining && length <= MaxString || Fail(length > MaxString ? "a string beyond the limit" : "a string longer than what is left");

    private bool Digits(long value, out ReadOnlySpan<byte> text)
    {
        text = _digits.AsSpan(0, RdbLength.Format(value, _digits));
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool Need(int count) => count <= _window.Length - _at || Refill(count);

    private bool Refill(int count)
    {
        if (_refill is null || count > Remaining)
        {
            return Fail("an end in the middle of a value");
        }

        var consumed = _at;
        (_base, _at) = (_base + consumed, 0);
        _window = _refill(consumed, count);
        return count <= _window.Length || Fail("an end in the middle of a value");
    }
}

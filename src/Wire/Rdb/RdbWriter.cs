using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Trefoil.Wire.Resp;

namespace Trefoil.Wire.Rdb;

/// <summary>Writes RDB version 10 into one growing pooled buffer, in forms that every Redis since 4.0 reads.</summary>
/// <remarks>
/// One owner at a time. What goes to a file is taken from <see cref="Written"/> piece by piece and <see cref="Clear"/>ed; the owner carries
/// the checksum on with <see cref="Crc64.Append"/> and hands it to <see cref="End"/>.
/// </remarks>
public sealed class RdbWriter : IDisposable
{
    /// <summary>The version that this writes and the newest that Redis 7.0 reads.</summary>
    public const int Version = 10;

    /// <summary>First size of the buffer, in bytes.</summary>
    public const int InitialBytes = 256;

    private const int LongestLength = 9;
    private byte[] _buffer = [];
    private int _end;

    /// <summary>Bytes written since the last <see cref="Clear"/>.</summary>
    public int Length => _end;

    /// <summary>What was written; valid until the next write.</summary>
    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _end);

    /// <summary>As <see cref="Written"/>, for asynchronous senders.</summary>
    public ReadOnlyMemory<byte> WrittenMemory => _buffer.AsMemory(0, _end);

    /// <summary>Forgets what was written and keeps the buffer.</summary>
    public void Clear() => _end = 0;

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
        }

        _buffer = [];
        _end = 0;
    }

    /// <summary>The nine bytes that begin a file: REDIS0010.</summary>
    public void Header() => Raw("REDIS0010"u8);

    /// <summary>A field about the file, <see cref="RdbOpcode.Aux"/>.</summary>
    public void Aux(string key, string value) => Aux(Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(value));

    /// <summary>The same from UTF-8.</summary>
    public void Aux(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        Byte(RdbOpcode.Aux);
        String(key);
        String(value);
    }

    /// <summary>A number about the file.</summary>
    public void Aux(string key, long value) => Aux(key, value.ToString(CultureInfo.InvariantCulture));

    /// <summary>What follows belongs to this database.</summary>
    public void SelectDb(int database)
    {
        Byte(RdbOpcode.SelectDb);
        Count((ulong)database);
    }

    /// <summary>How many keys, and how many of them with an expiry, the database has: a hint.</summary>
    public void ResizeDb(long keys, long expiring)
    {
        Byte(RdbOpcode.ResizeDb);
        Count((ulong)keys);
        Count((ulong)expiring);
    }

    /// <summary>The next key expires at this time, milliseconds since 1970.</summary>
    public void ExpireTimeMs(long milliseconds)
    {
        Byte(RdbOpcode.ExpireTimeMs);
        UInt64((ulong)milliseconds);
    }

    /// <summary>The end of a file whose bytes up to here, without what is in the buffer, gave <paramref name="crc"/>.</summary>
    public void End(ulong crc)
    {
        Byte(RdbOpcode.End);
        UInt64(Crc64.Append(crc, Written));
    }

    /// <summary>A length or count: 1, 2, 5 or 9 bytes.</summary>
    public void Count(ulong value)
    {
        var span = Reserve(LongestLength);
        switch (value)
        {
            case < 1 << 6:
                span[0] = (byte)value;
                _end += 1;
                break;
            case < 1 << 14:
                BinaryPrimitives.WriteUInt16BigEndian(span, (ushort)(value | 0x4000));
                _end += 2;
                break;
            case <= uint.MaxValue:
                span[0] = RdbLength.Bits32;
                BinaryPrimitives.WriteUInt32BigEndian(span[1..], (uint)value);
                _end += 5;
                break;
            default:
                span[0] = RdbLength.Bits64;
                BinaryPrimitives.WriteUInt64BigEndian(span[1..], value);
                _end += 9;
                break;
        }
    }

    /// <summary>A string; one that is the canonical text of a 32-bit integer takes 2, 3 or 5 bytes, as Redis writes it.</summary>
    public void String(ReadOnlySpan<byte> text)
    {
        if (text.Length <= 11 && RespNumber.TryParse(text, out var number) && TrySmallInteger(number))
        {
            return;
        }

        Count((ulong)text.Length);
        Raw(text);
    }

    /// <summary>A string that holds a decimal number.</summary>
    public void Integer(long value)
    {
        if (!TrySmallInteger(value))
        {
            Span<byte> digits = stackalloc byte[RdbLength.LongestInteger];
            var count = RdbLength.Format(value, digits);
            Count((ulong)count);
            Raw(digits[..count]);
        }
    }

    /// <summary>A binary double, as scores have it in <see cref="RdbType.SortedSet"/>.</summary>
    public void Double(double value)
    {
        BinaryPrimitives.WriteDoubleLittleEndian(Reserve(8), value);
        _end += 8;
    }

    /// <summary>One byte: a type or an opcode.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Byte(byte value)
    {
        Reserve(1)[0] = value;
        _end++;
    }

    /// <summary>Two bytes, little-endian.</summary>
    public void UInt16(ushort value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(Reserve(2), value);
        _end += 2;
    }

    /// <summary>Eight bytes, little-endian.</summary>
    public void UInt64(ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(Reserve(8), value);
        _end += 8;
    }

    /// <summary>Bytes that are RDB already.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Raw(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Reserve(bytes.Length));
        _end += bytes.Length;
    }

    private bool TrySmallInteger(long value)
    {
        var span = Reserve(5);
        switch (value)
        {
            case >= sbyte.MinValue and <= sbyte.MaxValue:
                (span[0], span[1]) = (RdbLength.Int8, (byte)value);
                _end += 2;
                return true;
            case >= short.MinValue and <= short.MaxValue:
                span[0] = RdbLength.Int16;
                BinaryPrimitives.WriteInt16LittleEndian(span[1..], (short)value);
                _end += 3;
                return true;
            case >= int.MinValue and <= int.MaxValue:
                span[0] = RdbLength.Int32;
                BinaryPrimitives.WriteInt32LittleEndian(span[1..], (int)value);
                _end += 5;
                return true;
            default:
                return false;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Span<byte> Reserve(int count)
    {
        if (_buffer.Length - _end < count)
        {
            Grow(count);
        }

        return _buffer.AsSpan(_end);
    }

    private void Grow(int count)
    {
        var size = (int)Math.Min(Math.Max(Math.Max((long)_buffer.Length * 2, InitialBytes), checked(_end + count)), Array.MaxLength);
        var larger = ArrayPool<byte>.Shared.Rent(size);
        Written.CopyTo(larger);
        var end = _end;
        Dispose();
        (_buffer, _end) = (larger, end);
    }
}

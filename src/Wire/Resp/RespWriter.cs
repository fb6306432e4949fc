using System.Buffers;
using System.Buffers.Text;
using System.Runtime.CompilerServices;
using System.Text;

namespace Trefoil.Wire.Resp;

/// <summary>Writes RESP2 or RESP3 replies into one growing pooled buffer; a reply allocates nothing.</summary>
/// <remarks>
/// One owner at a time. Types that RESP2 lacks are written as Redis writes them to a RESP2 client: a map as a flat array, a set and
/// a push as an array, a double and a verbatim string as a bulk, a boolean as 0 or 1. The owner takes <see cref="Written"/> to the
/// socket and says with <see cref="Drain"/> how much of it left.
/// </remarks>
public sealed class RespWriter : IDisposable
{
    /// <summary>First size of the buffer, in bytes.</summary>
    public const int InitialBytes = 4096;

    /// <summary>A buffer above this many bytes is given back as soon as it is empty; smaller ones are kept until <see cref="Trim"/>.</summary>
    public const int KeepBytes = 64 * 1024;

    private byte[] _buffer = [];
    private int _start;
    private int _end;

    /// <summary>Bytes that may be pending; what would make it more throws <see cref="ReplyTooLongException"/>. By default what an array can hold, 2 GiB less 57.</summary>
    public int MaxBytes { get; set; } = System.Array.MaxLength;

    /// <summary>2 or 3.</summary>
    public int Protocol { get; set; } = 2;

    /// <summary>Bytes written and not drained.</summary>
    public int Length => _end - _start;

    /// <summary>Bytes that the buffer occupies.</summary>
    public int Capacity => _buffer.Length;

    /// <summary>What was written and not drained; valid until the next write.</summary>
    public ReadOnlySpan<byte> Written => _buffer.AsSpan(_start, _end - _start);

    /// <summary>As <see cref="Written"/>, for asynchronous senders.</summary>
    public ReadOnlyMemory<byte> WrittenMemory => _buffer.AsMemory(_start, _end - _start);

    private bool Resp3 => Protocol == 3;

    /// <summary>The first <paramref name="count"/> bytes have left.</summary>
    public void Drain(int count)
    {
        _start += count;
        if (_start < _end)
        {
            return;
        }

        _start = _end = 0;
        if (_buffer.Length > KeepBytes)
        {
            Release();
        }
    }

    /// <summary>Takes back everything after the first <paramref name="length"/> undrained bytes (CLIENT REPLY OFF, SKIP).</summary>
    public void Truncate(int length) => _end = Math.Min(_end, _start + length);

    /// <summary>Gives an empty buffer back to the pool: an idle connection holds none.</summary>
    public void Trim()
    {
        if (Length == 0)
        {
            Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Release();

    /// <summary><c>+OK</c></summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Ok() => Raw("+OK\r\n"u8);

    /// <summary><c>+text</c>; the text must hold no line break.</summary>
    public void Simple(ReadOnlySpan<byte> text) => Line((byte)'+', text);

    /// <summary><c>+text</c> from ASCII text without line breaks.</summary>
    public void Simple(string text) => Line((byte)'+', text);

    /// <summary><c>-text</c>: the code and message, e.g. <c>ERR syntax error</c>, without the dash; line breaks become blanks as in Redis.</summary>
    public void Error(string text) => Line((byte)'-', text);

    /// <summary>As <see cref="Error(string)"/>, from bytes (which may quote what a client sent).</summary>
    public void Error(ReadOnlySpan<byte> text) => Line((byte)'-', text);

    /// <summary><c>:n</c></summary>
    public void Integer(long value)
    {
        if ((ulong)value < SmallIntegers.Count)
        {
            Raw(SmallIntegers.Reply((int)value));
            return;
        }

        Number((byte)':', value);
    }

    /// <summary><c>$n</c> and the bytes.</summary>
    public void Bulk(ReadOnlySpan<byte> value)
    {
        var span = Reserve(value.Length + RespFormat.MaxHeader + 2);
        var at = RespFormat.Header(span, (byte)'$', value.Length);
        value.CopyTo(span[at..]);
        at += value.Length;
        span[at] = (byte)'\r';
        span[at + 1] = (byte)'\n';
        _end += at + 2;
    }

    /// <summary>A bulk of UTF-8 text.</summary>
    public void Bulk(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var count = Encoding.UTF8.GetByteCount(value);
        var span = Reserve(count + RespFormat.MaxHeader + 2);
        var at = RespFormat.Header(span, (byte)'$', count);
        at += Encoding.UTF8.GetBytes(value, span[at..]);
        "\r\n"u8.CopyTo(span[at..]);
        _end += at + 2;
    }

    /// <summary>A bulk that holds a decimal number.</summary>
    public void BulkInteger(long value)
    {
        Span<byte> digits = stackalloc byte[20];
        Utf8Formatter.TryFormat(value, digits, out var count);
        Bulk(digits[..count]);
    }

    /// <summary>Nothing: <c>$-1</c>, in RESP3 <c>_</c>.</summary>
    public void Null() => Raw(Resp3 ? "_\r\n"u8 : "$-1\r\n"u8);

    /// <summary>No array: <c>*-1</c>, in RESP3 <c>_</c>.</summary>
    public void NullArray() => Raw(Resp3 ? "_\r\n"u8 : "*-1\r\n"u8);

    /// <summary>An array's head; <paramref name="count"/> replies follow.</summary>
    public void Array(int count) => Number((byte)'*', count);

    /// <summary>A map's head; <paramref name="count"/> pairs of replies follow.</summary>
    public void Map(int count) => Number((byte)(Resp3 ? '%' : '*'), Resp3 ? count : 2L * count);

    /// <summary>A set's head; <paramref name="count"/> replies follow.</summary>
    public void Set(int count) => Number((byte)(Resp3 ? '~' : '*'), count);

    /// <summary>The head of an out-of-band message; <paramref name="count"/> replies follow.</summary>
    public void Push(int count) => Number((byte)(Resp3 ? '>' : '*'), count);

    /// <summary>A double with 17 significant digits; <c>inf</c>, <c>-inf</c>, <c>nan</c>.</summary>
    public void Double(double value)
    {
        Span<byte> text = stackalloc byte[32];
        var count = RespFormat.Double(text, value);
        if (Resp3)
        {
            Line((byte)',', text[..count]);
        }
        else
        {
            Bulk(text[..count]);
        }
    }

    /// <summary><c>#t</c> or <c>#f</c>; in RESP2 1 or 0.</summary>
    public void Boolean(bool value)
    {
        if (Resp3)
        {
            Raw(value ? "#t\r\n"u8 : "#f\r\n"u8);
        }
        else
        {
            Integer(value ? 1 : 0);
        }
    }

    /// <summary>An integer of any size from its decimal digits.</summary>
    public void BigNumber(ReadOnlySpan<byte> digits)
    {
        if (Resp3)
        {
            Line((byte)'(', digits);
        }
        else
        {
            Bulk(digits);
        }
    }

    /// <summary>Text with a format of three letters (<c>txt</c>, <c>mkd</c>); in RESP2 a bulk.</summary>
    public void Verbatim(string format, ReadOnlySpan<byte> text)
    {
        ArgumentNullException.ThrowIfNull(format);
        if (!Resp3)
        {
            Bulk(text);
            return;
        }

        Number((byte)'=', text.Length + 4);
        Raw([(byte)format[0], (byte)format[1], (byte)format[2], (byte)':']);
        Raw(text);
        Raw("\r\n"u8);
    }

    /// <summary>Verbatim text from a string.</summary>
    public void Verbatim(string format, string text) => Verbatim(format, Encoding.UTF8.GetBytes(text));

    /// <summary>Bytes that are RESP already.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Raw(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Reserve(bytes.Length));
        _end += bytes.Length;
    }

    /// <summary>Puts an array's head before what was written since <see cref="Length"/> was <paramref name="mark"/>: for counts known last.</summary>
    public void ArrayAt(int mark, int count) => InsertHeader(mark, (byte)'*', count);

    /// <summary>As <see cref="ArrayAt"/> for a map of <paramref name="count"/> pairs.</summary>
    public void MapAt(int mark, int count) => InsertHeader(mark, (byte)(Resp3 ? '%' : '*'), Resp3 ? count : 2L * count);

    private void InsertHeader(int mark, byte type, long count)
    {
        Span<byte> head = stackalloc byte[RespFormat.MaxHeader];
        var size = RespFormat.Header(head, type, count);
        var tail = _end - _start - mark;
        Reserve(size);
        var at = _start + mark;
        _buffer.AsSpan(at, tail).CopyTo(_buffer.AsSpan(at + size));
        head[..size].CopyTo(_buffer.AsSpan(at));
        _end += size;
    }

    private void Number(byte type, long value) => _end += RespFormat.Header(Reserve(RespFormat.MaxHeader), type, value);

    private void Line(byte type, ReadOnlySpan<byte> text)
    {
        var span = Reserve(text.Length + 3);
        span[0] = type;
        text.CopyTo(span[1..]);
        EndLine(span, text.Length);
    }

    private void Line(byte type, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var count = Encoding.UTF8.GetByteCount(text);
        var span = Reserve(count + 3);
        span[0] = type;
        Encoding.UTF8.GetBytes(text, span[1..]);
        EndLine(span, count);
    }

    private void EndLine(Span<byte> span, int count)
    {
        span.Slice(1, count).ReplaceAny(RespFormat.LineBreaks, (byte)' ');
        span[count + 1] = (byte)'\r';
        span[count + 2] = (byte)'\n';
        _end += count + 3;
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
        var length = _end - _start;
        var needed = (long)length + count;
        if (needed > MaxBytes)
        {
            throw new ReplyTooLongException($"a reply of more than {MaxBytes} bytes");
        }

        var size = (int)Math.Min(Math.Max(Math.Max((long)_buffer.Length * 2, InitialBytes), needed), System.Array.MaxLength);
        var larger = ArrayPool<byte>.Shared.Rent(size);
        _buffer.AsSpan(_start, length).CopyTo(larger);
        Release();
        _buffer = larger;
        _end = length;
    }

    private void Release()
    {
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
        }

        _buffer = [];
        _start = _end = 0;
    }
}

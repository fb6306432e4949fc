namespace Trefoil.Cli.Assert;

/// <summary>Lines of a stream as the bytes they are: whether those are text is for the node to say.</summary>
internal sealed class LineReader(Stream stream)
{
    /// <summary>Longest line, in bytes: what a node takes as one claim. A longer one is skipped and said.</summary>
    public const int MaxLine = 1 << 20;

    private byte[] _buffer = new byte[64 << 10];
    private int _start;
    private int _end;
    private bool _isOver;

    /// <summary>Bytes that were read, those of lines not yet given out included.</summary>
    public long BytesRead { get; private set; }

    /// <summary>The next line without its end, null in place of one that is too long; false at the end.</summary>
    public async ValueTask<(bool Found, byte[]? Line)> ReadAsync(CancellationToken cancellation)
    {
        var isTooLong = false;
        while (true)
        {
            var length = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
            if (length >= 0 || (_isOver && (_end > _start || isTooLong)))
            {
                var taken = length >= 0 ? length : _end - _start;
                var line = isTooLong || taken > MaxLine ? null : Trimmed(_buffer.AsSpan(_start, taken)).ToArray();
                _start += taken + (length >= 0 ? 1 : 0);
                return (true, line);
            }

            if (_isOver)
            {
                return (false, null);
            }

            if (_end - _start > MaxLine)
            {
                (isTooLong, _start, _end) = (true, 0, 0);
            }

            await FillAsync(cancellation);
        }
    }

    private static ReadOnlySpan<byte> Trimmed(ReadOnlySpan<byte> line) => line.EndsWith("\r"u8) ? line[..^1] : line;

    private async ValueTask FillAsync(CancellationToken cancellation)
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);
        if (_end == _buffer.Length)
        {
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        var read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellation);
        _isOver = read == 0;
        _end += read;
        BytesRead += read;
    }
}

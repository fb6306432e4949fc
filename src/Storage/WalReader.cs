namespace Trefoil.Storage;

/// <summary>Reads a segment through a window, so that small groups do not cost a system call each.</summary>
internal sealed class WalReader(IDiskFile file)
{
    private const int WindowBytes = 256 << 10;
    private byte[] _window = [];
    private long _start;
    private int _count;

    public long Length { get; } = file.Length;

    /// <summary>Up to <paramref name="count"/> bytes at the offset, fewer at the end of the file; valid until the next call.</summary>
    public ReadOnlySpan<byte> Peek(long offset, int count)
    {
        count = (int)Math.Clamp(Length - offset, 0, count);
        if (offset < _start || offset + count > _start + _count)
        {
            var wanted = Math.Max(count, WindowBytes);
            if (_window.Length < wanted)
            {
                _window = new byte[wanted];
            }

            _start = offset;
            _count = file.Read(offset, _window.AsSpan(0, wanted));
        }

        return _window.AsSpan((int)(offset - _start), Math.Min(count, Math.Max(0, (int)(_start + _count - offset))));
    }
}

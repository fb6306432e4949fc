using System.Buffers.Binary;

namespace Trefoil.Migration;

/// <summary>The stream of one attempt at its target: framed records put together again.</summary>
/// <remarks>Keeps at most one record that is not complete, in a buffer that grows with what has come, not with what a length claims.</remarks>
internal sealed class IncomingStream(int maxRecordBytes)
{
    private const int FrameHeader = 4;
    private const int KeptBytes = 1 << 20;
    private byte[] _partial = [];
    private int _length;

    /// <summary>Everything before it is here.</summary>
    public long Received { get; private set; }

    /// <summary>Complete records given to the taker.</summary>
    public long Records { get; private set; }

    /// <summary>No record is cut at <see cref="Received"/>.</summary>
    public bool AtBoundary => _length == 0;

    /// <summary>Takes bytes at <see cref="Received"/> and hands every record that they complete to <paramref name="take"/>.</summary>
    /// <returns>What the first record that was not taken was refused for; null: all went well.</returns>
    public string? Append(ReadOnlySpan<byte> bytes, Taker take)
    {
        Received += bytes.Length;
        while (!bytes.IsEmpty)
        {
            string? refused = null;
            if (_length == 0 && bytes.Length >= FrameHeader && Whole(bytes) <= bytes.Length)
            {
                var whole = (int)Whole(bytes);
                refused = Give(bytes[FrameHeader..whole], take);
                bytes = bytes[whole..];
            }
            else
            {
                // A record in parts: first its header, which says how much more it needs.
                var needed = (_length < FrameHeader ? FrameHeader : Whole(_partial)) - _length;
                var count = (int)Math.Min(needed, bytes.Length);
                Keep(bytes[..count]);
                bytes = bytes[count..];
                refused = _length < FrameHeader ? null : Complete(take);
            }

            if (refused is not null)
            {
                return refused;
            }
        }

        return null;
    }

    private string? Complete(Taker take)
    {
        var whole = Whole(_partial);
        if (whole > maxRecordBytes)
        {
            return $"a record claims to have {whole} bytes";
        }

        if (_length < whole)
        {
            return null;
        }

        var refused = Give(_partial.AsSpan(FrameHeader, _length - FrameHeader), take);
        _length = 0;
        if (_partial.Length > KeptBytes)
        {
            _partial = []; // One large record must not cost its size for ever.
        }

        return refused;
    }

    private string? Give(ReadOnlySpan<byte> record, Taker take)
    {
        Records++;
        return take(record);
    }

    private static long Whole(ReadOnlySpan<byte> frame) => FrameHeader + (long)BinaryPrimitives.ReadUInt32LittleEndian(frame);

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        if (_partial.Length < _length + bytes.Length)
        {
            Array.Resize(ref _partial, Math.Max(_length + bytes.Length, (int)Math.Min(_partial.Length * 2L, maxRecordBytes)));
        }

        bytes.CopyTo(_partial.AsSpan(_length));
        _length += bytes.Length;
    }

    /// <summary>Takes one record; null, or why not.</summary>
    internal delegate string? Taker(ReadOnlySpan<byte> record);
}

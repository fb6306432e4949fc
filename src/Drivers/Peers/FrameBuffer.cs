using System.Buffers.Binary;
using System.Net.Sockets;
using Trefoil.Wire.Peer;

namespace Trefoil.Drivers.Peers;

/// <summary>Collects a stream into length-prefixed frames. Grows with what has arrived, never with what a length claims.</summary>
internal sealed class FrameBuffer
{
    private const int Initial = 16 << 10;

    private byte[] _bytes = new byte[Initial];
    private int _start;
    private int _end;

    /// <summary>True once a length was over the limit: the connection is beyond repair.</summary>
    public bool IsMalformed { get; private set; }

    /// <summary>Blocks for more bytes; false at the end of the stream.</summary>
    public bool Fill(Socket socket)
    {
        if (_start > 0)
        {
            _bytes.AsSpan(_start, _end - _start).CopyTo(_bytes);
            _end -= _start;
            _start = 0;
        }

        if (_end == 0 && _bytes.Length > Initial)
        {
            _bytes = new byte[Initial]; // A large frame has passed: do not keep its room for an idle connection.
        }
        else if (_end == _bytes.Length)
        {
            Array.Resize(ref _bytes, _bytes.Length * 2);
        }

        var count = socket.Receive(_bytes.AsSpan(_end));
        _end += count;
        return count > 0;
    }

    /// <summary>Takes the next whole frame; valid until the next <see cref="Fill"/>.</summary>
    public bool TryTake(out ReadOnlySpan<byte> frame)
    {
        frame = default;
        if (_end - _start < 4)
        {
            return false;
        }

        var length = BinaryPrimitives.ReadUInt32LittleEndian(_bytes.AsSpan(_start));
        if (length > PeerEnvelope.MaxFrameBytes)
        {
            IsMalformed = true;
            return false;
        }

        if (_end - _start - 4 < (int)length)
        {
            return false;
        }

        frame = _bytes.AsSpan(_start + 4, (int)length);
        _start += 4 + (int)length;
        return true;
    }
}

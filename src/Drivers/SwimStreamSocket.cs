using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Trefoil.Membership;

namespace Trefoil.Drivers;

/// <summary>One stream: frames of a 32-bit little-endian length and that many bytes, under one deadline for the whole exchange.</summary>
/// <remarks>
/// A non-blocking socket and Poll: a blocking connect has no time limit of its own, and asynchronous sockets would complete on
/// the thread pool. Every failure, whoever's fault, is a false: the stream is then closed and the exchange has failed.
/// </remarks>
internal sealed class SwimStreamSocket : IDisposable
{
    private const int FirstBuffer = 16 * 1024;
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(200);

    private readonly Socket _socket;
    private readonly TimeProvider _time;
    private readonly long _start;
    private readonly TimeSpan _patience;
    private readonly CancellationToken _stop;

    public SwimStreamSocket(Socket socket, TimeSpan patience, TimeProvider time, CancellationToken stop)
    {
        _socket = socket;
        _socket.Blocking = false;
        _socket.NoDelay = true;
        (_patience, _time, _stop) = (patience, time, stop);
        _start = time.GetTimestamp();
    }

    /// <summary>True once a frame was longer than <see cref="SwimLimits.MaxStreamBytes"/>.</summary>
    public bool Oversized { get; private set; }

    public bool TryConnect(IPEndPoint to)
    {
        try
        {
            _socket.Connect(to);
            return true;
        }
        catch (SocketException pending) when (pending.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
        {
            return Await(SelectMode.SelectWrite)
                && _socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error) is 0;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    public bool TryWriteFrame(ReadOnlySpan<byte> payload)
    {
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, payload.Length);
        return TryWrite(length) && TryWrite(payload);
    }

    public bool TryReadFrame(out byte[] payload)
    {
        payload = [];
        var header = new byte[4];
        if (!TryRead(header))
        {
            return false;
        }

        var length = BinaryPrimitives.ReadUInt32LittleEndian(header);
        if (length > SwimLimits.MaxStreamBytes)
        {
            Oversized = true;
            return false;
        }

        // The buffer grows with what really arrived: a length alone must not cost us memory.
        var (buffer, filled) = (new byte[Math.Min((int)length, FirstBuffer)], 0);
        while (filled < length)
        {
            if (!TryRead(buffer.AsSpan(filled)))
            {
                return false;
            }

            filled = buffer.Length;
            Array.Resize(ref buffer, (int)Math.Min(length, filled * 2L));
        }

        payload = buffer;
        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private bool TryWrite(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var sent = _socket.Send(bytes, SocketFlags.None, out var error);
            if (error == SocketError.Success)
            {
                bytes = bytes[sent..];
            }
            else if (error != SocketError.WouldBlock || !Await(SelectMode.SelectWrite))
            {
                return false;
            }
        }

        return true;
    }

    private bool TryRead(Span<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var received = _socket.Receive(bytes, SocketFlags.None, out var error);
            if (error == SocketError.Success && received > 0)
            {
                bytes = bytes[received..];
            }
            else if (error != SocketError.WouldBlock || !Await(SelectMode.SelectRead))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Waits in slices, so that stopping takes no longer than one of them.</summary>
    private bool Await(SelectMode mode)
    {
        while (!_stop.IsCancellationRequested)
        {
            var left = _patience - _time.GetElapsedTime(_start);
            if (left <= TimeSpan.Zero)
            {
                return false;
            }

            if (_socket.Poll(left < Slice ? left : Slice, mode))
            {
                return true;
            }
        }

        return false;
    }
}

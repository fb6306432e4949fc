using System.Net;
using System.Net.Sockets;
using Trefoil.Primitives;

namespace Trefoil.Drivers.Peers;

/// <summary>The connection to one peer, for sending only: opened when first needed, dropped at the first error.</summary>
/// <remarks>
/// The usual case is a send on the caller's own thread, since a hand-over to another costs more than the system call.
/// Only connecting, and a peer that does not read, move to a thread of the link's own; its queue is bounded, and what
/// does not fit is dropped and counted, because every sender of these messages repeats what matters.
/// </remarks>
internal sealed class PeerLink(HostPort address, PeerCounters counters, Action<HostPort> unreachable) : IDisposable
{
    private const int MaxQueuedBytes = 32 << 20;
    private const int ConnectTimeoutMs = 2000;
    private const int WriteTimeoutMs = 5000;
    private static readonly TimeSpan Backoff = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private readonly Queue<byte[]> _queue = new();
    private Socket? _socket;
    private long _queuedBytes;
    private long _notBefore;
    private bool _working;
    private bool _disposed;

    /// <summary>Sends now if the connection takes it, else queues, else drops.</summary>
    public void Send(byte[] frame)
    {
        lock (_lock)
        {
            if (_disposed)
            {
                return;
            }

            if (!_working && _socket is { } socket && TrySendAll(socket, frame, out var sent))
            {
                if (sent == frame.Length)
                {
                    Interlocked.Increment(ref counters.SentFrames);
                    return;
                }

                Enqueue(frame[sent..]);
                StartWork();
                return;
            }

            if (!_working && TimeProvider.System.GetTimestamp() < _notBefore)
            {
                Interlocked.Increment(ref counters.DroppedFrames);
                return;
            }

            Enqueue(frame);
            StartWork();
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _socket?.Dispose();
            _queue.Clear();
        }
    }

    private void Enqueue(byte[] frame)
    {
        if (_queuedBytes + frame.Length > MaxQueuedBytes)
        {
            Interlocked.Increment(ref counters.DroppedFrames);
            return;
        }

        _queue.Enqueue(frame);
        _queuedBytes += frame.Length;
    }

    /// <summary>False when the connection is broken (and closed); else says how much the kernel took without blocking.</summary>
    private bool TrySendAll(Socket socket, byte[] frame, out int sent)
    {
        sent = 0;

        // We never read here, so anything readable is the peer's goodbye: without this look the first frame after a
        // peer's restart would vanish into a dead connection.
        if (socket.Poll(0, SelectMode.SelectRead))
        {
            CloseSocket();
            return false;
        }

        sent = socket.Send(frame, 0, frame.Length, SocketFlags.None, out var error);
        if (error is SocketError.Success)
        {
            return true;
        }

        if (error is SocketError.WouldBlock)
        {
            sent = Math.Max(sent, 0);
            return true;
        }

        CloseSocket();
        return false;
    }

    private void CloseSocket()
    {
        _socket?.Dispose();
        _socket = null;
    }

    private void StartWork()
    {
        if (!_working)
        {
            _working = true;
            new Thread(Work, 256 << 10) { IsBackground = true, Name = "peer-send" }.Start();
        }
    }

    /// <summary>Connects if need be and drains the queue; ends when it is empty or the peer is away.</summary>
    private void Work()
    {
        try
        {
            var socket = _socket ?? Connect();
            while (true)
            {
                byte[] frame;
                lock (_lock)
                {
                    _socket = socket;
                    if (_disposed || !_queue.TryDequeue(out frame!))
                    {
                        _working = false;
                        return;
                    }

                    _queuedBytes -= frame.Length;
                }

                WriteAll(socket, frame);
                Interlocked.Increment(ref counters.SentFrames);
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException or IOException)
        {
            lock (_lock)
            {
                Interlocked.Add(ref counters.DroppedFrames, _queue.Count);
                CloseSocket();
                _queue.Clear();
                _queuedBytes = 0;
                _notBefore = TimeProvider.System.GetTimestamp() + (long)(Backoff.TotalSeconds * TimeProvider.System.TimestampFrequency);
                _working = false;
            }

            unreachable(address);
        }
    }

    private Socket Connect()
    {
        var target = IPAddress.TryParse(address.Host, out var literal) ? literal : Dns.GetHostAddresses(address.Host)[0];
        var socket = new Socket(target.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, Blocking = false };
        try
        {
            try
            {
                socket.Connect(new IPEndPoint(target, address.Port));
            }
            catch (SocketException error) when (error.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
            {
                if (!socket.Poll(ConnectTimeoutMs * 1000, SelectMode.SelectWrite))
                {
                    throw new SocketException((int)SocketError.TimedOut);
                }

                var outcome = (int)socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error)!;
                if (outcome != 0)
                {
                    throw new SocketException(outcome);
                }
            }

            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static void WriteAll(Socket socket, byte[] frame)
    {
        for (var sent = 0; sent < frame.Length;)
        {
            var count = socket.Send(frame, sent, frame.Length - sent, SocketFlags.None, out var error);
            if (error is SocketError.WouldBlock)
            {
                if (!socket.Poll(WriteTimeoutMs * 1000, SelectMode.SelectWrite))
                {
                    throw new IOException("The peer does not read.");
                }
            }
            else if (error is not SocketError.Success)
            {
                throw new SocketException((int)error);
            }

            sent += Math.Max(count, 0);
        }
    }
}

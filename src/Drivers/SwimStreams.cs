using System.Net.Sockets;
using Trefoil.Membership;
using Trefoil.Wire.Peer;

namespace Trefoil.Drivers;

/// <summary>The TCP side: serves streams that others open, and opens ours; a short-lived thread for each.</summary>
internal sealed class SwimStreams : IDisposable
{
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(200);

    private readonly SwimSockets _sockets;
    private readonly SwimInbox _inbox;
    private readonly SwimAddressBook _addresses;
    private readonly SwimDriverTally _tally;
    private readonly PacketSeal _seal;
    private readonly TimeProvider _time;
    private readonly TimeSpan _patience;
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _served;
    private readonly Dictionary<ulong, PendingAnswer> _pending = [];
    private readonly Thread _acceptor;
    private ulong _lastStream;

    public SwimStreams(
        SwimSockets sockets, SwimInbox inbox, SwimAddressBook addresses, SwimDriverTally tally, SwimDriverConfig config, TimeSpan patience, TimeProvider time)
    {
        (_sockets, _inbox, _addresses, _tally, _patience, _time) = (sockets, inbox, addresses, tally, patience, time);
        _seal = new PacketSeal(config.Secret, "swim stream");
        _served = new SemaphoreSlim(config.MaxServedStreams);
        _acceptor = new Thread(Accept) { IsBackground = true, Name = "swim-accept" };
        _acceptor.Start();
    }

    /// <summary>Begins an exchange of our own; the core bounds how many there are (<see cref="SwimLimits.MaxExchanges"/>).</summary>
    public void Open(SwimEffect.OpenStream open) =>
        new Thread(() => _inbox.TryPostStream(Exchange(open))) { IsBackground = true, Name = "swim-stream" }.Start();

    /// <summary>Lets the thread that serves <paramref name="stream"/> send the answer; null closes it. Unknown ones are late.</summary>
    public void Answer(ulong stream, ReadOnlyMemory<byte>? answer)
    {
        lock (_pending)
        {
            if (_pending.Remove(stream, out var pending))
            {
                pending.Complete(answer);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stop.Cancel();
        _acceptor.Join();
    }

    private SwimInput Exchange(SwimEffect.OpenStream open)
    {
        var failed = new SwimInput.StreamFailed(open.Exchange);
        if (_addresses.Resolve(open.To) is not { } to)
        {
            return failed;
        }

        using var stream = new SwimStreamSocket(
            new Socket(to.AddressFamily, SocketType.Stream, ProtocolType.Tcp), _patience, _time, _stop.Token);
        if (!stream.TryConnect(to) || !stream.TryWriteFrame(_seal.Seal(open.Bytes.Span)) || !stream.TryReadFrame(out var frame))
        {
            return failed;
        }

        if (!_seal.TryOpen(frame, out var answer))
        {
            _tally.BadSeal();
            return failed;
        }

        return new SwimInput.StreamAnswered(open.Exchange, answer.ToArray());
    }

    private void Accept()
    {
        while (!_stop.IsCancellationRequested)
        {
            if (!_served.Wait(Slice))
            {
                continue;
            }

            if (TryAccept() is not { } connection)
            {
                _served.Release();
                continue;
            }

            new Thread(() => Serve(connection)) { IsBackground = true, Name = "swim-serve" }.Start();
        }
    }

    private Socket? TryAccept()
    {
        try
        {
            return _sockets.Listener.Poll(Slice, SelectMode.SelectRead) ? _sockets.Listener.Accept() : null;
        }
        catch (SocketException)
        {
            // Out of descriptors, or reset before we came: the listener stays readable, so this must not spin.
            _stop.Token.WaitHandle.WaitOne(Slice);
            return null;
        }
    }

    private void Serve(Socket connection)
    {
        try
        {
            using var stream = new SwimStreamSocket(connection, _patience, _time, _stop.Token);
            if (!TryServe(stream, connection))
            {
                _tally.BrokenStream();
            }
        }
        catch (SocketException)
        {
            // The peer was gone before its options could be set.
            _tally.BrokenStream();
        }
        finally
        {
            _served.Release();
        }
    }

    private bool TryServe(SwimStreamSocket stream, Socket connection)
    {
        if (connection.RemoteEndPoint is not { } remote)
        {
            return false;
        }

        if (!stream.TryReadFrame(out var frame))
        {
            if (stream.Oversized)
            {
                _tally.Oversized();
            }

            return false;
        }

        if (!_seal.TryOpen(frame, out var request))
        {
            _tally.BadSeal();
            return true;
        }

        var (id, pending) = Register();
        _inbox.TryPostStream(new SwimInput.StreamRequested(id, SwimDriver.AddressOf(remote), request.ToArray()));
        var answer = pending.Await(_patience, _stop.Token);
        Answer(id, null);
        return answer is not { } bytes || stream.TryWriteFrame(_seal.Seal(bytes.Span));
    }

    private (ulong Id, PendingAnswer Pending) Register()
    {
        lock (_pending)
        {
            var pending = new PendingAnswer();
            _pending[++_lastStream] = pending;
            return (_lastStream, pending);
        }
    }

    /// <summary>Where a serving thread waits for the core.</summary>
    private sealed class PendingAnswer
    {
        private readonly object _lock = new();
        private ReadOnlyMemory<byte>? _answer;
        private bool _complete;

        public void Complete(ReadOnlyMemory<byte>? answer)
        {
            lock (_lock)
            {
                (_answer, _complete) = (answer, true);
                Monitor.PulseAll(_lock);
            }
        }

        public ReadOnlyMemory<byte>? Await(TimeSpan patience, CancellationToken stop)
        {
            lock (_lock)
            {
                for (var waited = TimeSpan.Zero; !_complete && waited < patience && !stop.IsCancellationRequested; waited += Slice)
                {
                    Monitor.Wait(_lock, Slice);
                }

                return _answer;
            }
        }
    }
}

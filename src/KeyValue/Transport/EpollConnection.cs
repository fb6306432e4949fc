using System.Runtime.InteropServices;
using Trefoil.KeyValue.Connections;
using Trefoil.KeyValue.Server;

namespace Trefoil.KeyValue.Transport;

/// <summary>One client on the epoll loop: reads, runs, and owes bytes. Everything happens on the loop's thread; others post.</summary>
internal sealed unsafe class EpollConnection : IDisposable
{
    /// <summary>Milliseconds without a command after which an empty buffer is given back.</summary>
    private const int IdleMs = 2000;

    private readonly EpollLoop _loop;
    private readonly KeyValueServer _server;
    private readonly QueryBuffer _query = new();
    private LoopState _state;
    private int _interest = LibC.EpollIn;
    private bool _blocked;

    public EpollConnection(int descriptor, string address, string localAddress, KeyValueServer server, EpollLoop loop)
    {
        (_loop, _server) = (loop, server);
        Descriptor = descriptor;
        Client = new Connection(address, localAddress, server, () => loop.Post(this, Posted.Close))
        {
            Descriptor = descriptor,
            Wake = () => loop.Post(this, Posted.Mail),
            Completions = TaskCreationOptions.None,
        };
    }

    public int Descriptor { get; }

    public Connection Client { get; }

    /// <summary>Already on the loop's list of those with replies to send.</summary>
    public bool IsDirty { get; set; }

    /// <summary>Already on the loop's list of those whose replies wait for the log.</summary>
    public bool IsHeld { get; set; }

    public bool IsClosed { get; private set; }

    /// <summary>Acts on what epoll said.</summary>
    public void OnReady(int events)
    {
        if ((events & LibC.EpollOut) != 0)
        {
            Flush();
        }

        if (!IsClosed && (events & LibC.EpollIn) != 0)
        {
            OnReadable(_loop.Shared);
        }
        else if (!IsClosed && (events & (LibC.EpollError | LibC.EpollHangUp | LibC.EpollReadHangUp)) != 0)
        {
            Close();
        }
    }

    /// <summary>Takes what the socket has, once: other connections get their turn.</summary>
    private void OnReadable(byte[] shared)
    {
        if (_state != LoopState.Hungry)
        {
            return;
        }

        _server.Statistics.ReadsProcessed++;
        if (_query.Length > 0)
        {
            var needed = Client.Loop.Needed - _query.Length;
            var room = _query.Reserve((int)Math.Clamp(needed, EpollLoop.ReceiveBytes, 1 << 20), Client.Loop.Needed);
            var count = Receive(room);
            if (count > 0)
            {
                _query.Added(count);
                Continue(_query.Run(Client));
            }

            return;
        }

        var received = Receive(shared);
        if (received > 0)
        {
            var start = 0;
            var state = Client.Loop.Run(shared, ref start, received);
            if (start < received)
            {
                _query.Append(shared.AsSpan(start, received - start), Client.Loop.Needed);
                _query.Report(Client);
            }

            Continue(state);
        }
    }

    /// <summary>Does what was posted.</summary>
    public void OnPosted(Posted what)
    {
        switch (what)
        {
            case Posted.Close:
                Close();
                break;
            case Posted.Done:
                OnDeferredDone();
                break;
            case Posted.Mail when !IsClosed && Client.TakeMail():
                _loop.MarkDirty(this);
                break;
        }
    }

    /// <summary>The deferred command's reply is written: send it and go on with what waits behind it.</summary>
    private void OnDeferredDone()
    {
        if (IsClosed || _state != LoopState.Deferred)
        {
            return;
        }

        if (!Client.Loop.Work.IsCompletedSuccessfully)
        {
            // Its reply is unknown, and later ones would be taken for it.
            Close();
            return;
        }

        Client.Loop.Resume();
        Continue(Client.CloseAfterReply ? LoopState.Closing : _query.Run(Client));
    }

    /// <summary>Sends what may leave; what the socket does not take waits until it is writable, what the log has not released until it has.</summary>
    public void Flush()
    {
        if (IsClosed || !Send())
        {
            return;
        }

        if (Client.Output.Length > 0)
        {
            if (!_blocked)
            {
                _loop.Hold(this);
            }

            UpdateInterest();
        }
        else if (_state is LoopState.Closing)
        {
            Close();
        }
        else if (_state == LoopState.Full)
        {
            Continue(_query.Run(Client));
        }
        else
        {
            UpdateInterest();
        }
    }

    /// <summary>Gives the reply buffer back once the client has been silent for a while.</summary>
    public void TrimIdle(long nowMs)
    {
        if (_state == LoopState.Hungry && nowMs - Client.LastInteractionMs > IdleMs)
        {
            Client.Output.Trim();
        }
    }

    public void Close()
    {
        if (!IsClosed)
        {
            IsClosed = true;
            _server.Clients.Remove(Client);
            _loop.Remove(this);
        }
    }

    /// <summary>Gives the buffers back; only once no deferred work can write to them.</summary>
    public void Dispose()
    {
        _query.Dispose();
        if (_state != LoopState.Deferred)
        {
            Client.Output.Dispose();
        }
    }

    private void Continue(LoopState state)
    {
        _state = state;
        switch (state)
        {
            case LoopState.Abort:
                Close();
                return;
            case LoopState.Deferred:
                Client.Loop.Work.GetAwaiter().UnsafeOnCompleted(() => _loop.Post(this, Posted.Done));
                break;
        }

        UpdateInterest();
        _loop.MarkDirty(this);
    }

    /// <summary>Reads only while commands may run; waits for room only while bytes are owed.</summary>
    private void UpdateInterest()
    {
        var reading = _state == LoopState.Hungry && (Client.Output.Length <= CommandLoop.PauseBytes || _server.Settings.NormalOutput.Hard > 0);
        // Who blocks may wait for ever, so its end must be noticed without reading on.
        var blocked = _state == LoopState.Deferred && Client.Blocked is not null;
        var interest = (reading ? LibC.EpollIn : 0) | (_blocked ? LibC.EpollOut : 0) | (blocked ? LibC.EpollReadHangUp : 0);
        if (interest != _interest)
        {
            _interest = interest;
            _loop.Interest(Descriptor, interest);
        }
    }

    private bool Send()
    {
        var output = Client.Output;
        _blocked = false;
        int sendable;
        while ((sendable = Client.Sendable(_server)) > 0)
        {
            nint sent;
            fixed (byte* bytes = output.Written)
            {
                sent = LibC.Send(Descriptor, bytes, sendable, LibC.NoSignal);
            }

            if (sent < 0)
            {
                var error = Marshal.GetLastPInvokeError();
                if (error == LibC.Interrupted)
                {
                    continue;
                }

                _blocked = error == LibC.WouldBlock;
                if (!_blocked)
                {
                    Close();
                }

                return _blocked;
            }

            _server.Statistics.OutputBytes += sent;
            _server.Statistics.WritesProcessed++;
            Client.Sent((int)sent);
        }

        if (sendable == Connection.Deposed)
        {
            // What these replies tell of may be lost: as after a crash, the client must find out by itself.
            Close();
            return false;
        }

        return true;
    }

    /// <summary>Bytes received; 0 or less: none now, or the connection is closed.</summary>
    private int Receive(Span<byte> room)
    {
        nint count;
        fixed (byte* bytes = room)
        {
            count = LibC.Receive(Descriptor, bytes, room.Length, 0);
        }

        if (count > 0)
        {
            _server.Statistics.InputBytes += count;
        }
        else if (count == 0 || Marshal.GetLastPInvokeError() is not (LibC.WouldBlock or LibC.Interrupted))
        {
            Close();
        }

        return (int)count;
    }
}

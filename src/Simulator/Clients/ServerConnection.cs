using Trefoil.KeyValue.Connections;
using Trefoil.KeyValue.Server;
using Trefoil.KeyValue.Transport;

namespace Trefoil.Simulator.Clients;

/// <summary>The server's end of a client's connection: what <see cref="EpollConnection"/> is, with the world in place of a socket.</summary>
internal sealed class ServerConnection : IDisposable
{
    private readonly NodeConnections _all;
    private readonly KeyValueServer _server;
    private readonly QueryBuffer _query = new();
    private readonly Action<byte[]> _send;
    private readonly Action _closed;
    private LoopState _state;
    private bool _ended;

    public ServerConnection(NodeConnections all, KeyValueServer server, string address, Action<byte[]> send, Action closed)
    {
        (_all, _server, _send, _closed) = (all, server, send, closed);
        Client = new Connection(address, "10.0.0.0:7000", server, () => all.Post(this, Posted.Close))
        {
            Wake = () => all.Post(this, Posted.Mail),
            Completions = TaskCreationOptions.None,
        };
    }

    public Connection Client { get; }

    public bool IsClosed { get; private set; }

    /// <summary>On the list of those that have replies to send.</summary>
    public bool IsDirty { get; set; }

    /// <summary>A command of it waits for something.</summary>
    public bool IsDeferred => _state == LoopState.Deferred && !IsClosed;

    /// <summary>Replies of it may not leave yet.</summary>
    public bool IsHeld => !IsClosed && Client.Output.Length > 0;

    /// <summary>Bytes from the client: they wait in order while commands may not run.</summary>
    public void Arrive(byte[] bytes)
    {
        if (IsClosed)
        {
            return;
        }

        _server.Statistics.InputBytes += bytes.Length;
        _query.Append(bytes, Client.Loop.Needed);
        _query.Report(Client);
    }

    /// <summary>The client sends no more. As with a socket that is not read, it shows only once commands may run, except to one that blocks.</summary>
    public void End()
    {
        _ended = true;
        Settle();
    }

    /// <summary>Runs what has arrived, if commands may run.</summary>
    public void Run()
    {
        if (!IsClosed && _state == LoopState.Hungry && _query.Length > 0)
        {
            Continue(_query.Run(Client));
        }

        Settle();
    }

    /// <summary>Goes on if the work that a command waits for is done.</summary>
    public void Look()
    {
        if (!IsDeferred || !Client.Loop.IsWorkDone)
        {
            return;
        }

        if (Client.Loop.HasWorkFailed)
        {
            // Its reply is unknown, and later ones would be taken for it.
            Close();
            return;
        }

        Client.Loop.Resume();
        Continue(Client.CloseAfterReply ? LoopState.Closing : _query.Run(Client));
    }

    public void OnPosted(Posted what)
    {
        if (what == Posted.Close)
        {
            Close();
        }
        else if (!IsClosed && Client.TakeMail())
        {
            _all.MarkDirty(this);
        }
    }

    /// <summary>Sends what may leave.</summary>
    public void Flush()
    {
        if (IsClosed || !Send())
        {
            return;
        }

        if (Client.Output.Length == 0)
        {
            if (_state == LoopState.Closing)
            {
                Close();
            }
            else if (_state == LoopState.Full)
            {
                Continue(_query.Run(Client));
            }
        }

        Settle();
    }

    public void Close()
    {
        if (!IsClosed)
        {
            IsClosed = true;
            _server.Clients.Remove(Client);
            _all.Remove(this);
            _closed();
            Dispose();
        }
    }

    /// <summary>Gives the buffers back; the replies' only once no deferred work can write to them.</summary>
    public void Dispose()
    {
        _query.Dispose();
        if (_state != LoopState.Deferred)
        {
            Client.Output.Dispose();
        }
    }

    private void Settle()
    {
        if (_ended && !IsClosed && (_state == LoopState.Hungry || Client.Blocked is not null))
        {
            Close();
        }
    }

    private void Continue(LoopState state)
    {
        _state = state;
        if (state == LoopState.Abort)
        {
            Close();
        }
        else
        {
            _all.MarkDirty(this);
        }
    }

    private bool Send()
    {
        int sendable;
        while ((sendable = _all.Sendable(Client, Client.Sendable(_server))) > 0)
        {
            _send(Client.Output.Written[..sendable].ToArray());
            _server.Statistics.OutputBytes += sendable;
            Client.Sent(sendable);
        }

        if (sendable == Connection.Deposed)
        {
            // What these replies tell of may be lost: as after a crash, the client must find out by itself.
            Close();
            return false;
        }

        return true;
    }
}

using Trefoil.KeyValue.Connections;
using Trefoil.KeyValue.Server;
using Trefoil.KeyValue.Transport;
using Trefoil.Primitives;

namespace Trefoil.Simulator.Clients;

/// <summary>The clients of one machine: what <see cref="EpollLoop"/> is, with the world in place of a thread.</summary>
/// <remarks>
/// <code>bytes arrive → commands run → (a crash may come here) → CommitLog → what Sendable allows leaves, the rest waits</code>
/// What waits is looked at in <see cref="Flush"/>, which the log and the gate ask for as they wake the real loop, and every <see cref="PollEvery"/>
/// while something does. Continuations of deferred work run as events of the world (<see cref="VirtualContinuations"/>).
/// </remarks>
internal sealed class NodeConnections(EventQueue queue, Func<TimeSpan> now, Prng random)
{
    /// <summary>How often deferred commands are looked at.</summary>
    public static readonly TimeSpan PollEvery = TimeSpan.FromMilliseconds(10);

    /// <summary>As often as the real loop's.</summary>
    public static readonly TimeSpan TickEvery = TimeSpan.FromMilliseconds(100);

    private readonly List<ServerConnection> _connections = [];
    private readonly List<ServerConnection> _dirty = [];
    private readonly Queue<(ServerConnection Connection, Posted What)> _posted = new();
    private VirtualContinuations? _continuations;
    private KeyValueServer? _server;
    private int _life;
    private bool _roundDue;
    private bool _flushDue;
    private bool _polling;
    private bool _inRound;

    /// <summary>True if the process is paused: then the action is done when it runs again, unless it ends before.</summary>
    public Func<Action, bool> PostponedWhilePaused { get; init; } = _ => false;

    /// <summary>Has the last word on how many bytes of replies leave a connection.</summary>
    public Func<Connection, int, int> Sendable { get; init; } = (_, bytes) => bytes;

    /// <summary>Connections that are open.</summary>
    public int Count => _connections.Count;

    /// <summary>A process listens here.</summary>
    public bool IsListening => _server is not null;

    /// <summary>A process has begun to listen.</summary>
    public void Started(KeyValueServer server)
    {
        _server = server;
        _continuations = new VirtualContinuations(After);
        if (server.Store.Log is { } log)
        {
            log.Released = FlushSoon;
        }

        server.Gate.Woken = FlushSoon;
        var life = _life;
        queue.At(now() + TickEvery, () => Tick(life));
    }

    /// <summary>The process has ended: every client hears of it, sooner or later.</summary>
    public void Crashed()
    {
        _life++;
        _continuations?.End();
        (_server, _roundDue, _flushDue, _polling) = (null, false, false, false);
        _posted.Clear();
        _dirty.Clear();
        ServerConnection[] all = [.. _connections];
        _connections.Clear();
        foreach (var connection in all)
        {
            connection.Close();
        }
    }

    /// <summary>A client has connected; null: nobody listens.</summary>
    /// <param name="address">Its <c>ip:port</c>.</param>
    /// <param name="send">Carries bytes to it.</param>
    /// <param name="closed">Told once, that nothing follows what was sent.</param>
    public ServerConnection? Accept(string address, Action<byte[]> send, Action closed)
    {
        if (_server is null || _server.Clients.Count >= _server.Settings.MaxClients)
        {
            return null;
        }

        var connection = new ServerConnection(this, _server, address, send, closed);
        _connections.Add(connection);
        _server.Clients.Add(connection.Client);
        _server.Statistics.Connections++;
        return connection;
    }

    /// <summary>Bytes from a client.</summary>
    public void Arrive(ServerConnection connection, byte[] bytes)
    {
        connection.Arrive(bytes);
        Take(connection);
    }

    /// <summary>A client sends no more.</summary>
    public void End(ServerConnection connection)
    {
        connection.End();
        Take(connection);
    }

    /// <summary>Goes on with whatever can: deferred commands whose work is done, replies that may leave by now.</summary>
    public void Flush()
    {
        if (_inRound)
        {
            FlushSoon();
            return;
        }

        if (_server is null || _connections.Count == 0 || PostponedWhilePaused(FlushSoon))
        {
            return;
        }

        Within(() =>
        {
            ServerConnection[] all = [.. _connections];
            foreach (var connection in all)
            {
                connection.Look();
                if (connection.IsHeld)
                {
                    MarkDirty(connection);
                }
            }

            FinishRound();
        });
        Poll();
    }

    internal void Post(ServerConnection connection, Posted what)
    {
        _posted.Enqueue((connection, what));
        RoundSoon(TimeSpan.Zero);
    }

    internal void MarkDirty(ServerConnection connection)
    {
        if (!connection.IsDirty)
        {
            connection.IsDirty = true;
            _dirty.Add(connection);
        }
    }

    internal void Remove(ServerConnection connection) => _connections.Remove(connection);

    private void Take(ServerConnection connection)
    {
        if (_server is null || PostponedWhilePaused(() => Take(connection)))
        {
            return;
        }

        Within(connection.Run);

        // Others may join the round, and the process may end before its records are anywhere but in memory.
        RoundSoon(random.Chance(0.3) ? random.Between(TimeSpan.Zero, TimeSpan.FromMicroseconds(200)) : TimeSpan.Zero);
    }

    private void RoundSoon(TimeSpan delay)
    {
        if (!_roundDue && _server is not null)
        {
            _roundDue = true;
            var life = _life;
            queue.At(now() + delay, () => Round(life));
        }
    }

    private void Round(int life)
    {
        if (life != _life || PostponedWhilePaused(() => Round(life)))
        {
            return;
        }

        _roundDue = false;
        Within(FinishRound);
        Poll();
    }

    /// <summary>From the log or the gate, perhaps in the middle of a command: soon, not at once.</summary>
    private void FlushSoon()
    {
        if (_flushDue || _server is null)
        {
            return;
        }

        _flushDue = true;
        var life = _life;
        queue.At(now(), () =>
        {
            if (life == _life)
            {
                _flushDue = false;
                Flush();
            }
        });
    }

    private void Tick(int life)
    {
        if (life != _life)
        {
            return;
        }

        if (!PostponedWhilePaused(() => Tick(life)))
        {
            Within(_server!.Tick);
            queue.At(now() + TickEvery, () => Tick(life));
        }
    }

    /// <summary>While a command waits for something, looks now and then whether it is there.</summary>
    private void Poll()
    {
        if (_polling || !_connections.Exists(connection => connection.IsDeferred))
        {
            return;
        }

        _polling = true;
        var life = _life;
        queue.At(now() + PollEvery, () =>
        {
            if (life == _life)
            {
                _polling = false;
                Flush();
            }
        });
    }

    private void FinishRound()
    {
        while (_dirty.Count > 0 || _posted.Count > 0)
        {
            while (_posted.TryDequeue(out var posted))
            {
                posted.Connection.OnPosted(posted.What);
            }

            // Every record is with the kernel before its reply is (correctness.md, 4).
            _server!.CommitLog();
            ServerConnection[] dirty = [.. _dirty];
            _dirty.Clear();
            foreach (var connection in dirty)
            {
                connection.IsDirty = false;
                connection.Flush();
            }
        }
    }

    /// <summary>Whatever the code awaits in there goes on as an event of the world. A disk that fails ends the process, and its owner is told so by the server.</summary>
    private void Within(Action run)
    {
        if (_inRound)
        {
            run();
            return;
        }

        var life = _life;
        _inRound = true;
        try
        {
            _continuations!.Run(run);
        }
        catch (IOException) when (life != _life)
        {
        }
        finally
        {
            _inRound = false;
        }
    }

    private void After(Action continuation) => queue.At(now(), continuation);
}

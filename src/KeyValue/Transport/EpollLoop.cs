using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Trefoil.KeyValue.Server;

namespace Trefoil.KeyValue.Transport;

/// <summary>The RESP port on one thread of its own over epoll: read what is ready, run it, send all replies at the end of the round (Redis' ae and beforeSleep).</summary>
/// <remarks>
/// Kestrel's sockets read into blocks of 4 KiB and flush a pipe for each; at a pipeline of 64 that costs more than the commands do. Here a
/// read of 64 KiB is parsed where it lies, and a connection's replies leave in one send. Measurements: bench/README.md.
/// </remarks>
internal sealed unsafe class EpollLoop : IDisposable
{
    /// <summary>Bytes asked of a socket at a time.</summary>
    public const int ReceiveBytes = 64 * 1024;

    /// <summary>Connections accepted per round, so that a storm of them does not starve the others.</summary>
    private const int MaxAccepts = 1000;

    private const int TickMs = 100;
    private const int TicksPerTrim = 10;

    private readonly KeyValueServer _server;
    private readonly Socket _listener;
    private readonly int _listening;
    private readonly EpollSet _epoll = new();
    private readonly byte[] _shared = GC.AllocateArray<byte>(ReceiveBytes, pinned: true);
    private readonly ConcurrentQueue<(EpollConnection Connection, Posted What)> _posted = new();
    private readonly List<EpollConnection> _dirty = [];
    private readonly List<EpollConnection> _closing = [];
    private readonly List<EpollConnection> _held = [];
    private readonly Thread _thread;
    private EpollConnection?[] _connections = new EpollConnection?[1024];
    private volatile bool _stopping;
    private volatile bool _released;
    private bool _accepting = true;
    private uint _ticks;

    public EpollLoop(KeyValueServer server, Socket listener)
    {
        (_server, _listener) = (server, listener);
        _listening = (int)listener.SafeHandle.DangerousGetHandle();
        _epoll.Add(_listening, LibC.EpollIn);
        if (server.Store.Log is { } log)
        {
            log.Released = OnReleased;
        }

        server.Gate.Woken = OnReleased;

        _thread = new Thread(Run) { IsBackground = true, Name = "resp" };
        _thread.Start();
    }

    /// <summary>Ends the loop: replies that the sockets take at once are sent, everything is closed.</summary>
    public void Dispose()
    {
        _stopping = true;
        _epoll.Wake();
        _thread.Join();
    }

    /// <summary>From any thread, under any lock: something is to be done with the connection before the round ends.</summary>
    public void Post(EpollConnection connection, Posted what)
    {
        _posted.Enqueue((connection, what));
        if (Environment.CurrentManagedThreadId != _thread.ManagedThreadId)
        {
            _epoll.Wake();
        }
    }

    /// <summary>The 64 KiB that whoever reads now may use until it returns.</summary>
    public byte[] Shared => _shared;

    public void MarkDirty(EpollConnection connection)
    {
        if (!connection.IsDirty)
        {
            connection.IsDirty = true;
            _dirty.Add(connection);
        }
    }

    /// <summary>Its replies wait for the log.</summary>
    public void Hold(EpollConnection connection)
    {
        if (!connection.IsHeld)
        {
            connection.IsHeld = true;
            _held.Add(connection);
        }
    }

    public void Interest(int descriptor, int interest) => _epoll.Modify(descriptor, interest);

    /// <summary>The descriptor is closed at the end of the round, so that events of this round cannot mean a newcomer.</summary>
    public void Remove(EpollConnection connection)
    {
        _epoll.Remove(connection.Descriptor);
        _connections[connection.Descriptor] = null;
        _closing.Add(connection);
    }

    private void Run()
    {
        var nextTick = Environment.TickCount64 + TickMs;
        while (!_stopping)
        {
            var ready = _epoll.Wait((int)Math.Clamp(nextTick - Environment.TickCount64, 0, TickMs));
            for (var i = 0; i < ready; i++)
            {
                var (descriptor, events) = _epoll.Event(i);
                if (descriptor == _listening)
                {
                    AcceptAll();
                }
                else if (!_epoll.WasWoken(descriptor) && _connections[descriptor] is { } connection)
                {
                    Guarded(connection, events, static (connection, events) => connection.OnReady(events));
                }
            }

            FinishRound();
            if (Environment.TickCount64 >= nextTick)
            {
                Tick();
                nextTick = Environment.TickCount64 + TickMs;
            }
        }

        foreach (var connection in _connections)
        {
            connection?.Flush();
            connection?.Close();
        }

        FinishRound();
        _listener.Dispose();
        _epoll.Dispose();
    }

    private void Tick()
    {
        _server.Tick();
        if (!_accepting)
        {
            _accepting = true;
            _epoll.Modify(_listening, LibC.EpollIn);
        }

        if (++_ticks % TicksPerTrim == 0)
        {
            var nowMs = _server.NowMs;
            foreach (var connection in _connections)
            {
                connection?.TrimIdle(nowMs);
            }
        }
    }

    /// <summary>A fault in one command costs its connection, not the server: its reply is unknown, so nothing may follow it.</summary>
    private void Guarded(EpollConnection connection, int argument, Action<EpollConnection, int> run)
    {
        try
        {
            run(connection, argument);
        }
#pragma warning disable CA1031 // Whatever a handler throws is a fault of ours, told to the server's owner.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            _server.Report(fault);
            connection.Close();
        }
    }

    private void FinishRound()
    {
        // Replies may free input that was held back, and that may post again: until nothing is left.
        Unhold();
        while (_dirty.Count > 0 || !_posted.IsEmpty)
        {
            while (_posted.TryDequeue(out var posted))
            {
                Guarded(posted.Connection, (int)posted.What, static (connection, what) => connection.OnPosted((Posted)what));
            }

            // Every record is with the kernel before its reply is (correctness.md, 4).
            _server.CommitLog();
            for (var i = 0; i < _dirty.Count; i++)
            {
                _dirty[i].IsDirty = false;
                Guarded(_dirty[i], 0, static (connection, _) => connection.Flush());
            }

            _dirty.Clear();
        }

        foreach (var connection in _closing)
        {
            _ = LibC.Close(connection.Descriptor);
            connection.Dispose();
        }

        _closing.Clear();
    }

    /// <summary>From the log's thread: more may leave, or a commit that had to wait is possible.</summary>
    private void OnReleased()
    {
        _released = true;
        _epoll.Wake();
    }

    private void Unhold()
    {
        if (!_released)
        {
            return;
        }

        _released = false;
        _server.CommitLog();
        foreach (var connection in _held)
        {
            connection.IsHeld = false;
            MarkDirty(connection);
        }

        _held.Clear();
    }

    private void AcceptAll()
    {
        var address = stackalloc byte[SocketAddresses.MaxBytes];
        for (var i = 0; i < MaxAccepts; i++)
        {
            var length = SocketAddresses.MaxBytes;
            var descriptor = LibC.Accept(_listening, address, &length, LibC.SocketNonBlocking | LibC.SocketCloseOnExec);
            if (descriptor < 0)
            {
                if (Marshal.GetLastPInvokeError() == LibC.TooManyFiles)
                {
                    // Out of descriptors: the queue stays readable, so look again with the next tick instead of spinning.
                    _accepting = false;
                    _epoll.Modify(_listening, 0);
                }

                return;
            }

            Welcome(descriptor, SocketAddresses.Text(new ReadOnlySpan<byte>(address, length)));
        }
    }

    private void Welcome(int descriptor, string address)
    {
        if (_server.Clients.Count >= _server.Settings.MaxClients)
        {
            _server.Statistics.RejectedConnections++;
            fixed (byte* text = "-ERR max number of clients reached\r\n"u8)
            {
                _ = LibC.Send(descriptor, text, 36, LibC.NoSignal);
            }

            _ = LibC.Close(descriptor);
            return;
        }

        SetOptions(descriptor);
        var connection = new EpollConnection(descriptor, address, SocketAddresses.Local(descriptor), _server, this);
        if (descriptor >= _connections.Length)
        {
            Array.Resize(ref _connections, Math.Max(_connections.Length * 2, descriptor + 1));
        }

        _connections[descriptor] = connection;
        _server.Statistics.Connections++;
        _server.Clients.Add(connection.Client);
        _epoll.Add(descriptor, LibC.EpollIn);
    }

    private void SetOptions(int descriptor)
    {
        Set(descriptor, LibC.LevelTcp, LibC.NoDelay, 1);
        var seconds = _server.Settings.TcpKeepAliveSeconds;
        if (seconds > 0)
        {
            Set(descriptor, LibC.LevelSocket, LibC.KeepAlive, 1);
            Set(descriptor, LibC.LevelTcp, LibC.KeepIdle, seconds);
            Set(descriptor, LibC.LevelTcp, LibC.KeepInterval, Math.Max(1, seconds / 3));
            Set(descriptor, LibC.LevelTcp, LibC.KeepCount, 3);
        }
    }

    private static void Set(int descriptor, int level, int option, int value) => _ = LibC.SetOption(descriptor, level, option, &value, sizeof(int));
}

/// <summary>What other threads ask of a connection.</summary>
internal enum Posted
{
    /// <summary>Close it.</summary>
    Close,

    /// <summary>Go on with it: its deferred command is done.</summary>
    Done,

    /// <summary>Send what is in its inbox.</summary>
    Mail,
}

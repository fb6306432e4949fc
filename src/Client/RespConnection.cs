using System.Net.Sockets;
using Trefoil.Primitives;
using Trefoil.Wire.Resp;

namespace Trefoil.Client;

/// <summary>One connection to one node. Any number of callers may send at once; replies are matched in order.</summary>
/// <remarks>
/// Nothing is thrown for what a network does: a command that could not be sent answers an error reply with the code
/// <c>UNREACHABLE</c> (it surely did not run), one whose reply never came <c>CONNECTIONLOST</c> (it may have run).
/// A lost connection stays lost: its owner opens another.
/// </remarks>
public sealed class RespConnection : IAsyncDisposable
{
    /// <summary>Commands that may wait for their replies; the next sender waits for one of them.</summary>
    public const int MostInFlight = 4096;

    private readonly Socket _socket;
    private readonly SemaphoreSlim _room = new(MostInFlight);
    private readonly Lock _lock = new();
    private readonly Queue<TaskCompletionSource<RespReply>> _waiting = new(); // under _lock, in the order of _filling
    private RespWriter _filling = new(); // under _lock: commands not yet handed to the socket
    private RespWriter _sending = new(); // owned by the one running FlushAsync
    private bool _flushing; // under _lock: FlushAsync runs and will take what _filling holds
    private string? _lost; // under _lock: why the connection ended
    private Task _reading = Task.CompletedTask;

    private RespConnection(Socket socket, HostPort address)
    {
        _socket = socket;
        Address = address;
    }

    /// <summary>The node that was connected to.</summary>
    public HostPort Address { get; }

    /// <summary>False once the connection ended; every later command answers UNREACHABLE.</summary>
    public bool IsOpen
    {
        get
        {
            lock (_lock)
            {
                return _lost is null;
            }
        }
    }

    /// <summary>Connects; the text says why it failed.</summary>
    public static async Task<(RespConnection? Connection, string? Failure)> ConnectAsync(
        HostPort address, TimeSpan timeout, TimeProvider time, CancellationToken cancellation)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using var deadline = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellation);
        try
        {
            await socket.ConnectAsync(address.Host, address.Port, either.Token);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            socket.Dispose();
            cancellation.ThrowIfCancellationRequested();
            return (null, e is SocketException refused ? refused.Message : $"no connection within {timeout.TotalSeconds:0.#} s");
        }

        var connection = new RespConnection(socket, address);
        connection._reading = connection.ReadAsync();
        return (connection, null);
    }

    /// <summary>Sends a command of text arguments.</summary>
    public Task<RespReply> SendAsync(params ReadOnlySpan<string> arguments)
    {
        var command = new RespCommand(arguments);
        return SendAsync(command, CancellationToken.None);
    }

    /// <summary>Sends a command and returns its reply; cancelling gives up the wait, not the command.</summary>
    public async Task<RespReply> SendAsync(RespCommand command, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(command);
        await _room.WaitAsync(cancellation);
        var reply = new TaskCompletionSource<RespReply>(TaskCreationOptions.RunContinuationsAsynchronously);
        Enqueue([(command, reply)]);
        return await reply.Task.WaitAsync(cancellation);
    }

    /// <summary>Sends two commands with nothing between them and returns the second's reply: for one-shot prefixes such as ASKING.</summary>
    public async Task<RespReply> SendPairAsync(RespCommand first, RespCommand second, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        await _room.WaitAsync(cancellation);
        await _room.WaitAsync(cancellation);
        var ignored = new TaskCompletionSource<RespReply>();
        var reply = new TaskCompletionSource<RespReply>(TaskCreationOptions.RunContinuationsAsynchronously);
        Enqueue([(first, ignored), (second, reply)]);
        return await reply.Task.WaitAsync(cancellation);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Lose("the connection was closed by its owner");
        await _reading;
        _room.Dispose();
        _socket.Dispose();
    }

    private void Enqueue(ReadOnlySpan<(RespCommand Command, TaskCompletionSource<RespReply> Reply)> commands)
    {
        lock (_lock)
        {
            foreach (var (command, reply) in commands)
            {
                if (_lost is not null)
                {
                    _room.Release();
                    reply.TrySetResult(ClientErrors.Unreachable(Address, _lost));
                    continue;
                }

                command.Write(_filling);
                _waiting.Enqueue(reply);
            }

            if (!_flushing && _lost is null)
            {
                _flushing = true;
                _ = Task.Run(FlushAsync);
            }
        }
    }

    /// <summary>Sends what was filled until nothing is left: what callers add meanwhile leaves as one packet.</summary>
    private async Task FlushAsync()
    {
        while (true)
        {
            lock (_lock)
            {
                if (_filling.Length == 0 || _lost is not null)
                {
                    _flushing = false;
                    return;
                }

                (_filling, _sending) = (_sending, _filling);
            }

            try
            {
                while (_sending.Length > 0)
                {
                    _sending.Drain(await _socket.SendAsync(_sending.WrittenMemory, SocketFlags.None));
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                Lose(e.Message);
            }
        }
    }

    private async Task ReadAsync()
    {
        var reader = new RespReplyReader();
        var buffer = new byte[16 * 1024];
        try
        {
            while (true)
            {
                var count = await _socket.ReceiveAsync(buffer.AsMemory(), SocketFlags.None);
                if (count == 0)
                {
                    Lose("the node closed the connection");
                    return;
                }

                reader.Feed(buffer.AsSpan(0, count));
                while (reader.TryRead(out var reply))
                {
                    if (!reply.IsPush)
                    {
                        Complete(reply);
                    }
                }

                if (reader.Failure is { } failure)
                {
                    Lose("what the node sent is not RESP: " + failure);
                    return;
                }
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            Lose(e.Message);
        }
    }

    private void Complete(RespReply reply)
    {
        TaskCompletionSource<RespReply>? next;
        lock (_lock)
        {
            if (!_waiting.TryDequeue(out next))
            {
                return; // a last word before the server closes ("-ERR max number of clients reached")
            }
        }

        _room.Release();
        next.TrySetResult(reply);
    }

    private void Lose(string why)
    {
        List<TaskCompletionSource<RespReply>> unanswered;
        lock (_lock)
        {
            if (_lost is not null)
            {
                return;
            }

            _lost = why;
            unanswered = [.. _waiting];
            _waiting.Clear();
        }

        _socket.Close();
        foreach (var reply in unanswered)
        {
            _room.Release();
            reply.TrySetResult(ClientErrors.ConnectionLost(Address, why));
        }
    }
}

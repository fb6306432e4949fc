using System.Net.Sockets;
using Trefoil.KeyValue.Server;
using Trefoil.Primitives;
using Trefoil.Wire.Resp;

namespace Trefoil.KeyValue.PubSub;

/// <summary>Carries what is published here to one other node: a RESP connection that says TREFOIL.DELIVER and wants no replies. Thread-safe.</summary>
/// <remarks>
/// At most once, in order: what cannot be sent is dropped and counted, never sent again. A task runs only while there is something to send;
/// the connection stays open between. A node that cannot be reached costs one attempt per second.
/// </remarks>
internal sealed class PublishLink(KeyValueServer server, HostPort address) : IDisposable
{
    /// <summary>Bytes that may wait for a node that reads too slowly; more is dropped.</summary>
    public const int MaxQueuedBytes = 32 << 20;

    /// <summary>Bytes sent at a time.</summary>
    private const int BatchBytes = 256 * 1024;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan SendPatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Queue<byte[]> _queue = new();
    private Socket? _socket;
    private long _bytes;
    private long _failedAt;
    private bool _hasFailed;
    private bool _sending;
    private bool _disposed;

    /// <summary>Where the other node's RESP port is.</summary>
    public HostPort Address => address;

    /// <summary>Puts a whole command behind those that wait; false if there is no room.</summary>
    public bool Post(byte[] command)
    {
        lock (_lock)
        {
            if (_disposed || _bytes + command.Length > MaxQueuedBytes)
            {
                return false;
            }

            _queue.Enqueue(command);
            _bytes += command.Length;
            if (_sending)
            {
                return true;
            }

            _sending = true;
        }

        // Not on the publisher's thread, which may hold locks and has clients to serve.
        _ = Task.Run(SendAllAsync);
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _queue.Clear();
            _bytes = 0;
            _socket?.Dispose();
            _socket = null;
        }
    }

    private async Task SendAllAsync()
    {
        var batch = new List<byte[]>();
        while (TakeBatch(batch))
        {
            if (await SocketAsync() is not { } socket || !await TrySendAsync(socket, Joined(batch), SendPatience))
            {
                server.Statistics.Dropped(batch.Count);
            }
        }
    }

    /// <summary>False, and nobody sends any more, once nothing is left.</summary>
    private bool TakeBatch(List<byte[]> batch)
    {
        batch.Clear();
        lock (_lock)
        {
            for (var bytes = 0; bytes < BatchBytes && _queue.TryDequeue(out var command); bytes += command.Length)
            {
                batch.Add(command);
                _bytes -= command.Length;
            }

            return _sending = batch.Count > 0;
        }
    }

    private static byte[] Joined(List<byte[]> batch)
    {
        var joined = new byte[batch.Sum(command => command.Length)];
        var at = 0;
        foreach (var command in batch)
        {
            command.CopyTo(joined, at);
            at += command.Length;
        }

        return joined;
    }

    /// <summary>The open connection, or a new one; null if there can be none now.</summary>
    private async Task<Socket?> SocketAsync()
    {
        lock (_lock)
        {
            if (_socket is not null || _disposed || (_hasFailed && server.Time.GetElapsedTime(_failedAt) < Pause))
            {
                return _socket;
            }
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        var isOpen = await AttemptAsync(async cancellation => await socket.ConnectAsync(address.Host, address.Port, cancellation), Patience)
            && await IntroduceAsync(socket);
        lock (_lock)
        {
            _hasFailed = !isOpen;
            _failedAt = server.Time.GetTimestamp();
            if (!isOpen || _disposed)
            {
                socket.Dispose();
                return null;
            }

            _socket = socket;
        }

        _ = WatchAsync(socket);
        return socket;
    }

    /// <summary>Gives the cluster's password, if it has one, and asks for silence.</summary>
    private async Task<bool> IntroduceAsync(Socket socket)
    {
        if (server.Settings.Password is { Length: > 0 } password)
        {
            var answer = new byte[64];
            var count = 0;
            if (!await TrySendAsync(socket, Command("AUTH", password), Patience)
                || !await AttemptAsync(async cancellation => count = await socket.ReceiveAsync(answer, cancellation), Patience)
                || count == 0 || answer[0] != (byte)'+')
            {
                return false;
            }
        }

        return await TrySendAsync(socket, Command("CLIENT", "REPLY", "OFF"), Patience);
    }

    /// <summary>Nothing ever comes but the end, and that is to be noticed before the next message is lost on a dead connection.</summary>
    private async Task WatchAsync(Socket socket)
    {
        var buffer = new byte[64];
        try
        {
            while (await socket.ReceiveAsync(buffer) > 0)
            {
            }
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
        {
            // An end like any other.
        }

        Drop(socket);
    }

    private async Task<bool> TrySendAsync(Socket socket, ReadOnlyMemory<byte> bytes, TimeSpan patience)
    {
        while (!bytes.IsEmpty)
        {
            var sent = 0;
            if (!await AttemptAsync(async cancellation => sent = await socket.SendAsync(bytes, cancellation), patience))
            {
                Drop(socket);
                return false;
            }

            bytes = bytes[sent..];
        }

        return true;
    }

    private void Drop(Socket socket)
    {
        lock (_lock)
        {
            _socket = _socket == socket ? null : _socket;
        }

        socket.Dispose();
    }

    private async Task<bool> AttemptAsync(Func<CancellationToken, Task> step, TimeSpan patience)
    {
        using var deadline = new CancellationTokenSource(patience, server.Time);
        try
        {
            await step(deadline.Token);
            return true;
        }
        catch (Exception failure) when (failure is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            return false;
        }
    }

    private static byte[] Command(params string[] words)
    {
        using var writer = new RespWriter();
        writer.Array(words.Length);
        foreach (var word in words)
        {
            writer.Bulk(word);
        }

        return writer.Written.ToArray();
    }
}

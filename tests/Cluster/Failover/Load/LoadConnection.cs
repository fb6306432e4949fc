using System.Net.Sockets;
using System.Text;
using Trefoil.Primitives;
using Trefoil.Wire.Resp;

namespace Trefoil.Cluster.Failover.Load;

/// <summary>A blocking connection that is given up at the first time-out, as the clients of most languages do.</summary>
internal sealed class LoadConnection : IDisposable
{
    private readonly Socket _socket;
    private readonly RespReplyReader _reader = new();
    private readonly byte[] _buffer = new byte[16 * 1024];

    private LoadConnection(Socket socket) => _socket = socket;

    /// <summary>True once a reply did not come: whatever was sent without an answer may have been done.</summary>
    public bool IsLost { get; private set; }

    /// <summary>Connects over a socket of the caller's making, which decides the network it is in; null if that fails.</summary>
    public static LoadConnection? Open(HostPort node, Func<Socket> makeSocket, LoadOptions options)
    {
        var socket = makeSocket();
        try
        {
            socket.NoDelay = true;
            socket.ReceiveTimeout = (int)options.ReplyTimeout.TotalMilliseconds;
            socket.SendTimeout = (int)options.ReplyTimeout.TotalMilliseconds;
            using var deadline = new CancellationTokenSource(options.ConnectTimeout);
            socket.ConnectAsync(node.Host, node.Port, deadline.Token).AsTask().GetAwaiter().GetResult();
            return new LoadConnection(socket);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            socket.Dispose();
            return null;
        }
    }

    /// <summary>Sends commands as one pipeline and reads their replies; null if not all of them came.</summary>
    public RespReply[]? Call(params string[][] commands)
    {
        try
        {
            Send(commands);
            var replies = new RespReply[commands.Length];
            for (var i = 0; i < replies.Length; i++)
            {
                if (Read() is not { } reply)
                {
                    return Lose();
                }

                replies[i] = reply;
            }

            return replies;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return Lose();
        }
    }

    public void Dispose() => _socket.Dispose();

    private RespReply[]? Lose()
    {
        IsLost = true;
        _socket.Dispose();
        return null;
    }

    private void Send(string[][] commands)
    {
        var text = new StringBuilder();
        foreach (var command in commands)
        {
            text.Append('*').Append(command.Length).Append("\r\n");
            foreach (var word in command)
            {
                text.Append('$').Append(Encoding.UTF8.GetByteCount(word)).Append("\r\n").Append(word).Append("\r\n");
            }
        }

        var bytes = Encoding.UTF8.GetBytes(text.ToString());
        for (var sent = 0; sent < bytes.Length;)
        {
            sent += _socket.Send(bytes.AsSpan(sent));
        }
    }

    private RespReply? Read()
    {
        while (true)
        {
            if (_reader.TryRead(out var reply))
            {
                return reply;
            }

            var count = _reader.Failure is null ? _socket.Receive(_buffer) : 0;
            if (count == 0)
            {
                return null;
            }

            _reader.Feed(_buffer.AsSpan(0, count));
        }
    }
}

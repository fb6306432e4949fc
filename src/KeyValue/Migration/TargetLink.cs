using System.Globalization;
using System.Net.Sockets;
using Trefoil.Wire.Resp;

namespace Trefoil.KeyValue.Migration;

/// <summary>A connection to the node that keys move to. What goes wrong is a value: false, and <see cref="TimedOut"/> or not.</summary>
internal sealed class TargetLink : IDisposable
{
    /// <summary>The database of a link on which none was selected yet, or on which that is not known.</summary>
    public const long NoDatabase = -1;

    private const int ReceiveBytes = 4096;

    private readonly Socket _socket;
    private readonly TimeProvider _time;
    private readonly RespReplyReader _replies = new();
    private readonly byte[] _buffer = new byte[ReceiveBytes];

    private TargetLink(Socket socket, string host, string port, TimeProvider time) => (_socket, Host, Port, _time) = (socket, host, port, time);

    public string Host { get; }

    public string Port { get; }

    /// <summary>The database that is selected there.</summary>
    public long Database { get; set; } = NoDatabase;

    /// <summary>When it was last given back, a timestamp.</summary>
    public long IdleSince { get; set; }

    /// <summary>The last failure was that the target took too long.</summary>
    public bool TimedOut { get; private set; }

    /// <summary>The last failure was that somebody is there but does not want us; not that nobody could be reached.</summary>
    public bool Refused { get; private set; }

    /// <summary>A link that is not connected yet.</summary>
    public static TargetLink To(string host, string port, TimeProvider time) =>
        new(new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true }, host, port, time);

    /// <summary>Connects within <paramref name="timeout"/>.</summary>
    public async Task<bool> ConnectAsync(TimeSpan timeout, CancellationToken stopping)
    {
        _ = int.TryParse(Port, NumberStyles.None, CultureInfo.InvariantCulture, out var number);
        if (number is > 0 and <= ushort.MaxValue)
        {
            return await AttemptAsync(async cancellation => await _socket.ConnectAsync(Host, number, cancellation), timeout, stopping);
        }

        // What is no number is port 0, which nobody listens on.
        Refused = number == 0;
        return false;
    }

    /// <summary>Sends all of it; each 64 KiB must leave within <paramref name="timeout"/>.</summary>
    public async Task<bool> SendAsync(ReadOnlyMemory<byte> bytes, TimeSpan timeout, CancellationToken stopping)
    {
        const int Piece = 64 * 1024;
        while (!bytes.IsEmpty)
        {
            var sent = 0;
            if (!await AttemptAsync(
                async cancellation => sent = await _socket.SendAsync(bytes[..Math.Min(Piece, bytes.Length)], cancellation), timeout, stopping))
            {
                return false;
            }

            bytes = bytes[sent..];
        }

        return true;
    }

    /// <summary>The next reply, waited for until <paramref name="timeout"/> passes without a byte; null if there is none.</summary>
    public async Task<RespReply?> ReceiveAsync(TimeSpan timeout, CancellationToken stopping)
    {
        RespReply? reply;
        while (!_replies.TryRead(out reply))
        {
            var count = 0;
            if (_replies.Failure is not null
                || !await AttemptAsync(async cancellation => count = await _socket.ReceiveAsync(_buffer, cancellation), timeout, stopping)
                || count == 0)
            {
                return null;
            }

            _replies.Feed(_buffer.AsSpan(0, count));
        }

        return reply;
    }

    /// <summary>A reply that has arrived already.</summary>
    public bool TryReceive(out RespReply? reply) => _replies.TryRead(out reply);

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private async Task<bool> AttemptAsync(Func<CancellationToken, Task> step, TimeSpan timeout, CancellationToken stopping)
    {
        (TimedOut, Refused) = (false, false);
        using var deadline = new CancellationTokenSource(timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, stopping);
        try
        {
            await step(either.Token);
            return true;
        }
        catch (Exception failure) when (failure is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // A stop counts as a timeout: neither is tried again.
            TimedOut = failure is OperationCanceledException or SocketException { SocketErrorCode: SocketError.TimedOut };
            Refused = failure is SocketException { SocketErrorCode: SocketError.ConnectionRefused or SocketError.ConnectionReset };
            return false;
        }
    }
}

using System.Globalization;
using System.Net.Sockets;
using Trefoil.Wire.Resp;

namespace Trefoil.KeyValue.Migration;

/// <summary>A <see cref="TargetLink"/> over a socket.</summary>
internal sealed class SocketLink(string host, string port, TimeProvider time) : TargetLink(host, port)
{
    private const int ReceiveBytes = 4096;

    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly RespReplyReader _replies = new();
    private readonly byte[] _buffer = new byte[ReceiveBytes];

    /// <inheritdoc/>
    public override async Task<bool> ConnectAsync(TimeSpan timeout, CancellationToken stopping)
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

    /// <inheritdoc/>
    public override async Task<bool> SendAsync(ReadOnlyMemory<byte> bytes, TimeSpan timeout, CancellationToken stopping)
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

    /// <inheritdoc/>
    public override async Task<RespReply?> ReceiveAsync(TimeSpan timeout, CancellationToken stopping)
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

    /// <inheritdoc/>
    public override bool TryReceive(out RespReply? reply) => _replies.TryRead(out reply);

    /// <inheritdoc/>
    public override void Dispose() => _socket.Dispose();

    private async Task<bool> AttemptAsync(Func<CancellationToken, Task> step, TimeSpan timeout, CancellationToken stopping)
    {
        (TimedOut, Refused) = (false, false);
        using var deadline = new CancellationTokenSource(timeout, time);
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

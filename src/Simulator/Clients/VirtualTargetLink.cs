#pragma warning disable RS0030 // The engine waits for its links with tasks; they complete in events of the world.
using System.Globalization;
using Trefoil.KeyValue.Migration;
using Trefoil.Wire.Resp;

namespace Trefoil.Simulator.Clients;

/// <summary>MIGRATE's way to another node, over the world's network.</summary>
internal sealed class VirtualTargetLink(Simulation world, SimulatedNode from, string host, string port) : TargetLink(host, port)
{
    private readonly Queue<RespReply> _replies = new();
    private readonly uint _life = from.Life;
    private VirtualConnection? _connection;
    private TaskCompletionSource<bool>? _awaited;
    private int _step;

    /// <inheritdoc/>
    public override async Task<bool> ConnectAsync(TimeSpan timeout, CancellationToken stopping)
    {
        if (world.NodeAt(Host) is not { } to)
        {
            return false;
        }

        var address = string.Create(CultureInfo.InvariantCulture, $"{from.Host}:{40000 + to.Index}");
        _connection = VirtualConnection.Between(world, from.Index, address, to);
        _connection.Connected = Heard;
        _connection.Unasked = reply =>
        {
            if (reply is not null)
            {
                _replies.Enqueue(reply);
                Heard(true);
            }
        };
        var connected = await HearAsync(timeout);
        Refused = _connection.WasRefused;
        return connected;
    }

    /// <inheritdoc/>
    public override Task<bool> SendAsync(ReadOnlyMemory<byte> bytes, TimeSpan timeout, CancellationToken stopping)
    {
        (TimedOut, Refused) = (false, false);
        if (_connection is not { IsOpen: true })
        {
            return Task.FromResult(false);
        }

        _connection.Send(bytes.ToArray());
        return Task.FromResult(true);
    }

    /// <inheritdoc/>
    public override async Task<RespReply?> ReceiveAsync(TimeSpan timeout, CancellationToken stopping)
    {
        RespReply? reply;
        while (!_replies.TryDequeue(out reply))
        {
            if (_connection is not { IsOpen: true } || !await HearAsync(timeout))
            {
                return null;
            }
        }

        return reply;
    }

    /// <inheritdoc/>
    public override bool TryReceive(out RespReply? reply) => _replies.TryDequeue(out reply);

    /// <inheritdoc/>
    public override void Dispose() => _connection?.Close();

    /// <summary>True when something comes, false when the other end closes or the time is over.</summary>
    private Task<bool> HearAsync(TimeSpan timeout)
    {
        TimedOut = false;
        var step = ++_step;
        _awaited = new TaskCompletionSource<bool>();
        world.Queue.At(world.Now + timeout, () =>
        {
            if (step == _step && _awaited is { } waiting)
            {
                TimedOut = true;
                _awaited = null;
                waiting.SetResult(false);
            }
        });
        return _awaited.Task;
    }

    private void Heard(bool isOpen)
    {
        if (from.Life != _life)
        {
            Dispose();
            return;
        }

        (var waiting, _awaited) = (_awaited, null);
        waiting?.SetResult(isOpen);
    }
}

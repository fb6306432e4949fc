using Trefoil.Primitives;
using Trefoil.Wire.Resp;

namespace Trefoil.Client;

/// <summary>Sends each command to the node that serves its key, and follows the cluster when slots move or nodes fail.</summary>
/// <remarks>
/// One connection per node, shared by all callers. Thread-safe. MOVED corrects the slot map, ASK is followed once, and
/// what surely did not run is tried again with growing pauses until the deadline; what may have run is the caller's to decide.
/// </remarks>
public sealed class ClusterClient(IReadOnlyList<HostPort> seeds, ClusterClientOptions options, TimeProvider time) : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<HostPort, Task<(RespConnection? Connection, string? Failure)>> _connections = []; // under _lock
    private volatile SlotMap _map = SlotMap.Empty;
    private long _redirects;

    /// <summary>The map as far as it is known; <see cref="RefreshAsync"/> fetches it.</summary>
    public SlotMap Map => _map;

    /// <summary>Redirects followed so far.</summary>
    public long RedirectsFollowed => Interlocked.Read(ref _redirects);

    /// <summary>Sends a command whose first argument after the name is its key.</summary>
    public Task<RespReply> SendAsync(params ReadOnlySpan<string> arguments)
    {
        var command = new RespCommand(arguments);
        return SendAsync(HashSlot.Of(command.Arguments[1].Span), command, CancellationToken.None);
    }

    /// <summary>Sends a command to the node that serves <paramref name="slot"/>.</summary>
    /// <returns>The node's reply; an error reply if the deadline passed or the redirects led nowhere.</returns>
    public async Task<RespReply> SendAsync(int slot, RespCommand command, CancellationToken cancellation)
    {
        var start = time.GetTimestamp();
        var pause = options.FirstPause;
        while (true)
        {
            var reply = await TryOnceAsync(slot, command, cancellation);
            if (!ClientErrors.IsRetryable(reply) || time.GetElapsedTime(start) + pause > options.Deadline)
            {
                return reply;
            }

            await Task.Delay(pause, time, cancellation);
            pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, options.LongestPause.Ticks));
            await RefreshAsync(cancellation);
        }
    }

    /// <summary>Sends a command to one named node, wherever its key lives; redirects are returned, not followed.</summary>
    public async Task<RespReply> SendToAsync(HostPort node, RespCommand command, CancellationToken cancellation)
    {
        var (connection, failure) = await ConnectAsync(node);
        return connection is null
            ? ClientErrors.Unreachable(node, failure!)
            : await connection.SendAsync(command, cancellation);
    }

    /// <summary>Asks the known nodes, then the seeds, for the slot map until one answers; false if none does.</summary>
    public async Task<bool> RefreshAsync(CancellationToken cancellation)
    {
        foreach (var node in _map.Nodes.Concat(seeds).Distinct())
        {
            var reply = await SendToAsync(node, ClusterSlots, cancellation);
            if (SlotMap.Parse(reply, node) is { Nodes.Count: > 0 } map)
            {
                _map = map;
                return true;
            }
        }

        return false;
    }

    /// <summary>Corrects the map by what was learnt elsewhere; if it is wrong the next MOVED corrects it again.</summary>
    public void Correct(int slot, HostPort owner) => _map = _map.With(slot, owner);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        List<Task<(RespConnection? Connection, string? Failure)>> all;
        lock (_lock)
        {
            all = [.. _connections.Values];
            _connections.Clear();
        }

        foreach (var connecting in all)
        {
            if ((await connecting).Connection is { } connection)
            {
                await connection.DisposeAsync();
            }
        }
    }

    private static RespCommand ClusterSlots { get; } = new("CLUSTER", "SLOTS");

    private static RespCommand Asking { get; } = new("ASKING");

    private async Task<RespReply> TryOnceAsync(int slot, RespCommand command, CancellationToken cancellation)
    {
        if (_map.OwnerOf(slot) is null)
        {
            await RefreshAsync(cancellation);
        }

        if (_map.OwnerOf(slot) is not { } node)
        {
            return ClientErrors.NoOwner(slot);
        }

        var reply = await SendToAsync(node, command, cancellation);
        for (var hop = 0; hop < options.MostRedirects && Redirect.Parse(reply, node) is { } redirect; hop++)
        {
            Interlocked.Increment(ref _redirects);
            node = redirect.Target;
            if (!redirect.Ask)
            {
                Correct(redirect.Slot, node);
            }

            reply = await FollowAsync(redirect, command, cancellation);
        }

        return reply;
    }

    private async Task<RespReply> FollowAsync(Redirect redirect, RespCommand command, CancellationToken cancellation)
    {
        var (connection, failure) = await ConnectAsync(redirect.Target);
        if (connection is null)
        {
            return ClientErrors.Unreachable(redirect.Target, failure!);
        }

        // ASKING counts for the next command of the connection only, so the two must leave with nothing between them.
        return redirect.Ask
            ? await connection.SendPairAsync(Asking, command, cancellation)
            : await connection.SendAsync(command, cancellation);
    }

    /// <summary>The open connection to a node, or a new one; callers that come at once share the attempt.</summary>
    private Task<(RespConnection? Connection, string? Failure)> ConnectAsync(HostPort node)
    {
        lock (_lock)
        {
            if (_connections.TryGetValue(node, out var known)
                && (!known.IsCompleted || known is { IsCompletedSuccessfully: true, Result.Connection.IsOpen: true }))
            {
                return known;
            }

            return _connections[node] = RespConnection.ConnectAsync(node, options.ConnectTimeout, time, CancellationToken.None);
        }
    }
}

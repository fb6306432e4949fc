using Trefoil.Client;
using Trefoil.Primitives;
using Trefoil.Wire.Resp;

namespace Trefoil.Node.Cluster;

/// <summary>Asks owners of slots to give one up: one open connection to each node, since a rebalance asks thousands of times.</summary>
/// <param name="password">What the RESP ports of this cluster ask for; empty: nothing.</param>
/// <param name="time">For time-outs.</param>
internal sealed class OwnerLinks(Func<string> password, TimeProvider time) : IAsyncDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);
    private readonly Lock _lock = new();
    private readonly Dictionary<HostPort, Task<(RespConnection? Connection, string? Failure)>> _links = []; // under _lock

    /// <summary>The reply of the node behind this RESP port; null, and why, if it cannot be asked.</summary>
    public async Task<(RespReply? Reply, string Problem)> AskAsync(HostPort node, RespCommand command, CancellationToken cancellation)
    {
        var (connection, failure) = await LinkTo(node).WaitAsync(cancellation);
        return connection is null
            ? (null, $"cannot reach {node}: {failure}")
            : (await connection.SendAsync(command, cancellation), "");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        List<Task<(RespConnection? Connection, string? Failure)>> all;
        lock (_lock)
        {
            all = [.. _links.Values];
            _links.Clear();
        }

        foreach (var link in all)
        {
            if ((await link).Connection is { } connection)
            {
                await connection.DisposeAsync();
            }
        }
    }

    private Task<(RespConnection? Connection, string? Failure)> LinkTo(HostPort node)
    {
        lock (_lock)
        {
            if (_links.TryGetValue(node, out var known)
                && (!known.IsCompleted || known is { IsCompletedSuccessfully: true, Result.Connection.IsOpen: true }))
            {
                return known;
            }

            return _links[node] = ConnectAsync(node);
        }
    }

    private async Task<(RespConnection? Connection, string? Failure)> ConnectAsync(HostPort node)
    {
        var (connection, failure) = await RespConnection.ConnectAsync(node, Timeout, time, CancellationToken.None);
        if (connection is null || password() is not { Length: > 0 } secret)
        {
            return (connection, failure);
        }

        var reply = await connection.SendAsync("AUTH", secret);
        if (!reply.IsError)
        {
            return (connection, null);
        }

        await connection.DisposeAsync();
        return (null, reply.Text);
    }
}

using Trefoil.KeyValue.Server;

namespace Trefoil.KeyValue.Connections;

/// <summary>The connected clients, oldest first. Thread-safe.</summary>
public sealed class ClientRegistry
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<long, Connection> _clients = [];
    private long _lastId;
    private int _count;

    /// <summary>How many there are.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>A copy, ordered by id.</summary>
    public IReadOnlyList<Connection> All
    {
        get
        {
            lock (_lock)
            {
                return [.. _clients.Values];
            }
        }
    }

    /// <summary>The client with this id, or null.</summary>
    internal Connection? Find(long id)
    {
        lock (_lock)
        {
            return _clients.GetValueOrDefault(id);
        }
    }

    internal long NextId() => Interlocked.Increment(ref _lastId);

    internal void Add(Connection connection)
    {
        lock (_lock)
        {
            _clients.Add(connection.Id, connection);
            _count++;
        }
    }

    internal void Remove(Connection connection)
    {
        connection.DropWatches();
        connection.Context.Server.PubSub.Forget(connection);
        connection.Context.Server.Monitors.Remove(connection);
        connection.Blocked?.Abandon();
        connection.Streaming?.Dispose();
        lock (_lock)
        {
            if (_clients.Remove(connection.Id))
            {
                _count--;
            }
        }
    }

    /// <summary>Closes those that were idle too long or have not read their replies for too long.</summary>
    internal void Tick(KeyValueServer server, long nowMs)
    {
        var idleMs = server.Settings.IdleTimeoutSeconds * 1000L;
        if (idleMs == 0 && server.Settings.NormalOutput.Soft == 0 && (server.Settings.PubSubOutput.Soft == 0 || !server.PubSub.Any))
        {
            return;
        }

        foreach (var client in All)
        {
            if (idleMs > 0 && nowMs - client.LastInteractionMs > idleMs && !client.Waiting && !client.IsSubscribed && !client.IsMonitor)
            {
                client.Abort();
            }
            else if (client.OverSoftLimit(client.LimitIn(server.Settings), nowMs))
            {
                server.Statistics.OutputLimitDisconnections++;
                client.Abort();
            }
        }
    }
}

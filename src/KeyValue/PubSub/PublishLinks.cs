using Trefoil.KeyValue.Cluster;
using Trefoil.KeyValue.Server;
using Trefoil.Primitives;
using Trefoil.Wire.Resp;

namespace Trefoil.KeyValue.PubSub;

/// <summary>The ways to all other nodes: a message published on one node of a cluster reaches subscribers on every node. Thread-safe.</summary>
/// <remarks>
/// As on Redis' cluster bus every node gets every message, wanted or not: which node has subscribers would have to be agreed on, and a message
/// that comes right after a SUBSCRIBE elsewhere must not be missed because news of it is under way.
/// </remarks>
internal sealed class PublishLinks(KeyValueServer server) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<NodeId, PublishLink> _links = [];

    /// <summary>Nodes that there is a way to.</summary>
    public int Count => _links.Count;

    /// <summary>Sends a message on its way to every other node that is not known to be dead; never waits.</summary>
    public void Broadcast(ReadOnlySpan<byte> channel, ReadOnlySpan<byte> payload)
    {
        var topology = server.View.Topology;
        if (topology.Nodes.Count < 2)
        {
            return;
        }

        using var writer = new RespWriter();
        writer.Array(3);
        writer.Bulk("TREFOIL.DELIVER"u8);
        writer.Bulk(channel);
        writer.Bulk(payload);
        var command = writer.Written.ToArray();
        lock (_lock)
        {
            foreach (var node in topology.Nodes)
            {
                if (node.Id != server.Cluster.Self && server.Cluster.HealthOf(node.Id).State != NodeLiveness.Dead
                    && !LinkTo(node.Id, new HostPort(node.Endpoints.Host, node.Endpoints.RespPort)).Post(command))
                {
                    server.Statistics.Dropped(1);
                }
            }
        }
    }

    /// <summary>Lets go of nodes that have left or are dead. To be called now and then.</summary>
    public void Tick()
    {
        if (Count == 0)
        {
            return;
        }

        lock (_lock)
        {
            foreach (var (id, link) in _links.ToArray())
            {
                if (server.View.Topology.Find(id) is null || server.Cluster.HealthOf(id).State == NodeLiveness.Dead)
                {
                    link.Dispose();
                    _links.Remove(id);
                }
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            foreach (var link in _links.Values)
            {
                link.Dispose();
            }

            _links.Clear();
        }
    }

    private PublishLink LinkTo(NodeId id, HostPort address)
    {
        if (_links.TryGetValue(id, out var link) && link.Address == address)
        {
            return link;
        }

        link?.Dispose();
        return _links[id] = new PublishLink(server, address);
    }
}

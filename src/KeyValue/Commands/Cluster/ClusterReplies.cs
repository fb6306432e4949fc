using System.Globalization;
using System.Text;
using Trefoil.KeyValue.Cluster;
using Trefoil.KeyValue.Server;
using Trefoil.Sharding;
using Trefoil.Wire.Resp;

namespace Trefoil.KeyValue.Commands.Cluster;

/// <summary>The shapes in which CLUSTER shows the topology: client-contract.md, section 2.</summary>
internal static class ClusterReplies
{
    /// <summary>This node's record; while it is in no topology, what it says of itself.</summary>
    public static NodeRecord Myself(CommandContext context)
    {
        if (context.Cluster.Topology.Find(context.Cluster.Self) is { } node)
        {
            return node;
        }

        var fields = context.Cluster.Describe().Fields;
        string Field(string name) => fields.FirstOrDefault(field => field.Key == name).Value ?? "";
        int Port(string name) => int.TryParse(Field(name), NumberStyles.None, CultureInfo.InvariantCulture, out var port) ? port : 0;
        var host = Field("host") is { Length: > 0 } announced ? announced : context.Server.Settings.Bind;
        return new NodeRecord
        {
            Id = context.Cluster.Self,
            ShardId = context.Cluster.Self,
            Endpoints = new NodeEndpoints(host, RespPort: Port("resp-port"), SwimPort: Port("swim-port")),
        };
    }

    public static void Info(CommandContext context)
    {
        var view = context.Server.View;
        var topology = view.Topology;
        var statistics = context.Cluster.Statistics;
        var text = new StringBuilder();
        void Line(string name, object value) => text.Append(CultureInfo.InvariantCulture, $"{name}:{value}\r\n");
        Line("cluster_state", view.IsUp ? "ok" : "fail");
        Line("cluster_slots_assigned", topology.AssignedSlots);
        Line("cluster_slots_ok", view.SlotsOk);
        Line("cluster_slots_pfail", view.SlotsSuspect);
        Line("cluster_slots_fail", view.SlotsFailed);
        Line("cluster_known_nodes", Math.Max(1, topology.Nodes.Count));
        Line("cluster_size", view.Size);
        Line("cluster_current_epoch", topology.CurrentEpoch);
        Line("cluster_my_epoch", EpochOf(topology, Myself(context)));
        Messages(text, statistics.Sent, "sent");
        Messages(text, statistics.Received, "received");
        Line("total_cluster_links_buffer_limit_exceeded", 0);
        context.Reply.Verbatim("txt", text.ToString());
    }

    public static void Nodes(CommandContext context)
    {
        var topology = context.Cluster.Topology;
        var text = new StringBuilder();
        foreach (var node in topology.Nodes)
        {
            NodeLine(text, context, node);
            text.Append('\n');
        }

        if (topology.Find(context.Cluster.Self) is null)
        {
            NodeLine(text, context, Myself(context));
            text.Append('\n');
        }

        context.Reply.Verbatim("txt", text.ToString());
    }

    /// <summary><c>id ip:port@cport[,hostname] flags master ping-sent pong-received epoch link slots...</c></summary>
    public static void NodeLine(StringBuilder text, CommandContext context, NodeRecord node)
    {
        var mine = node.Id == context.Cluster.Self;
        var health = mine ? new NodeHealth(NodeLiveness.Alive) : context.Cluster.HealthOf(node.Id);
        var at = node.Endpoints;
        text.Append(CultureInfo.InvariantCulture, $"{node.RespId} {at.Host}:{at.RespPort}@{at.SwimPort}");
        text.Append(at.Hostname.Length > 0 ? $",{at.Hostname} " : " ");
        text.Append(mine ? "myself," : "").Append(node.IsPrimary ? "master" : "slave");
        text.Append(health.State switch { NodeLiveness.Suspect => ",fail?", NodeLiveness.Dead => ",fail", _ => "" });
        text.Append(' ').Append(node.IsPrimary ? "-" : NodeRecord.RespIdOf(node.PrimaryId));
        text.Append(CultureInfo.InvariantCulture, $" {health.PingSentMs} {health.PongReceivedMs} {EpochOf(context.Cluster.Topology, node)} ");
        text.Append(mine || health.LinkConnected ? "connected" : "disconnected");
        foreach (var range in context.Cluster.Topology.RangesOf(node.Id))
        {
            text.Append(' ').Append(range.ToString());
        }

        foreach (var mark in mine ? context.Cluster.Topology.Marks : SlotMarks.None)
        {
            if (mark.Holder == node.Id)
            {
                var arrow = mark.Kind == SlotMarkKind.Migrating ? "->-" : "-<-";
                text.Append(CultureInfo.InvariantCulture, $" [{mark.Slot}{arrow}{NodeRecord.RespIdOf(mark.Peer)}]");
            }
        }
    }

    /// <summary>One entry per contiguous range. While the map has holes the last full one is shown: a client must never see a hole or an empty host.</summary>
    public static void Slots(CommandContext context)
    {
        var topology = context.Server.FullMap;
        var ranges = topology.Nodes.SelectMany(node => topology.RangesOf(node.Id).Select(range => (range, node)))
            .OrderBy(entry => entry.range.Start).ToList();
        context.Reply.Array(ranges.Count);
        foreach (var (range, owner) in ranges)
        {
            var nodes = topology.Nodes.Where(node => node.PrimaryId == owner.Id && IsReadable(context, topology, node)).Prepend(owner).ToList();
            context.Reply.Array(2 + nodes.Count);
            context.Reply.Integer(range.Start);
            context.Reply.Integer(range.End);
            foreach (var node in nodes)
            {
                SlotNode(context.Reply, node);
            }
        }
    }

    public static void Shards(CommandContext context)
    {
        var topology = context.Cluster.Topology;
        var primaries = topology.Nodes.Where(node => node.IsPrimary).ToList();
        if (primaries.Count == 0)
        {
            primaries.Add(Myself(context));
        }

        context.Reply.Array(primaries.Count);
        foreach (var primary in primaries)
        {
            context.Reply.Map(2);
            context.Reply.Bulk("slots"u8);
            var ranges = topology.RangesOf(primary.Id).ToList();
            context.Reply.Array(ranges.Count * 2);
            foreach (var range in ranges)
            {
                context.Reply.Integer(range.Start);
                context.Reply.Integer(range.End);
            }

            context.Reply.Bulk("nodes"u8);
            var nodes = topology.Nodes.Where(node => node.PrimaryId == primary.Id).Prepend(primary).ToList();
            context.Reply.Array(nodes.Count);
            foreach (var node in nodes)
            {
                ShardNode(context, node);
            }
        }
    }

    public static void Links(CommandContext context)
    {
        var links = context.Cluster.Statistics.Links;
        context.Reply.Array(links.Count);
        foreach (var link in links)
        {
            context.Reply.Map(6);
            Pair(context.Reply, "direction", link.Outgoing ? "to" : "from");
            Pair(context.Reply, "node", NodeRecord.RespIdOf(link.Node));
            context.Reply.Bulk("create-time"u8);
            context.Reply.Integer(link.CreatedMs);
            Pair(context.Reply, "events", "rw");
            context.Reply.Bulk("send-buffer-allocated"u8);
            context.Reply.Integer(link.SendBufferBytes);
            context.Reply.Bulk("send-buffer-used"u8);
            context.Reply.Integer(link.SendBufferBytes);
        }
    }

    private static void SlotNode(RespWriter reply, NodeRecord node)
    {
        reply.Array(4);
        reply.Bulk(node.Endpoints.Host);
        reply.Integer(node.Endpoints.RespPort);
        reply.Bulk(node.RespId);
        if (node.Endpoints.Hostname.Length == 0)
        {
            reply.Map(0);
        }
        else
        {
            reply.Map(1);
            Pair(reply, "hostname", node.Endpoints.Hostname);
        }
    }

    private static void ShardNode(CommandContext context, NodeRecord node)
    {
        var reply = context.Reply;
        var hostname = node.Endpoints.Hostname;
        reply.Map(hostname.Length > 0 ? 8 : 7);
        Pair(reply, "id", node.RespId);
        reply.Bulk("port"u8);
        reply.Integer(node.Endpoints.RespPort);
        Pair(reply, "ip", node.Endpoints.Host);
        Pair(reply, "endpoint", node.Endpoints.Host);
        if (hostname.Length > 0)
        {
            Pair(reply, "hostname", hostname);
        }

        Pair(reply, "role", node.IsPrimary ? "master" : "replica");
        reply.Bulk("replication-offset"u8);
        reply.Integer(OffsetOf(context.Server, node));
        Pair(reply, "health", Health(context, node) == NodeLiveness.Dead ? "fail" : IsLoading(context.Cluster.Topology, node) ? "loading" : "online");
    }

    /// <summary>End of this node's log.</summary>
    public static long OffsetHere(KeyValueServer server) => (long)Math.Max(server.Store.LastLsn, server.Replication.Status?.LastLsn ?? 0);

    /// <summary>End of a node's log as far as this one knows: of its own shard by the last word of each, of others nothing.</summary>
    private static long OffsetOf(KeyValueServer server, NodeRecord node) =>
        node.Id == server.Cluster.Self ? OffsetHere(server)
        : node.Id == server.View.Primary ? (long)(server.Replication.Status?.PrimaryLsn ?? 0)
        : (long)(server.Replication.Find(node.Id)?.ReceivedLsn ?? 0);

    /// <summary>A replica shows the epoch of its primary, as in Redis.</summary>
    private static ulong EpochOf(Topology topology, NodeRecord node) =>
        node.IsPrimary ? node.ConfigEpoch : topology.Find(node.PrimaryId)?.ConfigEpoch ?? node.ConfigEpoch;

    /// <summary>A replica that has not caught up with its primary since it became one, or came back: everybody knows who has.</summary>
    private static bool IsLoading(Topology topology, NodeRecord node) =>
        topology.ShardOf(node.Id) is { } shard && !shard.ReplicaSet.Contains(node.Id);

    private static bool IsReadable(CommandContext context, Topology topology, NodeRecord replica) =>
        Health(context, replica) != NodeLiveness.Dead && !IsLoading(topology, replica);

    private static NodeLiveness Health(CommandContext context, NodeRecord node) =>
        node.Id == context.Cluster.Self ? NodeLiveness.Alive : context.Cluster.HealthOf(node.Id).State;

    private static void Messages(StringBuilder text, IReadOnlyList<KeyValuePair<string, long>> counts, string direction)
    {
        foreach (var (kind, count) in counts)
        {
            text.Append(CultureInfo.InvariantCulture, $"cluster_stats_messages_{kind}_{direction}:{count}\r\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"cluster_stats_messages_{direction}:{counts.Sum(count => count.Value)}\r\n");
    }

    private static void Pair(RespWriter reply, string name, string value)
    {
        reply.Bulk(name);
        reply.Bulk(value);
    }
}

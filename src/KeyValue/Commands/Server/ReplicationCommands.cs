using System.Globalization;
using Trefoil.Replication;
using Trefoil.Sharding;
using ClusterReplies = Trefoil.KeyValue.Commands.Cluster.ClusterReplies;

namespace Trefoil.KeyValue.Commands.Server;

/// <summary>ROLE, and the commands by which Redis without a cluster replicates: refused with its texts.</summary>
internal static class ReplicationCommands
{
    public static IEnumerable<CommandBinding> Bindings =>
    [
        new("role", Role),
        new("replicaof", context => context.Reply.Error("ERR REPLICAOF not allowed in cluster mode."u8)),
        new("slaveof", context => context.Reply.Error("ERR REPLICAOF not allowed in cluster mode."u8)),
        new("failover", context => context.Reply.Error("ERR FAILOVER not allowed in cluster mode. Use CLUSTER FAILOVER command instead."u8)),
        new("sync", SyncCommand.Run),
    ];

    /// <summary>The state of a replica's link, in ROLE's words.</summary>
    public static string LinkState(ReplicaStatus? status) => status switch
    {
        null => "connect",
        { Syncing: true } => "sync",
        { LinkUp: true } => "connected",
        _ => "connecting",
    };

    private static void Role(CommandContext context)
    {
        var reply = context.Reply;
        var status = context.Server.Replication.Status;
        var topology = context.Cluster.Topology;
        if (topology.Find(context.Server.View.Primary) is { } primary)
        {
            reply.Array(5);
            reply.Bulk("slave"u8);
            reply.Bulk(primary.Endpoints.Host);
            reply.Integer(primary.Endpoints.RespPort);
            reply.Bulk(LinkState(status));
            reply.Integer(ClusterReplies.OffsetHere(context.Server));
            return;
        }

        var copies = new List<(NodeRecord Node, FollowerStatus Follower)>();
        foreach (var follower in context.Server.Replication.Connected(context.Cluster))
        {
            if (follower.State == FollowerState.Online && topology.Find(follower.Id) is { } node)
            {
                copies.Add((node, follower));
            }
        }

        reply.Array(3);
        reply.Bulk("master"u8);
        reply.Integer(ClusterReplies.OffsetHere(context.Server));
        reply.Array(copies.Count);
        foreach (var (node, follower) in copies)
        {
            reply.Array(3);
            reply.Bulk(node.Endpoints.Host);
            reply.Bulk(node.Endpoints.RespPort.ToString(CultureInfo.InvariantCulture));
            reply.Bulk(follower.ReceivedLsn.ToString(CultureInfo.InvariantCulture));
        }
    }
}

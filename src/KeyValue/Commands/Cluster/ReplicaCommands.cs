using System.Globalization;
using System.Text;
using Trefoil.KeyValue.Cluster;
using Trefoil.Sharding;
using Trefoil.Wire.Resp;

namespace Trefoil.KeyValue.Commands.Cluster;

/// <summary>CLUSTER REPLICATE, REPLICAS, FAILOVER. Checks and texts are Redis 7.0's, in its order; OK means that this node shows it.</summary>
internal static class ReplicaCommands
{
    private const string NoMajority =
        "CLUSTERDOWN No majority of the cluster's voters is in reach, so nobody can be promoted safely. If they are gone for good, stop this node and run "
        + "`trefoil cluster recover --unsafe`";

    public static IEnumerable<CommandBinding> Bindings =>
    [
        new("cluster|replicate", Replicate),
        new("cluster|failover", Failover),
        new("cluster|replicas", Replicas),
        new("cluster|slaves", Replicas),
    ];

    private static void Replicate(CommandContext context)
    {
        if (ClusterCommands.Member(context, 2) is not { } primary)
        {
            return;
        }

        var self = context.Cluster.Self;
        if (primary.Id == self)
        {
            context.Reply.Error(Refusals.ReplicateSelf);
        }
        else if (!primary.IsPrimary)
        {
            context.Reply.Error(Refusals.ReplicateReplica);
        }
        else if (context.Cluster.Topology.SlotCountOf(self) > 0 || (context.Store.TotalCount > 0 && !context.Server.HoldsCopy))
        {
            // Who follows another primary from now on gives up its copy of the first one's keys.
            context.Reply.Error(Refusals.ReplicateWithSlots);
        }
        else
        {
            ClusterChanges.Propose(context, request => new TopologyCommand.Replicate(request, self, primary.Id));
        }
    }

    private static void Failover(CommandContext context)
    {
        var isForced = context.Count == 3 && (context.Is(2, "FORCE"u8) || context.Is(2, "TAKEOVER"u8));
        if (context.Count > 3)
        {
            context.Reply.Error([.. "ERR unknown subcommand or wrong number of arguments for '"u8, .. context[1], .. "'. Try CLUSTER HELP."u8]);
        }
        else if (context.Count == 3 && !isForced)
        {
            context.SyntaxError();
        }
        else if (!context.Server.View.IsReplica)
        {
            context.Reply.Error("ERR You should send CLUSTER FAILOVER to a replica"u8);
        }
        else if (isForced)
        {
            Force(context, isTakeover: context.Is(2, "TAKEOVER"u8));
        }
        else if (context.Cluster.HealthOf(context.Server.View.Primary).State == NodeLiveness.Dead || context.Server.Replication.Status is { LinkUp: false })
        {
            context.Reply.Error("ERR Master is down or failed, please use CLUSTER FAILOVER FORCE"u8);
        }
        else
        {
            context.Defer(ClusterChanges.AnswerAsync(context.Cluster.HandOverAsync(CancellationToken.None)));
        }
    }

    /// <summary>An election whose only candidate is this node. TAKEOVER is the same while a majority exists, and without one it is refused.</summary>
    private static void Force(CommandContext context, bool isTakeover)
    {
        var self = context.Cluster.Self;
        if (context.Cluster.Topology.ShardOf(self) is not { } shard)
        {
            context.Reply.Error(StaticClusterSource.Refusal);
        }
        else if (isTakeover && !context.Cluster.HasMajority)
        {
            context.Reply.Error(NoMajority);
        }
        else
        {
            context.Defer(ForceAsync(context, shard, isTakeover, Shortfall(context, shard)));
        }
    }

    private static async ValueTask<Action<RespWriter>> ForceAsync(CommandContext context, ShardRecord shard, bool isTakeover, string? shortfall)
    {
        var self = context.Cluster.Self;
        var result = await context.Cluster.ProposeAsync(
            request => new TopologyCommand.BeginElection(request, shard.Id, shard.Epoch, self, IsForced: true), CancellationToken.None);
        return result switch
        {
            CommandResult.Refused { Error: Refusals.OutcomeUnknown } when isTakeover => reply => reply.Error($"{NoMajority}; should they come back, the takeover may still happen"),
            CommandResult.Refused refused => reply => reply.Error(refused.Error),
            _ when shortfall is not null => reply => reply.Simple(shortfall),
            _ => reply => reply.Ok(),
        };
    }

    /// <summary>What the shard may lose by this node's promotion, as far as it can tell; null if nothing.</summary>
    private static string? Shortfall(CommandContext context, ShardRecord shard)
    {
        var status = context.Server.Replication.Status;
        var lacks = status is null || status.PrimaryLsn <= status.LastLsn ? 0 : status.PrimaryLsn - status.LastLsn;
        return lacks > 0
            ? string.Create(CultureInfo.InvariantCulture, $"OK, but {lacks} or more records of the primary are not here and are lost")
            : shard.ReplicaSet.Contains(context.Cluster.Self) ? null
            : "OK, but this node was not in the replica set: acknowledged writes that it lacks are lost";
    }

    private static void Replicas(CommandContext context)
    {
        if (ClusterCommands.Member(context, 2) is not { } node)
        {
            return;
        }

        if (!node.IsPrimary)
        {
            context.Reply.Error("ERR The specified node is not a master"u8);
            return;
        }

        var replicas = context.Cluster.Topology.Nodes.Where(other => other.PrimaryId == node.Id).ToList();
        context.Reply.Array(replicas.Count);
        foreach (var replica in replicas)
        {
            var line = new StringBuilder();
            ClusterReplies.NodeLine(line, context, replica);
            context.Reply.Bulk(line.ToString());
        }
    }
}

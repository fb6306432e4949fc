using Trefoil.KeyValue.Server;
using Trefoil.Sharding;
using Trefoil.Wire.Resp;

namespace Trefoil.KeyValue.Commands.Cluster;

/// <summary>CLUSTER MIGRATESLOTS, GETSLOTMIGRATIONS, CANCELSLOTMIGRATIONS: Valkey 9's interface to moves of whole slots.</summary>
internal static class MigrationCommands
{
    public static IEnumerable<CommandBinding> Bindings =>
    [
        new("cluster|migrateslots", Begin),
        new("cluster|cancelslotmigrations", Cancel),
        new("cluster|getslotmigrations", MigrationReplies.All),
    ];

    /// <summary>OK means that the migrations are agreed on; they run by themselves from there on.</summary>
    private static void Begin(CommandContext context)
    {
        if (!IsPrimary(context) || MigrationArguments.Parts(context) is not { } parts)
        {
            return;
        }

        var (self, nowMs) = (context.Cluster.Self, context.NowMs);
        ClusterChanges.Propose(context, request => new TopologyCommand.BeginMigrations(request, self, parts, nowMs));
    }

    /// <summary>Ends every migration out of this node's shard that has not completed; its slots stay here.</summary>
    private static void Cancel(CommandContext context)
    {
        if (!IsPrimary(context))
        {
            return;
        }

        var topology = context.Cluster.Topology;
        var shard = topology.Find(context.Cluster.Self)?.ShardId;
        var running = topology.Migrations.Where(record => record.State == MigrationState.Running && record.Source == shard).ToList();
        if (running.Count == 0)
        {
            context.Reply.Error("ERR No migrations ongoing"u8);
            return;
        }

        context.Defer(CancelAsync(context.Server, running));
    }

    private static async ValueTask<Action<RespWriter>> CancelAsync(KeyValueServer server, List<MigrationRecord> running)
    {
        foreach (var record in running)
        {
            var result = await server.Cluster.ProposeAsync(
                request => new TopologyCommand.AbortMigration(request, record.Id, MigrationReplies.Cancelled, server.NowMs), CancellationToken.None);

            // One that completed just now is not to be cancelled any more: the list says so.
            if (result is CommandResult.Refused refused && refused.Error != Refusals.MigrationChanged)
            {
                return reply => reply.Error(refused.Error);
            }
        }

        return reply => reply.Ok();
    }

    private static bool IsPrimary(CommandContext context)
    {
        if (!context.Server.View.IsReplica)
        {
            return true;
        }

        context.Reply.Error(Refusals.SourceNotPrimary);
        return false;
    }
}

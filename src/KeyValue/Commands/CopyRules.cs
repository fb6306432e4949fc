using Trefoil.KeyValue.Cluster;
using Trefoil.KeyValue.Server;

namespace Trefoil.KeyValue.Commands;

/// <summary>What is refused for the sake of copies: a write that too few replicas would hold, a write to a replica, anything to one that lost its primary.</summary>
/// <remarks>Redis' checks, in its order, before a command runs or is queued; a slot that another node serves was redirected before.</remarks>
internal sealed class CopyRules(KeyValueServer server)
{
    /// <summary>True with the error written.</summary>
    public bool Refuse(CommandContext context, CommandSpec spec, ClusterView view)
    {
        if (!view.IsReplica)
        {
            if (IsCovered(server.Settings) || !Writes(context, spec, view))
            {
                return false;
            }

            context.Reply.Error("NOREPLICAS Not enough good replicas to write."u8);
            return true;
        }

        if (Writes(context, spec, view))
        {
            context.Reply.Error("READONLY You can't write against a read only replica."u8);
            return true;
        }

        if (server.Settings.ServesStaleData || spec.Has(CommandFlags.Stale) || server.Replication.Status is not { LinkUp: false })
        {
            return false;
        }

        context.Reply.Error("MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'."u8);
        return true;
    }

    /// <summary>Enough replicas, or nobody asked for any.</summary>
    private bool IsCovered(ServerSettings settings) =>
        settings.MinReplicasToWrite == 0 || settings.MinReplicasMaxLag == 0
        || server.Replication.CountGood(settings.MinReplicasMaxLag) >= settings.MinReplicasToWrite;

    /// <summary>An EXEC counts as what it would run, unless its slot is served elsewhere: then it is redirected, and nothing else is said.</summary>
    private static bool Writes(CommandContext context, CommandSpec spec, ClusterView view)
    {
        if (spec.Name != "exec")
        {
            return spec.Has(CommandFlags.Write);
        }

        return context.Client.Transaction is { Writes: true } transaction
            && !transaction.Commands.Any(command => command.Slot >= 0 && !view.Serves(command.Slot));
    }
}

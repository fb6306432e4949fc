using Trefoil.KeyValue.Cluster;
using Trefoil.KeyValue.Commands;
using Trefoil.KeyValue.Commands.Transactions;
using Trefoil.KeyValue.Server;

namespace Trefoil.KeyValue.Replication;

/// <summary>Lets commands through the <see cref="ServingGate"/>, parks them at it, or refuses them. Asked under the slot's lock, if there is a slot.</summary>
/// <remarks>
/// The term is read before the flag and changed after it: whoever finds the gate open has the term in which it was, so that an answer given
/// while this node is being deposed can be told from later ones. A reader on a replica needs neither gate nor lease: it asked for stale data.
/// </remarks>
internal sealed class Admission(KeyValueServer server)
{
    private const CommandFlags TouchesKeys = CommandFlags.Write | CommandFlags.ReadOnly;

    /// <summary>True if the command may run now, in <paramref name="term"/> (0: its answer needs no lease). False: parked, or the error is written.</summary>
    public bool TryPass(CommandContext context, CommandSpec spec, out int term)
    {
        var gate = server.Gate;
        term = gate.Term;
        return gate.MayRun || TryPassShut(context, IsGated(context.Slot, spec, server.View), spec.Has(CommandFlags.Write), ref term);
    }

    /// <summary>As the other, for what is left of a transaction.</summary>
    public bool TryPass(CommandContext context, TransactionRun run, out int term)
    {
        var gate = server.Gate;
        term = gate.Term;
        return gate.MayRun || TryPassShut(context, IsGated(run), run.Writes, ref term);
    }

    private static bool IsGated(int slot, CommandSpec spec, ClusterView view) =>
        slot >= 0 ? view.Serves(slot) : spec.Has(TouchesKeys) && !view.IsReplica;

    private bool IsGated(TransactionRun run)
    {
        var view = server.View;
        return run.Commands.Skip(run.Next).Any(command => IsGated(command.Slot, command.Spec, view));
    }

    private bool TryPassShut(CommandContext context, bool isGated, bool writes, ref int term)
    {
        if (!isGated)
        {
            term = 0;
            if (!writes || !server.Store.IsFollowing)
            {
                return true;
            }

            context.Reply.Error("READONLY You can't write against a read only replica."u8);
            return false;
        }

        context.Parked = server.Gate.Obstacle(context.Client, server.Time, out var isOver);
        if (context.Parked is null)
        {
            // Opened between two looks: then it is parked for nothing, rather than run in a term that it does not know.
            context.Parked = isOver ? null : Task.CompletedTask;
        }

        if (isOver)
        {
            context.Reply.Error("CLUSTERDOWN The cluster is down"u8);
        }

        return false;
    }
}

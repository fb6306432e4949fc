using Trefoil.Primitives;
using Trefoil.Sharding;
using Trefoil.Wire.Resp;

namespace Trefoil.KeyValue.Commands.Cluster;

/// <summary>CLUSTER SETSLOT: the two marks of a move key by key, and the change of owner that ends it. Checks and texts are Redis 7.0's, in its order.</summary>
internal static class SetSlotCommand
{
    public static void Run(CommandContext context)
    {
        if (context.Server.View.IsReplica)
        {
            context.Reply.Error("ERR Please use SETSLOT only with masters."u8);
            return;
        }

        if (SlotArguments.Slot(context, 2) is not { } slot)
        {
            return;
        }

        switch (context.Count)
        {
            case 5 when context.Is(3, "MIGRATING"u8):
                Mark(context, slot, SlotMarkKind.Migrating);
                return;
            case 5 when context.Is(3, "IMPORTING"u8):
                Mark(context, slot, SlotMarkKind.Importing);
                return;
            case 4 when context.Is(3, "STABLE"u8):
                var self = context.Cluster.Self;
                ClusterChanges.Propose(context, request => new TopologyCommand.ClearMark(request, slot, self));
                return;
            case 5 when context.Is(3, "NODE"u8):
                Give(context, slot);
                return;
            default:
                context.Reply.Error("ERR Invalid CLUSTER SETSLOT action or number of arguments. Try CLUSTER HELP"u8);
                return;
        }
    }

    /// <summary>
    /// TREFOIL.GIVESLOT slot node version: another node, which shows this version, was told to change the owner of a slot that it thinks is ours.
    /// The answer is the version at which that node should look again: it shows the new owner, or whoever else it is by now.
    /// </summary>
    public static void LetGo(CommandContext context)
    {
        if (SlotArguments.Slot(context, 1) is not { } slot || ClusterCommands.Member(context, 2) is not { } target)
        {
            return;
        }

        if (!RespNumber.TryParse(context[3], out var version))
        {
            context.Reply.Error("ERR value is not an integer or out of range"u8);
            return;
        }

        context.Defer(LetGoAsync(context, slot, target.Id, (ulong)version));
    }

    private static async ValueTask<Action<RespWriter>> LetGoAsync(CommandContext context, int slot, NodeId to, ulong version)
    {
        var result = await context.Cluster.ShowsAsync(version, context.Server.Stopping)
            ? await context.Server.Handover.LetGoAsync(slot, to)
            : new CommandResult.Refused(Refusals.OutcomeUnknown);
        if (result is CommandResult.Refused refused && refused.Error != Refusals.OwnerChanged(slot))
        {
            return reply => reply.Error(refused.Error);
        }

        var shown = (long)context.Cluster.Topology.Version;
        return reply => reply.Integer(shown);
    }

    private static void Mark(CommandContext context, int slot, SlotMarkKind kind)
    {
        var self = context.Cluster.Self;
        if (context.Cluster.Topology.Owns(self, slot) != (kind == SlotMarkKind.Migrating))
        {
            context.Reply.Error(kind == SlotMarkKind.Migrating ? Refusals.NotOwner(slot) : Refusals.AlreadyOwner(slot));
        }
        else if (ClusterCommands.Member(context, 4, "I don't know about node") is not { } peer)
        {
            return;
        }
        else if (!peer.IsPrimary)
        {
            context.Reply.Error(Refusals.NotPrimary);
        }
        else
        {
            var mark = new SlotMark(slot, self, kind, peer.Id);
            ClusterChanges.Propose(context, request => new TopologyCommand.MarkSlot(request, mark));
        }
    }

    private static void Give(CommandContext context, int slot)
    {
        if (ClusterCommands.Member(context, 4) is not { } target)
        {
            return;
        }

        if (!target.IsPrimary)
        {
            context.Reply.Error(Refusals.NotPrimary);
            return;
        }

        context.Defer(ClusterChanges.AnswerAsync(context.Server.Handover.GiveAsync(slot, target.Id)));
    }
}

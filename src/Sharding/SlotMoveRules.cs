using Trefoil.Primitives;

namespace Trefoil.Sharding;

/// <summary>What the commands of a move key by key do to a topology: the two marks, and the owner who lets go.</summary>
/// <remarks>
/// A migrating mark lives while its holder owns the slot, an importing mark while its holder does not: whatever changes an owner
/// drops the marks that have become untrue. (Redis keeps a migrating mark on a slot that was taken from its holder by DELSLOTS.)
/// </remarks>
internal static class SlotMoveRules
{
    public static (Topology, CommandResult) Move(Topology topology, TopologyCommand.MoveSlot move)
    {
        if (Problem(topology, move.Slot, move.To) is { } problem)
        {
            return Refuse(topology, problem);
        }

        if (topology.Owns(move.To, move.Slot))
        {
            return (topology, TopologyRules.Unchanged);
        }

        return (topology.OwnerOf(move.Slot)?.Id ?? NodeId.None) == move.From
            ? (Given(topology, [new SlotRange(move.Slot, move.Slot)], move.To), CommandResult.Ok)
            : Refuse(topology, Refusals.OwnerChanged(move.Slot));
    }

    public static (Topology, CommandResult) Mark(Topology topology, TopologyCommand.MarkSlot command)
    {
        var mark = command.Mark;
        if (mark.Slot is < 0 or >= HashSlot.Count)
        {
            return Refuse(topology, Refusals.InvalidSlot);
        }

        if (topology.Find(mark.Holder) is null)
        {
            return Refuse(topology, Refusals.UnknownNode(NodeRecord.RespIdOf(mark.Holder)));
        }

        if (topology.Owns(mark.Holder, mark.Slot) != (mark.Kind == SlotMarkKind.Migrating))
        {
            return Refuse(topology, mark.Kind == SlotMarkKind.Migrating ? Refusals.NotOwner(mark.Slot) : Refusals.AlreadyOwner(mark.Slot));
        }

        if (topology.Find(mark.Peer) is not { } peer)
        {
            return Refuse(topology, Refusals.StrangeNode(NodeRecord.RespIdOf(mark.Peer)));
        }

        if (!peer.IsPrimary || mark.Peer == mark.Holder)
        {
            return Refuse(topology, peer.IsPrimary ? Refusals.MoveToSelf : Refusals.NotPrimary);
        }

        if (MigrationRules.Moving(topology, mark.Slot) is { } moving)
        {
            return Refuse(topology, moving);
        }

        if (topology.Marks.Find(mark.Slot, mark.Holder) == mark)
        {
            return (topology, TopologyRules.Unchanged);
        }

        var marks = topology.Marks.With(mark);
        return marks.Count > SlotMarks.Max ? Refuse(topology, Refusals.TooManyMarks) : (topology with { Marks = marks }, CommandResult.Ok);
    }

    public static (Topology, CommandResult) Clear(Topology topology, TopologyCommand.ClearMark clear)
    {
        if (clear.Slot is < 0 or >= HashSlot.Count)
        {
            return Refuse(topology, Refusals.InvalidSlot);
        }

        var marks = topology.Marks.Without(clear.Slot, clear.Holder);
        return ReferenceEquals(marks, topology.Marks)
            ? (topology, TopologyRules.Unchanged)
            : (topology with { Marks = marks }, CommandResult.Ok);
    }

    /// <summary>The slots belong to <paramref name="to"/>: it imports them no longer, and who owned them migrates them no longer.</summary>
    public static Topology Given(Topology topology, IReadOnlyList<SlotRange> ranges, NodeId to) =>
        Freed(topology, ranges, to) with { Slots = topology.Slots.With(ranges, (ushort)(topology.IndexOf(to) + 1)) };

    /// <summary>Nobody owns the slots; the marks of their owners go, and those of <paramref name="asker"/>, as with Redis' DELSLOTS.</summary>
    public static Topology Taken(Topology topology, IReadOnlyList<SlotRange> ranges, NodeId asker) =>
        Freed(topology, ranges, asker) with { Slots = topology.Slots.With(ranges, 0) };

    /// <summary>Why the slot cannot be given to this node, in Redis' order.</summary>
    public static string? Problem(Topology topology, int slot, NodeId to)
    {
        if (slot is < 0 or >= HashSlot.Count)
        {
            return Refusals.InvalidSlot;
        }

        return topology.Find(to) switch
        {
            null => Refusals.UnknownNode(NodeRecord.RespIdOf(to)),
            { IsPrimary: false } => Refusals.NotPrimary,
            _ => topology.Migrations.Count == 0 || topology.Owns(to, slot) ? null
                : MigrationRules.Moving(topology, slot) ?? MigrationRules.Unclean(topology, slot, to),
        };
    }

    private static Topology Freed(Topology topology, IReadOnlyList<SlotRange> ranges, NodeId other)
    {
        var marks = topology.Marks;
        foreach (var range in marks.Count > 0 ? ranges : [])
        {
            for (var slot = range.Start; slot <= range.End; slot++)
            {
                marks = marks.Without(slot, other);
                marks = topology.OwnerOf(slot) is { } owner ? marks.Without(slot, owner.Id) : marks;
            }
        }

        return topology with { Marks = marks };
    }

    private static (Topology, CommandResult) Refuse(Topology topology, string error) => (topology, new CommandResult.Refused(error));
}

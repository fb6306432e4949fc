using System.Text;
using Trefoil.KeyValue.SlotMigration;
using Trefoil.Primitives;
using Trefoil.Sharding;
using Trefoil.Wire.Resp;

namespace Trefoil.KeyValue.Commands.Cluster;

/// <summary>What CLUSTER MIGRATESLOTS was asked for: <c>SLOTSRANGE start end [start end ...] NODE id [SLOTSRANGE ... NODE id ...]</c>.</summary>
/// <remarks>Checks and texts are Valkey 9's, in its order, as far as they are known; the committed command checks again what may have changed meanwhile.</remarks>
internal static class MigrationArguments
{
    private const int First = 2;
    private const int RespIdLength = 40;

    /// <summary>The parts, each with a target; null with the error written.</summary>
    public static List<MigrationPart>? Parts(CommandContext context)
    {
        var parts = new List<MigrationPart>();
        var taken = new bool[HashSlot.Count];
        for (var at = First; at < context.Count;)
        {
            if (!context.Is(at++, "SLOTSRANGE"u8))
            {
                context.SyntaxError();
                return null;
            }

            if (Ranges(context, ref at) is not { } ranges || !AreMine(context, ranges) || !AreNew(context, ranges, taken) || Target(context, ref at) is not { } target)
            {
                return null;
            }

            parts.Add(new MigrationPart(target, ranges));
        }

        return parts;
    }

    /// <summary>Pairs up to the first argument that is no number.</summary>
    private static List<SlotRange>? Ranges(CommandContext context, ref int at)
    {
        var ranges = new List<SlotRange>();
        for (; at < context.Count && RespNumber.TryParse(context[at], out _); at += 2)
        {
            if (at + 1 == context.Count)
            {
                context.Reply.Error("ERR No end slot for final slot range"u8);
                return null;
            }

            if (SlotArguments.Slot(context, at) is not { } start || SlotArguments.Slot(context, at + 1) is not { } end)
            {
                return null;
            }

            if (start > end)
            {
                context.Reply.Error($"ERR Start slot number {start} is greater than end slot number {end}");
                return null;
            }

            if (ranges.FindIndex(other => start <= other.End && other.Start <= end) is >= 0 and var overlap)
            {
                context.Reply.Error($"ERR Slot range {start}-{end} overlaps with previous range {ranges[overlap].Start}-{ranges[overlap].End}");
                return null;
            }

            ranges.Add(new SlotRange(start, end));
        }

        if (ranges.Count == 0)
        {
            context.Reply.Error("ERR No slot ranges specified"u8);
            return null;
        }

        return ranges;
    }

    /// <summary>This node owns all of them, nothing moves them already, and none is too large.</summary>
    private static bool AreMine(CommandContext context, List<SlotRange> ranges)
    {
        var topology = context.Cluster.Topology;
        NodeId? owner = null;
        foreach (var slot in SlotsOf(ranges))
        {
            if (topology.OwnerOf(slot)?.Id is not { } found)
            {
                context.Reply.Error($"ERR Slot {slot} has no node served");
                return false;
            }

            owner ??= found;
            if (owner != found)
            {
                context.Reply.Error("ERR Requested slots span multiple shards"u8);
                return false;
            }
        }

        if (owner != context.Cluster.Self)
        {
            context.Reply.Error("ERR Slots are not served by this node."u8);
            return false;
        }

        foreach (var slot in SlotsOf(ranges))
        {
            if (topology.MigrationOf(slot) is not null)
            {
                context.Reply.Error($"ERR I am already migrating slot {slot}.");
                return false;
            }

            if (context.Store.ExistingTable(slot) is { } table && SlotCopy.Problem(table) is { } problem)
            {
                context.Reply.Error(problem);
                return false;
            }
        }

        return true;
    }

    private static bool AreNew(CommandContext context, List<SlotRange> ranges, bool[] taken)
    {
        foreach (var slot in SlotsOf(ranges))
        {
            if (taken[slot])
            {
                context.Reply.Error("ERR Slot ranges in migrations overlap"u8);
                return false;
            }

            taken[slot] = true;
        }

        return true;
    }

    private static NodeId? Target(CommandContext context, ref int at)
    {
        if (at + 1 >= context.Count || !context.Is(at, "NODE"u8))
        {
            context.SyntaxError();
            return null;
        }

        var id = Encoding.Latin1.GetString(context[at + 1]);
        at += 2;
        var node = context.Cluster.Topology.FindByRespId(id);
        var error = id.Length != RespIdLength ? $"ERR Invalid node name: {id}"
            : node is null ? $"ERR Unknown node name: {id}"
            : node.Id == context.Cluster.Self ? "ERR Target node can not be this node."
            : node.IsPrimary ? null : $"{Refusals.NotPrimary}: {id}";
        if (error is not null)
        {
            context.Reply.Error(Encoding.Latin1.GetBytes(error));
        }

        return error is null ? node!.Id : null;
    }

    private static IEnumerable<int> SlotsOf(List<SlotRange> ranges) => ranges.Slots();
}

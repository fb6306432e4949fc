using Trefoil.Primitives;
using Trefoil.Sharding;
using Trefoil.Wire.Resp;

namespace Trefoil.KeyValue.Commands.Cluster;

/// <summary>Slots as arguments. Neighbours in the given order are joined into ranges: redis-cli sends thousands of single ones.</summary>
internal static class SlotArguments
{
    /// <summary>The slot at <paramref name="index"/>; otherwise the reply is the error and the result null.</summary>
    public static int? Slot(CommandContext context, int index)
    {
        if (RespNumber.TryParse(context[index], out var slot) && slot is >= 0 and < HashSlot.Count)
        {
            return (int)slot;
        }

        context.Reply.Error("ERR Invalid or out of range slot"u8);
        return null;
    }

    /// <summary>All arguments from the third on, in their order; null with the error written.</summary>
    public static List<SlotRange>? Singles(CommandContext context)
    {
        var ranges = new List<SlotRange>();
        for (var i = 2; i < context.Count; i++)
        {
            if (Slot(context, i) is not { } slot)
            {
                return null;
            }

            if (ranges.Count > 0 && ranges[^1].End + 1 == slot)
            {
                ranges[^1] = ranges[^1] with { End = slot };
            }
            else
            {
                ranges.Add(new SlotRange(slot, slot));
            }
        }

        return ranges;
    }

    /// <summary>Pairs of start and end from the third argument on; null with the error written.</summary>
    public static List<SlotRange>? Ranges(CommandContext context)
    {
        if (context.Count % 2 != 0)
        {
            context.WrongArity();
            return null;
        }

        var ranges = new List<SlotRange>();
        for (var i = 2; i < context.Count; i += 2)
        {
            if (Slot(context, i) is not { } start || Slot(context, i + 1) is not { } end)
            {
                return null;
            }

            if (start > end)
            {
                context.Reply.Error($"ERR start slot number {start} is greater than end slot number {end}");
                return null;
            }

            ranges.Add(new SlotRange(start, end));
        }

        return ranges;
    }
}

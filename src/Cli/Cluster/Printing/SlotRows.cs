using Trefoil.Cli.Cluster.Picture;
using Trefoil.Sharding;

namespace Trefoil.Cli.Cluster.Printing;

/// <summary>A run of slots with one owner; null: nobody's.</summary>
internal sealed record SlotRow(SlotRange Range, MemberView? Owner);

/// <summary>The slot map in the order of slots, holes included.</summary>
internal static class SlotRows
{
    public static IReadOnlyList<SlotRow> Of(ClusterView view) =>
    [
        .. view.Members.SelectMany(member => member.Ranges.Select(range => new SlotRow(range, member)))
            .Concat(view.FreeSlots.Select(range => new SlotRow(range, null))).OrderBy(row => row.Range.Start),
    ];
}

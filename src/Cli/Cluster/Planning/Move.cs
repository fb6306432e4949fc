using Trefoil.Cli.Cluster.Picture;
using Trefoil.Sharding;

namespace Trefoil.Cli.Cluster.Planning;

/// <summary>Slots that go from one primary to another.</summary>
/// <param name="Source">Id of who has them.</param>
/// <param name="Target">Id of who gets them.</param>
/// <param name="Ranges">Ascending, not empty.</param>
internal sealed record Move(string Source, string Target, IReadOnlyList<SlotRange> Ranges)
{
    public int Count => SlotRanges.Count(Ranges);
}

/// <summary>A primary and the slots that may be taken from it.</summary>
internal sealed record Holder(string Id, IReadOnlyList<SlotRange> Ranges)
{
    public int Count => SlotRanges.Count(Ranges);
}

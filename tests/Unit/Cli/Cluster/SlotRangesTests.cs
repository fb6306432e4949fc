using FsCheck;
using FsCheck.Fluent;
using Trefoil.Cli.Cluster.Picture;
using Trefoil.Primitives;
using Trefoil.Sharding;
using Xunit;

namespace Trefoil.Unit.Cli.Cluster;

public sealed class SlotRangesTests
{
    [Theory]
    [InlineData("0-99,200", "0-99 200")]
    [InlineData("5 4 3", "3-5")]
    [InlineData("16383", "16383")]
    public void Ranges_are_read(string text, string expected) => Assert.Equal(expected, SlotRanges.Show(SlotRanges.Read(text).Ranges!));

    [Theory]
    [InlineData("16384", "'16384' is no slot and no range of slots (0 to 16383, as in 0-99,200)")]
    [InlineData("9-3", "'9-3' is no slot and no range of slots (0 to 16383, as in 0-99,200)")]
    [InlineData("-1", "'-1' is no slot and no range of slots (0 to 16383, as in 0-99,200)")]
    [InlineData("1-2-3", "'1-2-3' is no slot and no range of slots (0 to 16383, as in 0-99,200)")]
    [InlineData("0-5,5", "0-5 and 5 overlap: name each slot once")]
    [InlineData("7,0-9", "7 and 0-9 overlap: name each slot once")]
    [InlineData(",", "no slots are named")]
    public void Others_are_refused_with_the_reason(string text, string expected) => Assert.Equal(expected, SlotRanges.Read(text).Problem);

    [Fact]
    public void Set_operations_agree_with_sets() => Prop.ForAll(Sets().Two().ToArbitrary(), pair =>
    {
        var (one, other) = (Normal(pair.Item1), Normal(pair.Item2));
        Assert.Equal(pair.Item1.Except(pair.Item2).Order(), Slots(SlotRanges.Except(one, other)));
        Assert.Equal(pair.Item1.Intersect(pair.Item2).Order(), Slots(SlotRanges.Common(one, other)));
        Assert.Equal(Enumerable.Range(0, HashSlot.Count).Except(pair.Item1), Slots(SlotRanges.Missing(one)));
        Assert.Equal(pair.Item1.Order(), Slots(one));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Taking_some_leaves_the_rest() => Prop.ForAll(Sets().Zip(Gen.Choose(0, 300)).ToArbitrary(), pair =>
    {
        var (slots, count) = (pair.Item1.Order().ToList(), pair.Item2);
        var (first, later) = SlotRanges.TakeFirst(Normal(slots), count);
        var (last, earlier) = SlotRanges.TakeLast(Normal(slots), count);
        Assert.Equal(slots.Take(count), Slots(first));
        Assert.Equal(slots.Skip(count), Slots(later));
        Assert.Equal(slots.TakeLast(count), Slots(last));
        Assert.Equal(slots.SkipLast(count), Slots(earlier));
    }).QuickCheckThrowOnFailure();

    private static Gen<HashSet<int>> Sets() =>
        from starts in Gen.Choose(0, HashSlot.Count - 30).ListOf(8)
        from lengths in Gen.Choose(0, 30).ListOf(8)
        select starts.Zip(lengths).SelectMany(pair => Enumerable.Range(pair.First, pair.Second)).ToHashSet();

    private static IReadOnlyList<SlotRange> Normal(IEnumerable<int> slots) => SlotRanges.Normal(slots.Select(slot => new SlotRange(slot, slot)));

    private static IEnumerable<int> Slots(IEnumerable<SlotRange> ranges) => ranges.SelectMany(range => Enumerable.Range(range.Start, range.Count));
}

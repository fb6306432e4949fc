using FsCheck;
using FsCheck.Fluent;
using Trefoil.Cli.Cluster.Moving;
using Trefoil.Cli.Cluster.Picture;
using Trefoil.Cli.Cluster.Planning;
using Trefoil.Primitives;
using Trefoil.Sharding;
using Xunit;

namespace Trefoil.Unit.Cli.Cluster;

public sealed class PlanningTests
{
    [Fact]
    public void A_new_node_gets_its_share_from_the_end_of_the_others() => Assert.Equal(
        ["a>d 4096-5460", "b>d 9557-10922", "c>d 15019-16383"],
        Show(MovePlan.Rebalance(Holders("0-5460", "5461-10922", "10923-16383", ""), [1, 1, 1, 1], 2)));

    [Fact]
    public void Nothing_moves_while_all_are_within_the_threshold()
    {
        var holders = Holders("0-5500", "5501-10950", "10951-16383");

        Assert.Empty(MovePlan.Rebalance(holders, [1, 1, 1], 2));
        Assert.Equal(["a>b 5462-5472", "a>c 5473-5500"], Show(MovePlan.Rebalance(holders, [1, 1, 1], 0)));
    }

    [Fact]
    public void Weights_are_obeyed_and_nought_empties() => Assert.Equal(
        [0, 10923, 5461],
        After(Holders("0-5460", "5461-10922", "10923-16383"), MovePlan.Rebalance(Holders("0-5460", "5461-10922", "10923-16383"), [0, 2, 1], 2)));

    [Fact]
    public void A_reshard_takes_in_proportion() => Assert.Equal(
        ["a>d 7900-7999", "b>d 11950-11999"], Show(MovePlan.Reshard(Holders("0-7999", "8000-11999"), "d", 150)));

    [Fact]
    public void Named_slots_come_from_whoever_has_them() => Assert.Equal(
        ["a>c 5 7999", "b>c 8000-8001"], Show(MovePlan.ReshardRanges(Holders("0-7999", "8000-11999", "12000-16383"), "c", SlotRanges.Read("5 7999-8001 12000").Ranges!)));

    [Fact]
    public void A_drained_node_fills_the_emptiest_first() => Assert.Equal(
        ["a>b 0-99", "a>c 100-299"], Show(MovePlan.Drain(Holders("0-299")[0], [new Holder("b", SlotRanges.Read("300-499").Ranges!), new Holder("c", SlotRanges.Read("500-599").Ranges!)])));

    [Fact]
    public void Jobs_are_pieces_and_those_of_different_pairs_take_turns()
    {
        var jobs = Job.Of([new Move("a", "c", SlotRanges.Read("0-4 10").Ranges!), new Move("b", "c", SlotRanges.Read("20-21").Ranges!)], 4);

        Assert.Equal(["0 0-3", "1 20-21", "0 4 10"], jobs.Select(job => $"{job.Index} {SlotRanges.Show(job.Move.Ranges)}"));
    }

    [Fact]
    public void A_rebalance_is_level_moves_each_slot_once_and_none_without_need() => Prop.ForAll(Clusters().Zip(Gen.Choose(0, 4).ListOf(12)).ToArbitrary(), pair =>
    {
        var holders = pair.Item1;
        var weights = pair.Item2.Take(holders.Count).Select(weight => (double)weight).ToList();
        weights[0]++;
        var total = holders.Sum(holder => holder.Count);

        var moves = MovePlan.Rebalance(holders, weights, 0);

        var ideal = weights.Select(weight => total * weight / weights.Sum()).ToList();
        var after = After(holders, moves);
        Assert.All(after.Zip(ideal), level => Assert.True(Math.Abs(level.First - level.Second) <= 1, $"{level.First} slots, {level.Second} wanted"));
        Assert.Equal(total, after.Sum());
        Valid(holders, moves);

        // Nobody both gives and gets.
        Assert.Empty(moves.Select(move => move.Source).Intersect(moves.Select(move => move.Target)));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_rebalance_of_equals_after_an_addition_is_within_two_percent() => Prop.ForAll(Clusters().ToArbitrary(), holders =>
    {
        var all = holders.Append(new Holder("new", [])).ToList();
        var ideal = (double)all.Sum(holder => holder.Count) / all.Count;

        var after = After(all, MovePlan.Rebalance(all, [.. all.Select(_ => 1.0)], 2));

        Assert.All(after, count => Assert.True(Math.Abs(count - ideal) <= Math.Max(1, ideal * 0.02), $"{count} slots, {ideal} wanted"));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_drain_empties_its_node_gives_nobody_less_and_nobody_more_than_needed() => Prop.ForAll(Clusters().ToArbitrary(), holders =>
    {
        var moves = MovePlan.Drain(holders[0], [.. holders.Skip(1)]);

        var after = After(holders, moves);
        Assert.Equal(0, after[0]);
        Valid(holders, moves);
        Assert.All(moves, move => Assert.Equal(holders[0].Id, move.Source));

        // Whoever got something has at most one slot more than anybody.
        Assert.All(after.Skip(1).Zip(holders.Skip(1)), pair => Assert.True(pair.First == pair.Second.Count || pair.First <= after.Skip(1).Min() + 1));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_reshard_moves_as_many_as_are_wanted_and_from_each_its_part() => Prop.ForAll(Clusters().Zip(Gen.Choose(0, HashSlot.Count)).ToArbitrary(), pair =>
    {
        var (holders, count) = pair;
        var total = holders.Sum(holder => holder.Count);

        var moves = MovePlan.Reshard(holders, "target", count);

        Valid(holders, moves);
        Assert.Equal(Math.Min(count, total), moves.Sum(move => move.Count));
        Assert.All(moves, move => Assert.True(
            Math.Abs(move.Count - ((double)Math.Min(count, total) * holders.First(holder => holder.Id == move.Source).Count / total)) < 1));
    }).QuickCheckThrowOnFailure();

    private static void Valid(IReadOnlyList<Holder> holders, IReadOnlyList<Move> moves)
    {
        foreach (var holder in holders)
        {
            var given = moves.Where(move => move.Source == holder.Id).SelectMany(move => move.Ranges).ToList();
            Assert.Empty(SlotRanges.Except(SlotRanges.Normal(given), holder.Ranges));
            Assert.Equal(SlotRanges.Count(given), SlotRanges.Count(SlotRanges.Normal(given)));
        }

        Assert.All(moves, move => Assert.True(move.Count > 0 && move.Source != move.Target));
        Assert.Equal(moves.Count, moves.Select(move => (move.Source, move.Target)).Distinct().Count());
    }

    private static List<int> After(IReadOnlyList<Holder> holders, IReadOnlyList<Move> moves) =>
        [.. holders.Select(holder => holder.Count + moves.Where(move => move.Target == holder.Id).Sum(move => move.Count) - moves.Where(move => move.Source == holder.Id).Sum(move => move.Count))];

    private static List<Holder> Holders(params string[] ranges) =>
        [.. ranges.Select((text, i) => new Holder($"{(char)('a' + i)}", text.Length == 0 ? [] : SlotRanges.Read(text).Ranges!))];

    private static IEnumerable<string> Show(IReadOnlyList<Move> moves) => moves.Select(move => $"{move.Source}>{move.Target} {SlotRanges.Show(move.Ranges)}");

    /// <summary>All slots, in runs of random lengths, over two to eight nodes; some may have none.</summary>
    private static Gen<List<Holder>> Clusters() =>
        from nodes in Gen.Choose(2, 8)
        from cuts in Gen.Choose(0, HashSlot.Count - 1).ListOf(20)
        from owners in Gen.Choose(0, nodes - 1).ListOf(21)
        select Deal(nodes, [.. cuts.Append(0).Distinct().Order()], [.. owners]);

    private static List<Holder> Deal(int nodes, List<int> starts, List<int> owners)
    {
        var runs = starts.Select((start, i) => (Range: new SlotRange(start, i + 1 < starts.Count ? starts[i + 1] - 1 : HashSlot.Count - 1), Owner: owners[i])).ToList();
        return [.. Enumerable.Range(0, nodes).Select(node => new Holder($"n{node}", SlotRanges.Normal(runs.Where(run => run.Owner == node).Select(run => run.Range))))];
    }
}

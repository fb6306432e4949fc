using System.Text;
using Trefoil.KeyValue.Values;
using Trefoil.Primitives;
using Xunit;

namespace Trefoil.Unit.KeyValue.Values;

public sealed class SortedSetValueTests
{
    private static readonly double[] Edges = [0, -1, 1e300, -1e300, double.PositiveInfinity, double.NegativeInfinity, 0.5, 1L << 40, int.MaxValue, int.MinValue];

    [Theory]
    [InlineData(1, 30)]
    [InlineData(2, 150)]
    [InlineData(3, 3000)]
    [InlineData(4, 40_000)]
    public void A_sorted_set_agrees_with_a_model_over_any_sequence_of_operations(ulong seed, int span)
    {
        var random = new Prng(seed);
        var set = new SortedSetValue([]);
        var model = new Dictionary<string, double>();
        for (var step = 0; step < 30_000; step++)
        {
            var member = $"m{random.Below(span)}";
            var bytes = Encoding.ASCII.GetBytes(member);
            if (random.Below(10) < (step / 5000 % 2 == 0 ? 8 : 2))
            {
                var score = random.Below(20) == 0 ? Edges[random.Below(Edges.Length)] : random.Below(span / 3);
                Assert.Equal(!model.ContainsKey(member), set.Set(bytes, score));
                model[member] = score;
            }
            else
            {
                Assert.Equal(model.Remove(member), set.Remove(bytes));
            }

            Assert.Equal(model.Count, set.Count);
        }

        var ordered = Check(model, set);
        CheckRanges(ordered, set, random);
        while (set.Count > 0)
        {
            var rank = random.Below(set.Count);
            var count = Math.Min(set.Count - rank, 1 + random.Below(1 + (span / 10)));
            set.RemoveRange(rank, count);
            ordered.RemoveRange(rank, count);
            Assert.Equal(ordered, Walk(set.Range(0, set.Count, reverse: false)));
        }
    }

    [Fact]
    public void The_129th_member_and_the_65_byte_member_leave_the_packed_form()
    {
        var wide = new SortedSetValue([]);
        for (var i = 0; i < 1000; i++)
        {
            Assert.Equal(i <= 128, wide.IsPacked);
            wide.Set(Encoding.ASCII.GetBytes($"m{i}"), i);
        }

        Assert.Equal("m567", Encoding.ASCII.GetString(wide.At(567).Member));
        var deep = new SortedSetValue([]);
        deep.Set(new byte[64], 1);
        Assert.True(deep.IsPacked);
        deep.Set(new byte[65], 1);
        Assert.False(deep.IsPacked);
    }

    [Fact]
    public void Ascending_scores_take_full_leaves_and_lose_nothing_when_the_lowest_leave()
    {
        var set = new SortedSetValue([]);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100_000; i++)
        {
            set.Set(Encoding.ASCII.GetBytes($"{i:D8}"), i);
            if (set.Count > 50_000)
            {
                set.RemoveRange(0, 1);
            }
        }

        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 200 * 100_000, "each insertion allocates a few dozen bytes");
        Assert.Equal(50_000, set.Count);
        Assert.Equal(50_000, set.At(0).Score);
        Assert.Equal(99_999, set.At(49_999).Score);
        Assert.Equal(1234, set.RankOf(ScoreBound.Below(51_234)));
    }

    private static List<(double Score, string Member)> Check(Dictionary<string, double> model, SortedSetValue set)
    {
        var ordered = model.Select(pair => (Score: pair.Value, Member: pair.Key))
            .OrderBy(pair => pair.Score).ThenBy(pair => pair.Member, StringComparer.Ordinal).ToList();
        Assert.Equal(ordered, Walk(set.Range(0, set.Count, reverse: false)));
        if (ordered.Count > 0)
        {
            Assert.Equal(Enumerable.Reverse(ordered), Walk(set.Range(set.Count - 1, set.Count, reverse: true)));
        }

        foreach (var (score, member) in ordered)
        {
            Assert.True(set.TryGet(Encoding.ASCII.GetBytes(member), out var found));
            Assert.Equal(score, found);
        }

        return ordered;
    }

    private static void CheckRanges(List<(double Score, string Member)> ordered, SortedSetValue set, Prng random)
    {
        for (var i = 0; i < 300 && ordered.Count > 0; i++)
        {
            var (score, member) = ordered[random.Below(ordered.Count)];
            Assert.Equal(ordered.FindIndex(pair => pair.Score >= score), set.RankOf(ScoreBound.Below(score)));
            Assert.Equal(ordered.FindLastIndex(pair => pair.Score <= score) + 1, set.RankOf(ScoreBound.Above(score)));
            var rank = set.RankOf(ScoreBound.At(score, Encoding.ASCII.GetBytes(member)));
            Assert.Equal((score, member), ordered[rank]);
            Assert.Equal(member, Encoding.ASCII.GetString(set.At(rank).Member));
            var count = Math.Min(1 + random.Below(70), ordered.Count - rank);
            Assert.Equal(ordered.GetRange(rank, count), Walk(set.Range(rank, count, reverse: false)));
            count = Math.Min(count, rank + 1);
            Assert.Equal(Enumerable.Reverse(ordered.GetRange(rank + 1 - count, count)), Walk(set.Range(rank, count, reverse: true)));
        }
    }

    private static List<(double Score, string Member)> Walk(ScoreRange range)
    {
        var members = new List<(double, string)>();
        foreach (var member in range)
        {
            members.Add((member.Score, Encoding.ASCII.GetString(member.Member)));
        }

        return members;
    }
}

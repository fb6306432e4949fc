using System.Globalization;
using System.Text;
using Trefoil.KeyValue.Values;
using Trefoil.Primitives;
using Xunit;

namespace Trefoil.Unit.KeyValue.Values;

public sealed class SetValueTests
{
    [Theory]
    [InlineData(1, 20, 0.0)]
    [InlineData(2, 100, 0.3)]
    [InlineData(3, 300, 0.02)]
    [InlineData(4, 2000, 0.0)]
    public void A_set_agrees_with_a_model_in_every_form(ulong seed, int span, double words)
    {
        var random = new Prng(seed);
        var set = new SetValue([]);
        var model = new HashSet<string>();
        for (var step = 0; step < 5000; step++)
        {
            var number = random.Below(span) * (long)(random.Below(4) == 0 ? -100_000_000_000 : 1);
            var member = random.Chance(words) ? $"m{number}" : number.ToString(CultureInfo.InvariantCulture);
            var bytes = Encoding.ASCII.GetBytes(member);
            if (random.Below(3) > 0)
            {
                Assert.Equal(model.Add(member), set.Add(bytes));
            }
            else
            {
                Assert.Equal(model.Remove(member), set.Remove(bytes));
            }

            Assert.Equal(model.Contains(member), set.Contains(bytes));
            Assert.Equal(model.Count, set.Count);
        }

        Assert.Equal(model.Order(StringComparer.Ordinal), Members(set).Order(StringComparer.Ordinal));
        Assert.Contains(Encoding.ASCII.GetString(set.Random(random)), model);
    }

    [Fact]
    public void Integers_stay_sorted_until_the_513th_or_a_word()
    {
        var set = new SetValue([]);
        for (var i = 512; i > 0; i--)
        {
            set.Add(Encoding.ASCII.GetBytes($"{i * 1000}"));
        }

        Assert.True(set.IsIntegers);
        Assert.Equal(Enumerable.Range(1, 512).Select(i => $"{i * 1000}"), Members(set));
        set.Add("1"u8);
        Assert.False(set.IsIntegers);
        Assert.Equal(513, Members(set).Distinct().Count());

        var few = new SetValue([]);
        few.Add("7"u8);
        few.Add("-9223372036854775808"u8);
        few.Add("seven"u8);
        Assert.False(few.IsIntegers);
        few.Remove("seven"u8);
        few.Remove("7"u8);
        Assert.Equal(["-9223372036854775808"], Members(few));
    }

    [Fact]
    public void Scanning_a_large_set_returns_every_member_that_stays_while_it_grows()
    {
        var set = new SetValue([]);
        for (var i = 0; i < 1000; i++)
        {
            set.Add(Encoding.ASCII.GetBytes($"member:{i}"));
        }

        var seen = new HashSet<string>();
        ulong cursor = 0;
        var grown = 0;
        do
        {
            var found = new List<byte[]>();
            cursor = set.Scan(cursor, 10, found);
            seen.UnionWith(found.Select(Encoding.ASCII.GetString));
            for (var i = 0; i < 100 && grown < 20_000; i++)
            {
                set.Add(Encoding.ASCII.GetBytes($"later:{grown++}"));
            }
        }
        while (cursor != 0);

        Assert.Superset(Enumerable.Range(0, 1000).Select(i => $"member:{i}").ToHashSet(), seen);
    }

    private static List<string> Members(SetValue set)
    {
        var members = new List<string>();
        foreach (var member in set)
        {
            members.Add(Encoding.ASCII.GetString(member));
        }

        return members;
    }
}

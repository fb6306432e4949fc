using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Trefoil.KeyValue.Values;
using Xunit;

namespace Trefoil.Unit.KeyValue.Values;

public sealed class HashValueTests
{
    [Fact]
    public void A_hash_agrees_with_an_ordered_list_of_pairs_over_any_sequence_of_operations()
    {
        var step = from kind in Gen.Choose(0, 3)
                   from field in Gen.Choose(0, 30)
                   from length in Gen.Choose(0, 64)
                   select (kind, field, length);
        Prop.ForAll(step.ListOf().ToArbitrary(), steps =>
        {
            var hash = new HashValue([]);
            var model = new List<KeyValuePair<string, string>>();
            foreach (var (kind, number, length) in steps)
            {
                var field = $"f{number}";
                var at = model.FindIndex(pair => pair.Key == field);
                if (kind == 0)
                {
                    Assert.Equal(at >= 0, hash.Remove(Encoding.ASCII.GetBytes(field)));
                    model.RemoveAll(pair => pair.Key == field);
                    continue;
                }

                var value = new string((char)('a' + kind), length);
                Assert.Equal(at < 0, hash.Set(Encoding.ASCII.GetBytes(field), Encoding.ASCII.GetBytes(value)));
                var pair = KeyValuePair.Create(field, value);
                if (at < 0)
                {
                    model.Add(pair);
                }
                else
                {
                    model[at] = pair;
                }
            }

            Assert.Equal(model, Pairs(hash));
            Assert.Equal(model.Count, hash.Count);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300).WithEndSize(200));
    }

    [Fact]
    public void The_513th_field_and_the_65_byte_value_leave_the_packed_form_and_lose_nothing()
    {
        var wide = new HashValue([]);
        for (var i = 0; i < 2000; i++)
        {
            Assert.Equal(i <= 512, wide.IsPacked);
            Assert.True(wide.Set(Encoding.ASCII.GetBytes($"field:{i}"), Encoding.ASCII.GetBytes($"{i}")));
        }

        Assert.Equal(2000, Pairs(wide).Count);
        Assert.True(wide.TryGet("field:1234"u8, out var value));
        Assert.Equal("1234", Encoding.ASCII.GetString(value));

        var deep = new HashValue([]);
        deep.Set("a"u8, new byte[64]);
        Assert.True(deep.IsPacked);
        deep.Set("b"u8, new byte[65]);
        Assert.False(deep.IsPacked);
        Assert.True(deep.TryGet("a"u8, out value));
        Assert.Equal(64, value.Length);
    }

    [Fact]
    public void Scanning_a_large_hash_returns_every_field_that_stays_while_it_grows()
    {
        var hash = new HashValue([]);
        for (var i = 0; i < 1000; i++)
        {
            hash.Set(Encoding.ASCII.GetBytes($"field:{i}"), "v"u8);
        }

        var seen = new HashSet<string>();
        ulong cursor = 0;
        var grown = 0;
        do
        {
            var found = new List<HashField>();
            cursor = hash.Scan(cursor, 10, found);
            seen.UnionWith(found.Select(pair => Encoding.ASCII.GetString(pair.Field)));
            for (var i = 0; i < 100 && grown < 20_000; i++)
            {
                hash.Set(Encoding.ASCII.GetBytes($"later:{grown++}"), "v"u8);
            }
        }
        while (cursor != 0);

        Assert.Superset(Enumerable.Range(0, 1000).Select(i => $"field:{i}").ToHashSet(), seen);
    }

    private static List<KeyValuePair<string, string>> Pairs(HashValue hash)
    {
        var pairs = new List<KeyValuePair<string, string>>();
        foreach (var pair in hash)
        {
            pairs.Add(KeyValuePair.Create(Encoding.ASCII.GetString(pair.Field), Encoding.ASCII.GetString(pair.Value)));
        }

        return pairs;
    }
}

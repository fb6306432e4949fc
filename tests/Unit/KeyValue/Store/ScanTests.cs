using System.Text;
using Trefoil.KeyValue.Store;
using Trefoil.KeyValue.Values;
using Trefoil.Primitives;
using Xunit;

namespace Trefoil.Unit.KeyValue.Store;

public sealed class ScanTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 10)]
    [InlineData(16384, 7)]
    [InlineData(16384, 1000)]
    public void A_scan_returns_every_key_that_was_there_all_along_while_others_come_and_go(int slots, int count)
    {
        var random = new Prng(11);
        var space = new Keyspace();
        var lasting = Enumerable.Range(0, 3000).Select(i => $"lasting:{i}").ToHashSet();
        foreach (var name in lasting)
        {
            Set(space, name, slots);
        }

        var seen = new HashSet<string>();
        var churn = 0;
        ulong cursor = 0;
        do
        {
            cursor = space.Scan(cursor, count, 0, entry => seen.Add(Encoding.ASCII.GetString(entry.Key)));
            for (var i = 0; i < 20 && churn < 50_000; i++)
            {
                Set(space, $"passing:{churn++}", slots);
                Remove(space, $"passing:{random.Below(churn)}", slots);
            }
        }
        while (cursor != 0);

        Assert.Subset(seen, lasting);
        Assert.True(churn > 3000 / Math.Min(count, 100), "nothing grew meanwhile");
    }

    [Fact]
    public void A_scan_of_a_quiet_keyspace_returns_each_key_once()
    {
        var space = new Keyspace();
        for (var i = 0; i < 5000; i++)
        {
            Set(space, $"key:{i}", 50);
        }

        var seen = new List<string>();
        ulong cursor = 0;
        do
        {
            cursor = space.Scan(cursor, 13, 0, entry => seen.Add(Encoding.ASCII.GetString(entry.Key)));
        }
        while (cursor != 0);

        Assert.Equal(5000, seen.Count);
        Assert.Equal(5000, seen.Distinct().Count());
    }

    [Fact]
    public void A_cursor_that_no_scan_gave_out_ends_without_an_error()
    {
        var space = new Keyspace();
        Set(space, "key", 16384);
        foreach (var cursor in new[] { ulong.MaxValue, 16384UL << 32, 1UL << 63, uint.MaxValue })
        {
            space.Scan(cursor, 10, 0, _ => { });
        }
    }

    [Fact]
    public void Expired_keys_are_not_returned()
    {
        var space = new Keyspace();
        space.Table(5).SetString("gone"u8, "x"u8, 100);
        space.Table(5).SetString("here"u8, "x"u8, 101);
        var seen = new List<string>();
        space.VisitAll(100, entry => seen.Add(Encoding.ASCII.GetString(entry.Key)));
        Assert.Equal(["here"], seen);
    }

    [Fact]
    public void Random_keys_come_from_all_slots_by_their_weight()
    {
        var space = new Keyspace(3);
        for (var i = 0; i < 900; i++)
        {
            space.Table(1).SetString(Encoding.ASCII.GetBytes($"many:{i}"), "x"u8, KeyedValue.NoExpiry);
        }

        for (var i = 0; i < 100; i++)
        {
            space.Table(16383).SetString(Encoding.ASCII.GetBytes($"few:{i}"), "x"u8, KeyedValue.NoExpiry);
        }

        var drawn = Enumerable.Range(0, 2000).Select(_ => Encoding.ASCII.GetString(space.RandomKey(0)!)).ToList();
        Assert.InRange(drawn.Count(name => name.StartsWith("few:", StringComparison.Ordinal)), 120, 300);
        Assert.InRange(drawn.Distinct().Count(), 700, 1000);
    }

    [Fact]
    public void An_empty_keyspace_has_no_random_key() => Assert.Null(new Keyspace().RandomKey(0));

    private static void Set(Keyspace space, string name, int slots)
    {
        var key = Encoding.ASCII.GetBytes(name);
        space.Table(HashSlot.Of(key) % slots).SetString(key, "value"u8, KeyedValue.NoExpiry);
    }

    private static void Remove(Keyspace space, string name, int slots)
    {
        var key = Encoding.ASCII.GetBytes(name);
        space.Table(HashSlot.Of(key) % slots).Remove(key, 0);
    }
}

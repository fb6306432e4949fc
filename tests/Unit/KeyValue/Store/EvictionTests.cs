using System.Text;
using Trefoil.KeyValue.Store;
using Trefoil.KeyValue.Values;
using Trefoil.Primitives;
using Xunit;

namespace Trefoil.Unit.KeyValue.Store;

public sealed class EvictionTests
{
    private const int Keys = 2000;

    [Theory]
    [InlineData("allkeys-lru", false)]
    [InlineData("allkeys-lfu", false)]
    [InlineData("allkeys-random", false)]
    [InlineData("volatile-lru", true)]
    [InlineData("volatile-lfu", true)]
    [InlineData("volatile-random", true)]
    [InlineData("volatile-ttl", true)]
    public void Every_policy_evicts_until_nothing_of_its_kind_is_left(string name, bool isVolatile)
    {
        var policy = EvictionPolicies.Parse(name)!.Value;
        var space = Filled(expiring: i => i % 2 == 0);
        var evicted = 0;
        while (space.EvictOne(policy, 5))
        {
            evicted++;
        }

        Assert.Equal(isVolatile ? Keys / 2 : Keys, evicted);
        Assert.Equal(evicted, space.EvictedCount);
        Assert.Equal(Keys - evicted, space.Count);
        Assert.Equal(0, space.ExpiringCount);
        Assert.Equal(isVolatile, space.Bytes > 0);
    }

    [Fact]
    public void The_least_recently_used_go_first()
    {
        var space = Filled(_ => false);
        Advance(space, 1000);
        Use(space, from: 0, to: Keys / 2);
        Evict(space, EvictionPolicy.AllKeysLru, Keys / 2);
        Assert.InRange(Left(space, 0, Keys / 2), Keys / 2 * 0.94, Keys / 2);
    }

    [Fact]
    public void The_least_frequently_used_go_first()
    {
        var space = new Keyspace();
        space.Clock.CountsAccesses = true;
        Fill(space, _ => false);
        for (var i = 0; i < 50; i++)
        {
            Use(space, 0, Keys / 2);
        }

        Evict(space, EvictionPolicy.AllKeysLfu, Keys / 2);
        Assert.InRange(Left(space, 0, Keys / 2), Keys / 2 * 0.94, Keys / 2);
    }

    [Fact]
    public void Those_whose_time_comes_first_go_first()
    {
        var space = Filled(_ => true);
        Evict(space, EvictionPolicy.VolatileTtl, Keys / 2);
        Assert.InRange(Left(space, Keys / 2, Keys), Keys / 2 * 0.85, Keys / 2);
    }

    [Fact]
    public void A_slot_full_of_keys_and_many_with_one_are_treated_alike()
    {
        var space = new Keyspace();
        for (var i = 0; i < Keys; i++)
        {
            space.Table(i < Keys / 2 ? 0 : i).SetString(Key(i), "value"u8, KeyedValue.NoExpiry);
        }

        Evict(space, EvictionPolicy.AllKeysRandom, Keys / 2);
        Assert.InRange(space.CountIn(0), Keys * 0.2, Keys * 0.3);
    }

    [Fact]
    public void A_key_that_was_used_again_since_it_was_sampled_stays()
    {
        var space = Filled(_ => false);
        Advance(space, 500);
        for (var i = 0; i < Keys - 200; i++)
        {
            // Everybody uses the same hundred keys all the time.
            Use(space, 0, 100);
            Advance(space, 500 + i);
            Assert.True(space.EvictOne(EvictionPolicy.AllKeysLru, 5));
        }

        Assert.InRange(Left(space, 0, 100), 99, 100);
    }

    [Fact]
    public void An_eviction_breaks_a_watch()
    {
        var space = new Keyspace();
        space.Table(3).SetString("key"u8, "value"u8, KeyedValue.NoExpiry);
        var watch = new KeyWatch(3, "key"u8.ToArray());
        space.Table(3).Watch(watch);
        Assert.True(space.EvictOne(EvictionPolicy.AllKeysRandom, 5));
        Assert.True(watch.IsBroken);
    }

    [Fact]
    public void The_clock_of_frequency_grows_with_the_logarithm_and_falls_with_time()
    {
        var space = new Keyspace();
        space.Clock.CountsAccesses = true;
        space.Table(0).SetString("key"u8, "value"u8, KeyedValue.NoExpiry);
        for (var i = 0; i < 100_000; i++)
        {
            space.Table(0).Read("key"u8, 0);
        }

        var counter = space.Clock.Frequency(space.Table(0).Peek("key"u8, 0).Clock);
        Assert.InRange(counter, 100, 200);
        space.Clock.Advance(50 * 60_000);
        Assert.Equal(counter - 50, space.Clock.Frequency(space.Table(0).Peek("key"u8, 0).Clock));
    }

    private static Keyspace Filled(Func<int, bool> expiring)
    {
        var space = new Keyspace();
        Fill(space, expiring);
        return space;
    }

    private static void Fill(Keyspace space, Func<int, bool> expiring)
    {
        for (var i = 0; i < Keys; i++)
        {
            space.Table(HashSlot.Of(Key(i))).SetString(Key(i), "value"u8, expiring(i) ? 1_000_000 + i : KeyedValue.NoExpiry);
        }
    }

    private static void Evict(Keyspace space, EvictionPolicy policy, int count)
    {
        for (var i = 0; i < count; i++)
        {
            Assert.True(space.EvictOne(policy, 10));
        }
    }

    private static void Use(Keyspace space, int from, int to)
    {
        for (var i = from; i < to; i++)
        {
            space.Table(HashSlot.Of(Key(i))).Read(Key(i), 0);
        }
    }

    private static int Left(Keyspace space, int from, int to) =>
        Enumerable.Range(from, to - from).Count(i => space.Table(HashSlot.Of(Key(i))).Contains(Key(i), 0));

    private static void Advance(Keyspace space, long seconds) => space.Clock.Advance(seconds * 1000);

    private static byte[] Key(int i) => Encoding.ASCII.GetBytes($"key:{i}");
}

using System.Text;
using Trefoil.KeyValue.Store;
using Trefoil.KeyValue.Values;
using Xunit;

namespace Trefoil.Unit.KeyValue.Store;

public sealed class ExpiryTests
{
    private static readonly TimeSpan Unlimited = TimeSpan.FromMinutes(1);

    [Fact]
    public void A_key_is_there_until_its_millisecond_and_gone_from_it_on()
    {
        var space = new Keyspace();
        var table = space.Table(0);
        table.SetString("key"u8, "value"u8, 1000);
        Assert.True(table.Find("key"u8, 999).Exists);
        Assert.False(table.Find("key"u8, 1000).Exists);
        Assert.Equal(0, space.Count);
        Assert.Equal(1, space.ExpiredCount);
    }

    [Fact]
    public void The_cycle_removes_exactly_what_is_due_without_anyone_asking()
    {
        var space = new Keyspace();
        for (var i = 0; i < 10_000; i++)
        {
            space.Table(i % 100).SetString(Encoding.ASCII.GetBytes($"key:{i}"), "value"u8, 1000 + i);
        }

        Assert.Equal(0, space.ExpireCycle(999, Unlimited));
        Assert.Equal(5001, space.ExpireCycle(6000, Unlimited));
        Assert.Equal(4999, space.Count);
        Assert.Equal(4999, space.ExpireCycle(long.MaxValue - 1, Unlimited));
        Assert.Equal(0, space.Count);
        Assert.Equal(0, space.Bytes);
    }

    [Fact]
    public void A_spent_budget_stops_the_cycle_and_the_next_goes_on()
    {
        var space = new Keyspace();
        for (var i = 0; i < 1000; i++)
        {
            space.Table(i % 2).SetString(Encoding.ASCII.GetBytes($"key:{i}"), "value"u8, 10);
        }

        var first = space.ExpireCycle(10, TimeSpan.Zero);
        Assert.InRange(first, 1, 999);
        var turns = 1;
        for (; space.Count > 0; turns++)
        {
            Assert.True(space.ExpireCycle(10, TimeSpan.Zero) > 0, "no progress");
        }

        Assert.InRange(turns, 2, 50);
    }

    [Fact]
    public void A_later_expiry_replaces_an_earlier_one()
    {
        var space = new Keyspace();
        var table = space.Table(9);
        table.SetString("key"u8, "value"u8, 100);
        table.SetExpiry("key"u8, 500, 0);
        Assert.Equal(0, space.ExpireCycle(499, Unlimited));
        Assert.Equal(1, space.ExpireCycle(500, Unlimited));
    }

    [Fact]
    public void Renewing_an_expiry_a_million_times_does_not_grow_the_queue()
    {
        var table = new Keyspace().Table(9);
        table.SetString("key"u8, "value"u8, 100);
        for (var i = 0; i < 1_000_000; i++)
        {
            table.SetExpiry("key"u8, 1000 + i, 0);
        }

        Assert.InRange(table.QueuedExpiries, 1, 200);
        Assert.Equal(1, table.ExpiringCount);
    }

    [Fact]
    public void A_slot_without_expiries_keeps_no_queue()
    {
        var table = new Keyspace().Table(9);
        table.SetString("key"u8, "value"u8, 100);
        table.SetExpiry("key"u8, KeyedValue.NoExpiry, 0);
        Assert.Equal(0, table.QueuedExpiries);
    }

    [Fact]
    public void A_hash_expires_as_a_string_does()
    {
        var space = new Keyspace();
        var table = space.Table(9);
        table.SetField("key"u8, null, "field"u8, "value"u8);
        table.SetExpiry("key"u8, 100, 0);
        Assert.Equal(1, space.ExpireCycle(100, Unlimited));
        Assert.Equal(0, table.Bytes);
    }
}

using Trefoil.Primitives;
using Xunit;

namespace Trefoil.Unit.Primitives;

public class HybridClockTests
{
    private static readonly NodeId Self = new(1, 2);

    [Fact]
    public void Readings_are_strictly_monotone_while_the_wall_clock_stands_or_goes_back()
    {
        var clock = Started(1_000_000);
        var last = Read(clock, 1_000_000);
        Assert.Equal(new HybridTime(1_000_000, 0, Self), last);
        foreach (var wall in new long[] { 1_000_000, 999_000, 0, 1_000_000, 1_000_001, 5 })
        {
            var next = Read(clock, wall);
            Assert.True(next > last);
            last = next;
        }
    }

    [Fact]
    public void A_full_counter_carries_into_the_next_millisecond()
    {
        var clock = Started(1000);
        for (var i = 0; i <= ushort.MaxValue; i++)
        {
            Assert.Equal((ushort)i, Read(clock, 1000).Counter);
        }

        Assert.Equal(new HybridTime(1001, 0, Self), Read(clock, 1000));
    }

    [Fact]
    public void A_restart_with_the_clock_set_back_is_later_than_everything_before()
    {
        var random = new Prng(5);
        long persisted = 0;
        var last = default(HybridTime);
        for (var life = 0; life < 50; life++)
        {
            var clock = new HybridClock(Self, persisted);
            var wall = (long)random.Below(100_000);
            for (var i = 0; i < 40; i++)
            {
                wall += random.Below(2000) - 300;
                if (!clock.TryRead(wall, out var time))
                {
                    persisted = clock.BoundToPersist;
                    clock.Persisted(persisted);
                    Assert.True(clock.TryRead(wall, out time));
                }

                Assert.True(time > last);
                Assert.True(time.PhysicalMs < persisted);
                last = time;
            }
        }
    }

    [Fact]
    public void Nothing_is_read_past_the_persisted_bound()
    {
        var clock = new HybridClock(Self, 0);
        Assert.False(clock.TryRead(1000, out _));
        Assert.Equal(1000 + HybridClock.BoundStepMs, clock.BoundToPersist);
        clock.Persisted(1001);
        Assert.True(clock.TryRead(1000, out _));
        Assert.False(clock.TryRead(1001, out _));
        clock.Persisted(long.MaxValue); // more than was asked for is not believed
        Assert.False(clock.TryRead(1000 + HybridClock.BoundStepMs, out _));
    }

    [Fact]
    public void The_bound_is_asked_for_before_it_is_in_the_way()
    {
        var clock = Started(0);
        var asked = clock.BoundToPersist;
        Read(clock, 4000);
        Assert.Equal(asked, clock.BoundToPersist);
        Read(clock, 6000);
        Assert.Equal(6000 + HybridClock.BoundStepMs, clock.BoundToPersist);
    }

    [Fact]
    public void A_remote_reading_is_overtaken_and_one_too_far_ahead_is_refused()
    {
        var clock = Started(1000);
        Assert.True(clock.TryObserve(1000, new HybridTime(1500, 7, new NodeId(9, 9))));
        Assert.Equal(new HybridTime(1500, 8, Self), Read(clock, 1000));
        Assert.False(clock.TryObserve(1000, new HybridTime(1501, 0, new NodeId(9, 9))));
        Assert.Equal(new HybridTime(1500, 9, Self), Read(clock, 1000));
    }

    [Fact]
    public void Bytes_are_ordered_as_the_readings_are()
    {
        var random = new Prng(1);
        for (var i = 0; i < 1000; i++)
        {
            var (a, b) = (Draw(random), Draw(random));
            Assert.Equal(Math.Sign(a.CompareTo(b)), Math.Sign(Bytes(a).AsSpan().SequenceCompareTo(Bytes(b))));
            var reader = new ByteReader(Bytes(a));
            Assert.Equal(a, HybridTime.Read(ref reader));
            Assert.True(reader.Ended);
        }
    }

    private static HybridTime Draw(Prng random) =>
        new(random.Below(3), (ushort)random.Below(3), new NodeId((ulong)random.Below(2), (ulong)random.Below(3)));

    private static byte[] Bytes(HybridTime time)
    {
        var writer = new ByteWriter();
        time.Write(writer);
        return writer.ToArray();
    }

    private static HybridClock Started(long wall)
    {
        var clock = new HybridClock(Self, 0);
        clock.TryRead(wall, out _);
        clock.Persisted(clock.BoundToPersist);
        return clock;
    }

    private static HybridTime Read(HybridClock clock, long wall)
    {
        Assert.True(clock.TryRead(wall, out var time));
        return time;
    }
}

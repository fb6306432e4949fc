using System.Text;
using Trefoil.KeyValue.Store;
using Trefoil.KeyValue.Values;
using Trefoil.Primitives;
using Xunit;

namespace Trefoil.Unit.KeyValue.Store;

public sealed class KeyspaceTests
{
    [Fact]
    public void Overwriting_a_value_of_the_same_size_allocates_nothing()
    {
        var table = new Keyspace().Table(1);
        var value = new byte[64];
        table.SetString("key"u8, value, KeyedValue.NoExpiry);
        table.SetString("counter"u8, "1"u8, KeyedValue.NoExpiry);
        table.SetField("hash"u8, null, "field"u8, value);
        Work();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Work();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        void Work()
        {
            for (var i = 0; i < 1000; i++)
            {
                value[0] = (byte)i;
                table.SetString("key"u8, value, KeyedValue.NoExpiry);
                table.Increment("counter"u8, 1, 0, out _);
                table.SetField("hash"u8, table.Find("hash"u8, 0).Hash, "field"u8, value);
                Assert.True(table.Read("key"u8, 0).Exists);
            }
        }
    }

    [Fact]
    public void Threads_on_their_own_slots_and_on_shared_ones_lose_no_increment()
    {
        const int Threads = 4;
        const int Rounds = 50_000;
        var space = new Keyspace();
        Parallel.For(0, Threads, thread =>
        {
            for (var i = 0; i < Rounds; i++)
            {
                var key = Encoding.ASCII.GetBytes(i % 2 == 0 ? $"shared:{i % 64}" : $"own:{thread}:{i % 64}");
                var table = space.Table(HashSlot.Of(key));
                lock (table)
                {
                    table.Increment(key, 1, 0, out _);
                }
            }
        });

        var sum = 0L;
        space.VisitAll(0, entry => sum += entry.Integer);
        Assert.Equal((long)Threads * Rounds, sum);
        Assert.Equal(32 + (32 * Threads), space.Count);
    }

    [Fact]
    public void Scans_and_clears_run_beside_writers()
    {
        var space = new Keyspace();
        Parallel.For(0, 4, thread =>
        {
            var random = new Prng((ulong)thread);
            for (var i = 0; i < 20_000; i++)
            {
                var key = Encoding.ASCII.GetBytes($"key:{random.Below(5000)}");
                var table = space.Table(HashSlot.Of(key));
                lock (table)
                {
                    table.SetString(key, key, random.Below(2) == 0 ? 10 : KeyedValue.NoExpiry);
                }

                if (i % 1000 == 0 && thread == 0)
                {
                    space.Scan(0, 100, 5, entry => Assert.Equal(entry.Key, entry.Text(new byte[20])));
                    space.ExpireCycle(20, TimeSpan.FromSeconds(1));
                }

                if (i % 7000 == 0 && thread == 1)
                {
                    space.Clear();
                }
            }
        });

        var counted = 0L;
        space.VisitAll(0, _ => counted++);
        Assert.Equal(counted, space.Count);
        space.Clear();
        Assert.Equal(0, space.Count);
        Assert.Equal(0, space.Bytes);
        Assert.Equal(0, space.ExpiringCount);
    }
}

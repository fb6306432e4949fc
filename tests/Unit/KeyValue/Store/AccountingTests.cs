using System.Text;
using Trefoil.KeyValue.Store;
using Trefoil.KeyValue.Values;
using Trefoil.Primitives;
using Xunit;

namespace Trefoil.Unit.KeyValue.Store;

/// <summary>What is accounted is what the heap grows by: eviction trusts the first, the machine feels the second.</summary>
[Collection(nameof(MemoryGoalTests))]
public sealed class AccountingTests
{
    /// <summary>How much of what, spread over how many slots. Each takes tens of megabytes: what other tests left drowns less.</summary>
    [Theory]
    [InlineData("integer", 200_000, 8, 16384)]
    [InlineData("string", 200_000, 3, 16384)]
    [InlineData("string", 200_000, 64, 16384)]
    [InlineData("string", 200_000, 64, 1)]
    [InlineData("string", 30_000, 1000, 16384)]
    [InlineData("string", 300, 100_000, 16384)]
    [InlineData("string", 16_384, 1000, 16384)]
    [InlineData("appended", 30_000, 1000, 16384)]
    [InlineData("expiring", 300_000, 16, 16384)]
    [InlineData("expiring", 200_000, 16, 5)]
    [InlineData("hash", 30_000, 8, 16384)]
    [InlineData("hash", 4000, 300, 16384)]
    [InlineData("hash", 400, 2000, 16384)]
    [InlineData("hash", 1, 300_000, 1)]
    [InlineData("list", 60_000, 5, 16384)]
    [InlineData("list", 500, 3000, 16384)]
    [InlineData("list", 1, 600_000, 1)]
    [InlineData("integers", 60_000, 10, 16384)]
    [InlineData("integers", 5000, 500, 16384)]
    [InlineData("set", 60_000, 5, 16384)]
    [InlineData("set", 1000, 1000, 16384)]
    [InlineData("set", 1, 400_000, 1)]
    [InlineData("sorted", 60_000, 5, 16384)]
    [InlineData("sorted", 1000, 1000, 16384)]
    [InlineData("sorted", 1, 300_000, 1)]
    public void Accounted_bytes_are_within_15_percent_of_what_the_heap_grows_by(string kind, int keys, int size, int slots)
    {
        var accounted = 0L;
        var grown = HeapGrowth.Measure(Build, (space, grown) =>
        {
            accounted = space.Bytes + space.OverheadBytes;
            return Fits(accounted, grown);
        });
        Assert.True(
            Fits(accounted, grown),
            $"{kind} {keys} × {size}: {accounted / keys} bytes per key accounted, {grown / keys} on the heap ({100.0 * accounted / grown:F0} %)");

        void Build(Keyspace space)
        {
            var random = new Prng(7);
            for (var i = 0; i < keys; i++)
            {
                Fill(space.Table(i % slots), kind, Encoding.ASCII.GetBytes($"key:{i:D8}"), size, random);
            }
        }
    }

    private static bool Fits(long accounted, long grown) => accounted > grown * 0.85 && accounted < grown * 1.15;

    private static void Fill(SlotTable table, string kind, byte[] key, int size, Prng random)
    {
        switch (kind)
        {
            case "integer":
                table.SetInteger(key, random.Below(int.MaxValue), KeyedValue.NoExpiry);
                return;
            case "string":
                table.SetString(key, Text(size, random), KeyedValue.NoExpiry);
                return;
            case "expiring":
                table.SetString(key, Text(size, random), 1_000_000 + random.Below(1_000_000));
                return;
            case "appended":
                table.WriteRange(key, 0, Text(size / 2, random), 0);
                table.WriteRange(key, size / 2, Text(size / 2, random), 0);
                return;
        }

        SetValue? set = null;
        SortedSetValue? sorted = null;
        HashValue? hash = null;
        ListValue? list = null;
        for (var i = 0; i < size; i++)
        {
            var member = Encoding.ASCII.GetBytes(kind == "integers" ? $"{random.Below(1_000_000)}" : $"member:{random.Below(100_000_000)}");
            switch (kind)
            {
                case "hash":
                    table.SetField(key, hash, member, Text(random.Below(30), random));
                    hash ??= table.Find(key, 0).Hash;
                    break;
                case "list":
                    list = table.Push(key, list, member, atHead: random.Chance(0.5));
                    break;
                case "sorted":
                    table.SetScore(key, ref sorted, member, random.Below(1000) / 8.0);
                    break;
                default:
                    table.AddMember(key, ref set, member);
                    break;
            }
        }
    }

    private static byte[] Text(int length, Prng random)
    {
        var text = new byte[length];
        for (var i = 0; i < length; i++)
        {
            text[i] = (byte)('a' + random.Below(26));
        }

        return text;
    }
}

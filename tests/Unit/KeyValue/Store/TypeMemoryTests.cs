using System.Text;
using Trefoil.KeyValue.Store;
using Xunit;

namespace Trefoil.Unit.KeyValue.Store;

public sealed class TypeMemoryTests
{
    /// <summary>
    /// How many keys, how many elements each, what one key with them took in redis-server 7.0.15 (growth of used_memory; keys of 16 bytes,
    /// elements of about 14), and what it may take here.
    /// </summary>
    [Theory]
    [InlineData("list", 20_000, 5, 282, 1.0)]
    [InlineData("set", 20_000, 5, 490, 1.0)]
    [InlineData("list", 2000, 200, 3254, 1.0)]
    [InlineData("set", 2000, 100, 6475, 1.0)]
    [InlineData("set", 2000, 200, 12_820, 1.0)]
    [InlineData("sorted", 2000, 100, 1876, 1.01)]
    [InlineData("sorted", 2000, 200, 23_186, 1.0)]
    [InlineData("list", 1, 500_000, 7_953_240, 1.01)]
    [InlineData("set", 1, 500_000, 28_195_960, 1.0)]
    [InlineData("sorted", 1, 300_000, 36_696_984, 1.0)]
    [InlineData("integers", 20_000, 5, 122, 1.5)]
    [InlineData("sorted", 20_000, 5, 202, 1.2)]
    public void What_a_key_takes_beside_redis(string kind, int keys, int elements, long redis, double limit)
    {
        var space = new Keyspace();
        for (var i = 0; i < keys; i++)
        {
            var key = Encoding.ASCII.GetBytes($"key:{i:D12}");
            var table = space.Table(0);
            for (var j = 0; j < elements; j++)
            {
                Add(table, kind, key, i, j);
            }
        }

        // That this is what it takes of the heap is what AccountingTests show.
        Assert.True(space.Bytes <= redis * keys * limit, $"{space.Bytes / keys} bytes per key, {redis} in Redis");
    }

    private static void Add(SlotTable table, string kind, byte[] key, int i, int j)
    {
        var entry = table.Find(key, 0);
        switch (kind)
        {
            case "list":
                table.Push(key, entry.List, Encoding.ASCII.GetBytes($"element:{(i * 7) + j}"), atHead: false);
                break;
            case "sorted":
                var sorted = entry.SortedSet;
                table.SetScore(key, ref sorted, Encoding.ASCII.GetBytes($"member:{(i * 7) + j}"), i + (j * 3));
                break;
            default:
                var set = entry.Set;
                table.AddMember(key, ref set, Encoding.ASCII.GetBytes(kind == "set" ? $"member:{(i * 7) + j}" : $"{(i * 7) + (j * 1000)}"));
                break;
        }
    }
}

using Trefoil.KeyValue.Store;
using Trefoil.KeyValue.Values;
using Trefoil.Primitives;
using Xunit;

namespace Trefoil.Unit.KeyValue.Store;

/// <summary>Measures the heap of the whole process, so nothing may run beside it.</summary>
[CollectionDefinition(nameof(MemoryGoalTests), DisableParallelization = true)]
public sealed class MemoryGoalCollection;

[Collection(nameof(MemoryGoalTests))]
public sealed class MemoryGoalTests
{
    private const int Keys = 1_000_000;

    [Fact]
    public void A_million_small_keys_fit_the_memory_goal()
    {
        var accounted = 0.0;
        var perKey = HeapGrowth.Measure(Build, (space, grown) =>
        {
            accounted = space.Bytes / (double)Keys;
            return grown / (double)Keys is > 100 and < 140;
        }) / (double)Keys;
        Assert.InRange(perKey, 100, 140);
        Assert.InRange(accounted, perKey * 0.9, perKey * 1.1);
    }

    private static void Build(Keyspace space)
    {
        var key = new byte[16];
        var value = new byte[64];
        "key:"u8.CopyTo(key);
        value.AsSpan().Fill((byte)'x');
        for (var i = 0; i < Keys; i++)
        {
            i.TryFormat(key.AsSpan(4), out _, "D12");
            space.Table(HashSlot.Of(key)).SetString(key, value, KeyedValue.NoExpiry);
        }
    }
}

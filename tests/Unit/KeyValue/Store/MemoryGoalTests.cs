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
    [Fact]
    public void A_million_small_keys_fit_the_memory_goal()
    {
        var space = new Keyspace();
        var key = new byte[16];
        var value = new byte[64];
        "key:"u8.CopyTo(key);
        value.AsSpan().Fill((byte)'x');
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var i = 0; i < 1_000_000; i++)
        {
            i.TryFormat(key.AsSpan(4), out _, "D12");
            space.Table(HashSlot.Of(key)).SetString(key, value, KeyedValue.NoExpiry);
        }

        var perKey = (GC.GetTotalMemory(forceFullCollection: true) - before) / 1_000_000.0;
        Assert.InRange(perKey, 100, 140);
        Assert.InRange(space.Bytes / 1_000_000.0, perKey * 0.9, perKey * 1.1);
    }
}

using Trefoil.Assertions.Model;
using Trefoil.Assertions.Store;
using Trefoil.Storage;
using Trefoil.Storage.Ordered;
using Trefoil.Unit.Storage.Ordered;
using Xunit;
using static Trefoil.Unit.Assertions.Store.StoreWorld;

namespace Trefoil.Unit.Assertions.Store;

/// <summary>The store as a node has it: RocksDB, files, processes that are killed.</summary>
public sealed class RocksAssertionTests : IDisposable
{
    private static readonly RocksOptions Buffers = new() { WriteBufferBytes = 64 << 10 };
    private readonly RocksDirectory _rocks = new();
    private readonly string _log = Directory.CreateTempSubdirectory("trefoil-assertions-").FullName;

    public void Dispose()
    {
        _rocks.Dispose();
        Directory.Delete(_log, recursive: true);
    }

    [Fact]
    public void A_process_that_is_killed_again_and_again_loses_nothing_that_was_acknowledged()
    {
        var ordered = _rocks.Open(Buffers);
        var ids = new List<AssertionId>();
        for (var life = 0; life < 8; life++)
        {
            var store = Start(ordered);
            AssertHolds(store, ids);
            for (var commit = 0; commit < 40; commit++)
            {
                var claims = Enumerable.Range(0, 10).Select(i => Claim($"s{i}/x", "p", $"{life} {commit} {i}", ids.Count)).ToArray();
                Array.ForEach(claims, claim => store.Stage(claim));
                store.Commit();
                ids.AddRange(claims.Select(claim => claim.Id));
            }

            ordered = _rocks.Crash(ordered, Buffers);
            store.Dispose();
        }

        using var last = Start(ordered);
        AssertHolds(last, ids);
        Assert.InRange(Directory.GetFiles(_log, "*.wal", SearchOption.AllDirectories).Length, 1, 8);
    }

    private AssertionStore Start(IOrderedStore ordered)
    {
        var options = new AssertionStoreOptions { SegmentBytes = 50_000, TrimBytes = 10_000 };
        var opened = Assert.IsType<StoreOpenResult.Opened>(AssertionStore.Open(new FileDisk(_log), LogDirectory, ordered, options));
        Assert.True(opened.Report.Replayed > 0 || opened.Store.LastArrival == 0);
        return opened.Store;
    }

    private static void AssertHolds(AssertionStore store, List<AssertionId> ids)
    {
        using var reader = store.Read();
        Assert.Equal(ids.Count, store.Counts.Claims);
        Assert.Equal(ids, reader.ArrivedAfter(0, int.MaxValue).Select(arrival => arrival.Key.Id));
        Assert.All(ids, id => Assert.Equal(id, reader.State(id)!.Id));
        Assert.Equal(ids.Count, reader.Keys(KeySelection.Under(""), null, 1000, 100_000).Keys.Sum(key => key.Claims.Count));
    }
}

using Trefoil.Assertions.Http;
using Trefoil.Assertions.Store;
using Trefoil.Primitives;
using Trefoil.Storage;
using Trefoil.Storage.Ordered;
using Trefoil.Unit.Testing;
using Xunit;
using static Trefoil.Unit.Assertions.Store.StoreWorld;

namespace Trefoil.Unit.Assertions.Http;

public class AssertionServiceTests
{
    [Fact]
    public async Task What_was_answered_is_visible_and_what_is_stable_lies_before_the_next_reading()
    {
        var (clock, readings) = (new FakeClock(DateTimeOffset.FromUnixTimeMilliseconds(1000)), 0);
        using var service = Service(clock, () => new HybridTime(1000 + readings++, 0, Self));
        var arrived = service.Arrived;
        Assert.False(arrived.IsCompleted);

        var (result, at) = await service.WriteAsync((next, records) => records.Add(Claim("a", "p", "1", next().PhysicalMs)));

        Assert.IsType<PostResult.Stored>(result);
        Assert.Equal(at, service.Visible);
        await arrived;
        Assert.Equal(at.PhysicalMs - 1, service.StableThroughMs);
        using var reader = service.Read();
        Assert.Equal(1ul, reader.Through);
        Assert.Equal(1, service.Counts.Claims);
    }

    [Fact]
    public async Task Readings_are_in_the_order_of_arrivals()
    {
        var readings = 0;
        using var service = Service(new FakeClock(DateTimeOffset.UnixEpoch), () => new HybridTime(++readings, 0, Self));
        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Task.Run(() =>
            service.WriteAsync((next, records) => records.Add(Claim("a", "p", $"{i}", next().PhysicalMs))))));

        using var reader = service.Read();
        var byArrival = reader.ArrivedAfter(0, 1000).Select(arrival => arrival.Key.Id);
        var byTime = reader.Ingested(default, long.MaxValue, 1000).Select(claim => claim.Id);
        Assert.Equal(byTime, byArrival);
        Assert.Equal(201, service.Visible.PhysicalMs);
    }

    private static NodeId Self => new(1, 1);

    private static AssertionService Service(TimeProvider time, Func<HybridTime> clock)
    {
        var opened = (StoreOpenResult.Opened)AssertionStore.Open(new MemoryDisk(), LogDirectory, new MemoryOrderedStore(), new AssertionStoreOptions());
        return new AssertionService(opened.Store, Self, clock, time, error => throw error);
    }
}

using Trefoil.KeyValue.Values;
using Trefoil.Primitives;
using Trefoil.Storage;
using Xunit;

namespace Trefoil.Unit.KeyValue.Persistence;

/// <summary>A cache that starts again still knows what it would evict first.</summary>
public sealed class AccessSnapshotTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_snapshot_keeps_when_or_how_often_keys_were_used_if_evictions_go_by_it(bool frequency)
    {
        var disk = new MemoryDisk();
        var book = KeyBook.Open(disk);
        var clock = book.Keys.Clock;
        (clock.IsUsed, clock.CountsAccesses) = (true, frequency);
        Set(book, frequency ? clock.WithFrequency(77) : clock.IdleSince(1000));
        Assert.True(book.Storage.Snapshots.TryStart(isRewrite: false, out var done));
        Assert.True(await done);

        var again = KeyBook.Open(disk).Keys;
        Assert.Equal(frequency, again.Clock.CountsAccesses);
        var kept = again.Table(HashSlot.Of("k"u8)).Peek("k"u8, 0).Clock;
        if (frequency)
        {
            Assert.Equal(77, again.Clock.Frequency(kept));
        }
        else
        {
            Assert.InRange(again.Clock.IdleSeconds(kept), 1000, 1010);
        }
    }

    [Fact]
    public async Task Without_evictions_that_go_by_it_snapshots_stay_as_small_as_they_were()
    {
        var disk = new MemoryDisk();
        var book = KeyBook.Open(disk);
        Set(book, book.Keys.Clock.IdleSince(1000));
        Assert.True(book.Storage.Snapshots.TryStart(isRewrite: false, out var done));
        Assert.True(await done);
        var again = KeyBook.Open(disk).Keys;
        Assert.InRange(again.Clock.IdleSeconds(again.Table(HashSlot.Of("k"u8)).Peek("k"u8, 0).Clock), 0, 10);
    }

    private static void Set(KeyBook book, uint clock)
    {
        var table = book.Keys.Table(HashSlot.Of("k"u8));
        lock (table)
        {
            table.SetString("k"u8, "value"u8, KeyedValue.NoExpiry);
            table.SetClock("k"u8, clock);
        }

        book.Log.Commit();
        book.Pump();
    }
}

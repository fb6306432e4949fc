using Trefoil.Assertions.Store;
using Trefoil.Storage;
using Xunit;
using Record = Trefoil.Assertions.Records.Record;
using static Trefoil.Unit.Assertions.Store.StoreWorld;

namespace Trefoil.Unit.Assertions.Store;

public class AssertionPumpTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_post_is_answered_when_it_is_durable_and_visible()
    {
        using var world = Open();
        using var pump = new AssertionPump(world.Store, new AssertionPumpOptions(), _ => { });
        var claim = Claim("a", "p", "1", 50);

        var stored = Assert.IsType<PostResult.Stored>(await pump.PostAsync([claim, Vote(claim.Id, 1, 1, 51), claim]));
        Assert.Equal([RecordOutcome.Created, RecordOutcome.Created, RecordOutcome.Unchanged], stored.Outcomes);
        Assert.Equal(2ul, stored.LastArrival);
        using var reader = world.Store.Read();
        Assert.NotNull(reader.State(claim.Id));
    }

    [Fact]
    public async Task Posts_that_come_while_the_disk_is_busy_share_the_next_commit()
    {
        using var world = Open();
        using var busy = new ManualResetEventSlim();
        using var free = new ManualResetEventSlim();
        using var pump = new AssertionPump(world.Store, new AssertionPumpOptions(), _ => { })
        {
            Committed = _ =>
            {
                busy.Set();
                free.Wait(Cancellation);
            },
        };
        await pump.PostAsync([Claim("a", "p", "first", 1)]);
        busy.Wait(Cancellation);
        var posts = Enumerable.Range(0, 50).Select(i => pump.PostAsync([Claim("a", "p", $"{i}", 1)])).ToArray();
        free.Set();
        await Task.WhenAll(posts);

        Assert.Equal(2, pump.Commits);
    }

    [Fact]
    public async Task A_full_queue_refuses_counts_and_loses_nothing_that_it_took()
    {
        using var world = Open();
        using var busy = new ManualResetEventSlim();
        using var free = new ManualResetEventSlim();
        var pump = new AssertionPump(world.Store, new AssertionPumpOptions { MaxWaitingRecords = 10 }, _ => { })
        {
            Committed = _ =>
            {
                busy.Set();
                free.Wait(Cancellation);
            },
        };
        await pump.PostAsync([Claim("a", "p", "first", 1)]);
        busy.Wait(Cancellation);
        var posts = Enumerable.Range(0, 15).Select(i => pump.PostAsync([Claim("a", "p", $"{i}", 1)])).ToArray();
        Assert.Equal((10, 5L), (pump.WaitingRecords, pump.Refused));
        free.Set();
        pump.Dispose();
        var results = await Task.WhenAll(posts);

        Assert.Equal((10, 5), (results.Count(result => result is PostResult.Stored), results.Count(result => result is PostResult.Full)));
        Assert.Equal(11, world.Store.Counts.Claims);
        Assert.IsType<PostResult.Closed>(await pump.PostAsync([Claim("a", "p", "late", 1)]));
    }

    [Fact]
    public async Task A_failing_disk_is_told_and_nobody_is_answered_as_if_it_were_stored()
    {
        var world = Open();
        world.Disk.FailAt(0, stays: true);
        var told = new TaskCompletionSource<IOException>();
        using var pump = new AssertionPump(world.Store, new AssertionPumpOptions(), told.SetResult);

        await Assert.ThrowsAsync<DiskFailure>(() => pump.PostAsync([Claim("a", "p", "1", 1)]));
        await Assert.ThrowsAsync<DiskFailure>(() => pump.PostAsync([Claim("a", "p", "2", 1)]));
        Assert.IsType<DiskFailure>(await told.Task);
    }

    [Fact]
    public async Task Many_posters_at_once_are_all_answered_with_what_is_theirs()
    {
        using var world = Open();
        using var pump = new AssertionPump(world.Store, new AssertionPumpOptions { CommitRecords = 7 }, _ => { });
        var claims = Enumerable.Range(0, 200).Select(i => (Record)Claim("a", "p", $"{i % 100}", 1)).ToArray();
        var results = await Task.WhenAll(claims.Select(claim => Task.Run(() => pump.PostAsync([claim]), Cancellation)));

        Assert.Equal(100, results.Count(result => ((PostResult.Stored)result).Outcomes[0] == RecordOutcome.Created));
        Assert.Equal(100, world.Store.Counts.Claims);
    }
}

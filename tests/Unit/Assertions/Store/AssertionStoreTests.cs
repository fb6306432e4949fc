using Trefoil.Assertions.Model;
using Trefoil.Assertions.Store;
using Trefoil.Primitives;
using Trefoil.Storage;
using Xunit;
using Record = Trefoil.Assertions.Records.Record;
using static Trefoil.Unit.Assertions.Store.StoreWorld;

namespace Trefoil.Unit.Assertions.Store;

public class AssertionStoreTests
{
    [Fact]
    public void A_claim_posted_twice_is_one_claim_with_the_earlier_time()
    {
        using var world = Open();
        var claim = Claim("drug/aspirin", "dose", "100 mg", 50);

        Assert.Equal([RecordOutcome.Created], world.Post(claim));
        Assert.Equal([RecordOutcome.Unchanged], world.Post(claim with { Ingested = At(60) }));
        Assert.Equal([RecordOutcome.Changed], world.Post(claim with { Ingested = At(40) }));
        Assert.Equal([RecordOutcome.Unchanged], world.Post(claim));

        using var reader = world.Store.Read();
        Assert.Equal(At(40), reader.State(claim.Id)!.Ingested);
        Assert.Equal([new IngestedClaim(At(40), claim.Id)], reader.Ingested(default, long.MaxValue, 10));
        Assert.Equal(new StoreCounts(1, 1, 0), world.Store.Counts);
    }

    [Fact]
    public void A_claim_twice_in_one_commit_is_created_once()
    {
        using var world = Open();
        var claim = Claim("a", "p", "1", 50);

        Assert.Equal([RecordOutcome.Created, RecordOutcome.Unchanged], world.Post(claim, claim));
        Assert.Equal(1ul, world.Store.LastArrival);
    }

    [Fact]
    public void What_is_staged_is_not_seen_before_it_is_committed()
    {
        using var world = Open();
        var claim = Claim("a", "p", "1", 50);
        world.Store.Stage(claim);
        using (var reader = world.Store.Read())
        {
            Assert.False(reader.Contains(claim.Id));
        }

        world.Store.Commit();
        using var later = world.Store.Read();
        Assert.True(later.Contains(claim.Id));
    }

    [Fact]
    public void Any_number_of_records_share_one_sync()
    {
        using var world = Open();
        var before = world.Disk.Syncs;
        world.Post([.. Enumerable.Range(0, 10).Select(i => Claim("a", "p", $"{i}", 50))]);

        Assert.Equal(before + 1, world.Disk.Syncs);
    }

    [Fact]
    public void Records_of_one_assertion_come_back_in_order_and_fold()
    {
        using var world = Open();
        var claim = Claim("a", "p", "1", 50);
        world.Post(Vote(claim.Id, 2, -300_000, 70), claim, Vote(claim.Id, 1, 500_000, 60), Vote(claim.Id, 2, 100_000, 65));
        world.Post(new Record.LifecycleEvent(claim.Id, Lifecycle.Approved, At(80), Agent(9)), new Record.Retraction(claim.Id, AgentKey.Administrator, At(90)));

        using var reader = world.Store.Read();
        var state = reader.State(claim.Id)!;
        Assert.Equal((200_000L, Lifecycle.Approved, true), (state.VoteSumPpm, state.Lifecycle, state.IsRetracted));
        Assert.Equal(reader.RecordsOf(claim.Id).OrderBy(record => record.Key), reader.RecordsOf(claim.Id));
        Assert.Equal(new StoreCounts(1, 5, 0), world.Store.Counts);
    }

    [Fact]
    public void A_redaction_takes_body_and_index_entries_away_for_ever()
    {
        using var world = Open();
        var claim = Claim("secret/subject", "p", "1", 50, Claim("x", "p", "1", 1).Id);
        world.Post(claim, Vote(claim.Id, 1, 1, 55));
        world.Post(new Record.Redaction(claim.Id, At(60)));
        Assert.Equal([RecordOutcome.Unchanged], world.Post(claim));

        using var reader = world.Store.Read();
        Assert.True(reader.Contains(claim.Id));
        Assert.Null(reader.State(claim.Id));
        Assert.Empty(reader.Keys(KeySelection.Under(""), null, 10, 10).Keys);
        Assert.Empty(reader.Ingested(default, long.MaxValue, 10));
        Assert.Equal(new StoreCounts(0, 3, 1), world.Store.Counts);
        using var raw = world.Ordered.Scan(default, default);
        while (raw.MoveNext())
        {
            Assert.True(raw.Key.IndexOf("secret"u8) < 0 && raw.Value.IndexOf("secret"u8) < 0);
        }
    }

    [Fact]
    public void Arrivals_are_numbered_in_order_and_a_feed_goes_on_from_any_of_them()
    {
        using var world = Open();
        var (a, b) = (Claim("a", "p", "1", 50), Claim("b", "p", "1", 40));
        world.Post(a);
        world.Post(b, Vote(a.Id, 1, 5, 60));

        using var reader = world.Store.Read();
        Assert.Equal([new Arrival(1, a.Key), new Arrival(2, b.Key), new Arrival(3, Vote(a.Id, 1, 5, 60).Key)], reader.ArrivedAfter(0, 10));
        Assert.Equal([2ul], reader.ArrivedAfter(1, 1).Select(arrival => arrival.Number));
        Assert.Equal([3ul], reader.ArrivedAfter(2, 10).Select(arrival => arrival.Number));
        Assert.Empty(reader.ArrivedAfter(3, 10));
        Assert.Empty(reader.ArrivedAfter(ulong.MaxValue, 10));
        Assert.Equal(3ul, reader.Through);
    }

    [Fact]
    public void Claims_are_listed_in_the_order_of_acceptance_between_two_times()
    {
        using var world = Open();
        var claims = Enumerable.Range(0, 6).Select(i => Claim($"s{i}", "p", "1", 100 - (i * 10))).ToArray();
        world.Post(claims);

        using var reader = world.Store.Read();
        var first = reader.Ingested(default, 80, 2);
        Assert.Equal([claims[5].Id, claims[4].Id], first.Select(claim => claim.Id));
        Assert.Equal([claims[3].Id, claims[2].Id], reader.Ingested(first[^1], 80, 10).Select(claim => claim.Id));
    }

    [Fact]
    public void Those_who_refer_to_a_claim_are_found_before_and_after_it_comes()
    {
        using var world = Open();
        var parent = Claim("a", "p", "1", 50);
        var children = new[] { Claim("a", "p", "2", 60, parent.Id), Claim("a", "p", "3", 61, parent.Id) }.OrderBy(child => child.Id).ToArray();
        world.Post([.. children]);
        world.Post(parent);

        using var reader = world.Store.Read();
        Assert.Equal(children.Select(child => new ParentLink(child.Id, ParentKind.Refutes)), reader.Children(parent.Id, null, 10));
        Assert.Equal([children[1].Id], reader.Children(parent.Id, children[0].Id, 10).Select(link => link.Id));
    }

    [Fact]
    public void A_store_that_was_closed_has_nothing_to_replay()
    {
        var world = Open();
        var claim = Claim("a", "p", "1", 50);
        world.Post(claim, Vote(claim.Id, 1, 1, 51));
        world.Store.Close();
        world.Start();

        Assert.Equal((2ul, 0L), (world.Report.FlushedLsn, world.Report.Replayed));
        Assert.Equal(new StoreCounts(1, 2, 0), world.Store.Counts);
        Assert.Equal(2ul, world.Store.LastArrival);
        world.Post(Vote(claim.Id, 2, 1, 52));
        using var reader = world.Store.Read();
        Assert.Equal(3ul, reader.ArrivedAfter(2, 1)[0].Number);
    }

    [Fact]
    public void The_log_is_trimmed_to_what_is_not_flushed()
    {
        using var world = Open();
        for (var i = 0; i < 300; i++)
        {
            world.Post(Claim("a", "p", $"{i}", i));
        }

        // Nothing flushes memory by itself: the bound on what is not flushed does.
        Assert.InRange(world.Ordered.FlushedLsn, 200ul, 300ul);
        Assert.InRange(world.Disk.List(LogDirectory).Count, 1, 8);
        world.Store.Flush();
        Assert.Single(world.Disk.List(LogDirectory));
    }

    [Fact]
    public void A_store_behind_its_log_or_ahead_of_it_is_refused()
    {
        var world = Open();
        for (var i = 0; i < 100; i++)
        {
            world.Post(Claim("a", "p", $"{i}", i));
        }

        world.Store.Close();
        var lost = AssertionStore.Open(world.Disk, LogDirectory, new Trefoil.Storage.Ordered.MemoryOrderedStore(), Small);
        Assert.Contains("the store has lost data", Assert.IsType<StoreOpenResult.Refused>(lost).Refusal, StringComparison.Ordinal);

        var ahead = AssertionStore.Open(new MemoryDisk(), LogDirectory, world.Ordered, Small);
        Assert.Contains("the log has lost data", Assert.IsType<StoreOpenResult.Refused>(ahead).Refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void A_body_that_is_none_is_misuse_and_leaves_the_store_as_it_was()
    {
        using var world = Open();
        var bad = new Record.Claim(AssertionCodec.IdOf("nonsense"u8), At(1), "nonsense"u8.ToArray());

        Assert.Throws<ArgumentException>(() => world.Store.Stage(bad));
        Assert.Equal([RecordOutcome.Created], world.Post(Claim("a", "p", "1", 50)));
    }

    [Fact]
    public void After_a_failed_sync_nothing_is_taken_any_more()
    {
        using var world = Open();
        world.Store.Stage(Claim("a", "p", "1", 50));
        world.Disk.FailAt(0, stays: true);

        Assert.Throws<DiskFailure>(() => world.Store.Commit());
        Assert.Throws<InvalidOperationException>(() => world.Store.Stage(Claim("a", "p", "2", 50)));
    }

    [Fact]
    public void A_flipped_byte_in_the_log_is_refused_with_its_place()
    {
        var world = Open();
        for (var i = 0; i < 30; i++)
        {
            world.Post(Claim("a", "p", $"{i}", i));
        }

        world.Store.Dispose();
        world.Crash(new Prng(1), CrashMode.LoseAll);
        var name = $"{LogDirectory}/{world.Disk.List(LogDirectory)[0]}";
        using (var file = world.Disk.Open(name, create: false))
        {
            Span<byte> one = stackalloc byte[1];
            file.Read(700, one);
            one[0] ^= 4;
            file.Write(700, one);
            file.Sync();
        }

        var refusal = Assert.IsType<StoreOpenResult.Refused>(AssertionStore.Open(world.Disk, LogDirectory, world.Ordered, Small)).Refusal;
        Assert.Contains(name, refusal, StringComparison.Ordinal);
        Assert.Contains("corrupt at offset", refusal, StringComparison.Ordinal);
    }
}

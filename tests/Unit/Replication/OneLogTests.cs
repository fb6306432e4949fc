using Trefoil.Primitives;
using Trefoil.Replication;
using Trefoil.Storage;
using Xunit;

namespace Trefoil.Unit.Replication;

/// <summary>correctness.md, 4: one log, and what brings a copy up to it.</summary>
public sealed class OneLogTests
{
    [Fact]
    public void A_returning_primary_finds_the_common_prefix_and_says_how_much_it_drops()
    {
        var bench = new ReplicaBench(2);
        bench.Elect(0, 0, 1);
        bench.Write(0);
        bench.Settle();
        bench.Loses = (_, _, _) => true;
        bench.Write(0);
        bench.Write(0);
        bench.Write(0);
        bench.Loses = (_, _, _) => false;
        bench.Elect(1, 1);
        bench.Pass(400);

        Assert.Equal(3UL, Assert.Single(bench.Take<ReplicaEffect.Dropped>(0)).Records);
        Assert.Equal(3UL, bench.Nodes[0].Status().DroppedRecords);
        AssertEqual(bench, 0, 1);
    }

    [Fact]
    public void A_restarted_primary_never_resumes_its_epoch()
    {
        var bench = new ReplicaBench(1);
        bench.Elect(0, 0);
        Assert.True(bench.Nodes[0].Status().Begun);
        var last = bench.Logs[0].LastLsn;

        bench.Logs[0].Crash(new Prng(1), CrashMode.KeepAll);
        bench.Boot(0, bench.Shown);
        bench.Settle();
        Assert.False(bench.Nodes[0].Status().Begun);
        Assert.Equal(last, bench.Logs[0].LastLsn);

        bench.Elect(0, 0);
        Assert.True(bench.Nodes[0].Status().Begun);
        Assert.Equal(2, bench.Logs[0].History.Entries.Count);
    }

    [Fact]
    public void An_epoch_that_this_process_was_not_elected_for_is_not_begun()
    {
        var bench = new ReplicaBench(1);
        bench.Commit(view => view with { IsElecting = false, Epoch = 9 });
        bench.Settle();

        Assert.False(bench.Nodes[0].Status().Begun);
        Assert.Equal(0UL, bench.Logs[0].LastLsn);
    }

    [Fact]
    public void A_fenced_member_takes_no_record_of_an_older_epoch_and_tells_its_position_once_it_is_durable()
    {
        var bench = new ReplicaBench(2);
        bench.Elect(0, 0, 1);
        bench.Commit(view => view with { IsElecting = true, Epoch = bench.Version }, 1);
        bench.Write(0);
        bench.Settle();

        Assert.Equal(1UL, bench.Logs[1].LastLsn);
        Assert.False(bench.Nodes[1].Status().Fenced);
        bench.Logs[1].Sync();
        bench.Hand(1, new ReplicaInput.Appended());
        bench.Settle();
        Assert.True(bench.Nodes[1].Status().Fenced);
        Assert.False(bench.Nodes[0].Status().Fenced);
    }

    [Fact]
    public void A_copy_that_was_away_gets_what_it_missed_from_the_backlog()
    {
        var bench = new ReplicaBench(2);
        bench.Elect(0, 0);
        bench.Loses = (_, _, _) => true;
        for (var i = 0; i < 20; i++)
        {
            bench.Write(0);
        }

        bench.Pass(2000);
        bench.Loses = (_, _, _) => false;
        bench.Pass(400);

        AssertEqual(bench, 1, 0);
        Assert.Equal(0UL, bench.Logs[1].BaseLsn);
    }

    [Fact]
    public void A_copy_that_was_away_for_longer_than_the_backlog_takes_a_snapshot()
    {
        var bench = new ReplicaBench(2);
        bench.Elect(0, 0);
        bench.Loses = (_, _, _) => true;
        for (var i = 0; i < 20; i++)
        {
            bench.Write(0);
        }

        bench.Pass(100);
        bench.Logs[0].Trim(15);
        bench.Pass(2000);
        bench.Loses = (_, _, _) => false;
        bench.Pass(800);

        AssertEqual(bench, 1, 0);
        Assert.Equal(21UL, bench.Logs[1].BaseLsn);
        Assert.Empty(bench.Take<ReplicaEffect.Dropped>(1));
        Assert.Equal(0, bench.Logs[0].HeldSnapshots);
    }

    [Fact]
    public void A_transfer_that_the_backlog_can_no_longer_follow_starts_over()
    {
        var bench = new ReplicaBench(2, new ReplicationConfig { MaxMessageBytes = 16, WindowBytes = 32 });
        bench.Elect(0, 0);
        bench.Loses = (_, _, _) => true;
        bench.Write(0);
        bench.Logs[0].Trim(3);
        bench.Pass(2000);
        bench.Loses = (_, _, message) => message is ReplicaMessage.SnapshotPart { Offset: > 32 };
        bench.Pass(600);
        bench.Write(0);
        bench.Write(0);
        bench.Logs[0].Trim(5);
        bench.Loses = (_, _, _) => false;
        bench.Pass(1000);

        Assert.Contains(bench.Take<ReplicaEffect.Note>(0), note => note.Event == ReplicaEvent.SnapshotRestarted);
        AssertEqual(bench, 1, 0);
        Assert.Equal(4UL, bench.Logs[1].BaseLsn);
    }

    [Fact]
    public void A_snapshot_that_cannot_be_used_is_made_again()
    {
        var bench = new ReplicaBench(2);
        bench.Elect(0, 0);
        bench.Loses = (_, _, _) => true;
        bench.Write(0);
        bench.Logs[0].Trim(3);
        bench.Pass(1200);
        bench.Loses = (_, _, _) => false;
        for (var i = 0; i < 500 && bench.Logs[1].Jobs == 0; i++)
        {
            if (bench.Logs[0].Jobs > 0)
            {
                bench.Hand(0, bench.Logs[0].FinishJob());
            }

            bench.Pass(20, jobs: false);
        }

        bench.Hand(1, bench.Logs[1].FinishJob(ok: false));
        bench.Pass(2000);

        Assert.Equal(2, bench.Take<ReplicaEffect.Note>(0).Count(note => note.Detail.Contains("begins at", StringComparison.Ordinal)));
        AssertEqual(bench, 1, 0);
    }

    [Fact]
    public void A_state_that_is_no_cut_yet_counts_for_nothing()
    {
        var bench = new ReplicaBench(2);
        bench.Elect(0, 0);
        bench.Loses = (_, _, _) => true;
        bench.Pass(1200);
        bench.SetReplicaSet(0); // The outcome of what was proposed meanwhile.
        bench.Write(0);
        bench.Logs[0].Trim(3);
        bench.Loses = (_, _, message) => message is ReplicaMessage.Records;
        for (var i = 0; i < 500 && bench.Logs[0].Jobs == 0; i++)
        {
            bench.Pass(20, jobs: false);
        }

        var torn = bench.Write(0, slot: 7); // In the half of the snapshot that is copied last.
        bench.Pass(500);
        Assert.Equal(torn - 1, bench.Logs[1].LastLsn);
        Assert.Equal(torn, bench.Logs[1].ConsistentLsn);
        Assert.False(bench.Nodes[1].Status().Consistent);
        Assert.Equal(0UL, Assert.Single(bench.Nodes[0].Status().Followers).ReceivedLsn);

        bench.Loses = (_, _, _) => false;
        bench.Pass(400);
        Assert.True(bench.Nodes[1].Status().Consistent);
        Assert.Equal(torn, Assert.Single(bench.Nodes[0].Status().Followers).ReceivedLsn);
    }

    [Fact]
    public void A_record_larger_than_a_message_and_than_the_window_arrives_whole()
    {
        var bench = new ReplicaBench(2, new ReplicationConfig { MaxMessageBytes = 7, WindowBytes = 20 });
        bench.Elect(0, 0, 1);
        for (var i = 0; i < 40; i++)
        {
            bench.Write(0, padding: i);
        }

        var random = new Prng(9);
        bench.Loses = (_, _, _) => random.Chance(0.05);
        bench.Pass(5000);
        bench.Loses = (_, _, _) => false;
        bench.Pass(10000);
        AssertEqual(bench, 1, 0);
    }

    [Fact]
    public void What_was_lost_is_sent_again_and_what_comes_twice_is_skipped()
    {
        var bench = new ReplicaBench(2);
        bench.Elect(0, 0, 1);
        bench.Loses = (_, _, message) => message is ReplicaMessage.Records { From.Lsn: 2 };
        bench.Write(0);
        bench.Settle();
        bench.Loses = (_, _, message) => message is ReplicaMessage.Ack;
        bench.Write(0);
        bench.Pass(1000);
        bench.Loses = (_, _, _) => false;
        bench.Pass(400);

        AssertEqual(bench, 1, 0);
        Assert.Equal(3UL, bench.Acked(0));
    }

    private static void AssertEqual(ReplicaBench bench, int one, int other)
    {
        Assert.Equal(bench.Logs[other].LastLsn, bench.Logs[one].LastLsn);
        Assert.Equal(bench.Logs[other].History.Entries, bench.Logs[one].History.Entries);
        Assert.Equal(bench.Logs[other].Registers.ToArray(), bench.Logs[one].Registers.ToArray());
    }
}

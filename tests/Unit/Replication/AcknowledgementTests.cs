using Trefoil.Replication;
using Trefoil.Sharding;
using Xunit;

namespace Trefoil.Unit.Replication;

/// <summary>correctness.md, 1: replica sets and quorums.</summary>
public sealed class AcknowledgementTests
{
    [Theory]
    [InlineData(ReplicationMode.Asynchronous, 3, 0, 0)]
    [InlineData(ReplicationMode.Quorum, 1, 1, 1)]
    [InlineData(ReplicationMode.Quorum, 2, 2, 1)]
    [InlineData(ReplicationMode.Quorum, 3, 2, 2)]
    [InlineData(ReplicationMode.Quorum, 4, 3, 2)]
    [InlineData(ReplicationMode.Quorum, 5, 3, 3)]
    [InlineData(ReplicationMode.Synchronous, 3, 3, 1)]
    public void Required_counts_of_a_set(ReplicationMode mode, int members, int required, int fenced)
    {
        Assert.Equal(required, RequiredAcks.Of(mode, members));
        Assert.Equal(fenced, RequiredAcks.ToFence(mode, members));
    }

    [Fact]
    public void A_record_is_acknowledged_once_a_quorum_of_the_committed_set_holds_it()
    {
        var bench = new ReplicaBench(3);
        bench.Elect(0, 0, 1, 2);
        bench.Loses = (_, to, message) => message is ReplicaMessage.Records && to != 0;
        var lsn = bench.Write(0);
        bench.Settle();
        Assert.Equal(lsn - 1, bench.Acked(0));

        bench.Loses = (_, to, message) => message is ReplicaMessage.Records && to == 2;
        bench.Pass(400);
        Assert.Equal(lsn, bench.Acked(0));
        Assert.Equal(lsn - 1, bench.Logs[2].LastLsn);
    }

    [Fact]
    public void Who_is_not_in_the_set_counts_for_nothing()
    {
        var bench = new ReplicaBench(3);
        bench.Elect(0, 0, 1);
        bench.Loses = (_, to, message) => message is ReplicaMessage.Records && to == 1;
        var lsn = bench.Write(0);
        bench.Pass(300);

        Assert.Equal(lsn, bench.Logs[2].LastLsn);
        Assert.Equal(lsn - 1, bench.Acked(0));
    }

    [Fact]
    public void In_asynchronous_mode_nothing_is_held()
    {
        var bench = new ReplicaBench(2) { Wanted = ReplicationMode.Asynchronous };
        bench.Commit(view => view with { Mode = ReplicationMode.Asynchronous });
        bench.Elect(0, 0, 1);

        Assert.Equal([ulong.MaxValue], bench.Take<ReplicaEffect.Acked>(0).Select(acked => acked.Lsn));
        Assert.True(bench.Nodes[0].Status().Serving);
    }

    [Theory]
    [InlineData(ReplicationMode.Asynchronous, false)]
    [InlineData(ReplicationMode.Quorum, true)]
    [InlineData(ReplicationMode.Synchronous, false)]
    public void What_a_migration_relies_on_is_held_by_a_quorum_or_by_the_whole_set(ReplicationMode mode, bool isHeldWithoutTheThird)
    {
        var bench = new ReplicaBench(3) { Wanted = mode };
        bench.Commit(view => view with { Mode = mode });
        bench.Elect(0, 0, 1, 2);
        bench.Settle();
        Assert.Equal(bench.Logs[0].LastLsn, bench.Nodes[0].Status().HeldLsn);

        bench.Loses = (_, to, message) => message is ReplicaMessage.Records && to == 2;
        var lsn = bench.Write(0);
        bench.Settle();

        Assert.Equal(isHeldWithoutTheThird ? lsn : lsn - 1, bench.Nodes[0].Status().HeldLsn);
        Assert.Equal(0UL, bench.Nodes[1].Status().HeldLsn);
    }

    [Fact]
    public void When_durable_is_asked_for_what_was_only_received_does_not_count()
    {
        var bench = new ReplicaBench(2, new ReplicationConfig { Ack = AckKind.Durable });
        bench.Elect(0, 0, 1);
        Assert.False(bench.Nodes[0].Status().Serving);

        bench.Logs[0].Sync();
        bench.Settle();
        Assert.Equal(0UL, bench.Acked(0));

        bench.Logs[1].Sync();
        bench.Settle();
        Assert.Equal(1UL, bench.Acked(0));
        Assert.True(bench.Nodes[0].Status().Serving);
    }

    [Fact]
    public void A_proposed_set_counts_beside_the_committed_one_until_its_outcome_is_known()
    {
        var bench = new ReplicaBench(3);
        bench.Elect(0, 0, 1);
        bench.Pass(100);
        Assert.Equal(3, Assert.Single(bench.Take<ReplicaEffect.Propose>(0)).Set.Count);

        // Two of {0, 1} suffice for the old set, but of {0, 1, 2} perhaps committed two are needed as well: 0 and 2 are no quorum of the old.
        bench.Loses = (_, to, message) => message is ReplicaMessage.Records && to == 1;
        var lsn = bench.Write(0);
        bench.Settle();
        Assert.Equal(lsn, bench.Logs[2].LastLsn);
        Assert.Equal(lsn - 1, bench.Acked(0));

        bench.SetReplicaSet(0, 1, 2);
        bench.Settle();
        Assert.Equal(lsn, bench.Acked(0));
    }

    [Fact]
    public void A_refused_proposal_counts_no_longer_and_an_unknown_one_does()
    {
        var bench = new ReplicaBench(2);
        bench.Elect(0, 0);
        bench.Pass(100);
        var proposal = Assert.Single(bench.Take<ReplicaEffect.Propose>(0));
        bench.Loses = (_, _, message) => message is ReplicaMessage.Records;
        var lsn = bench.Write(0);
        bench.Settle();
        Assert.Equal(lsn - 1, bench.Acked(0));

        bench.Hand(0, new ReplicaInput.ProposalRefused(proposal.Token, "ERR"));
        bench.Settle();
        Assert.Equal(lsn, bench.Acked(0));
    }

    [Fact]
    public void A_proposal_without_an_outcome_is_repeated_and_then_only_a_view_ends_it()
    {
        var bench = new ReplicaBench(2);
        bench.Elect(0, 0);
        bench.Pass(1300);
        var tokens = bench.Take<ReplicaEffect.Propose>(0).Select(proposal => proposal.Token).ToList();
        Assert.Equal(2, tokens.Count);

        bench.Hand(0, new ReplicaInput.ProposalRefused(tokens[1], "ERR"));
        bench.Loses = (_, _, message) => message is ReplicaMessage.Records;
        var lsn = bench.Write(0);
        bench.Settle();
        Assert.Equal(lsn - 1, bench.Acked(0));

        bench.SetReplicaSet(0);
        bench.Settle();
        Assert.Equal(lsn, bench.Acked(0));
    }

    [Fact]
    public void A_mode_is_changed_like_a_set_and_the_stricter_one_counts_at_once()
    {
        var bench = new ReplicaBench(3) { Wanted = ReplicationMode.Synchronous };
        bench.Elect(0, 0, 1, 2);
        bench.Pass(100);
        Assert.Equal(ReplicationMode.Synchronous, Assert.Single(bench.Take<ReplicaEffect.Propose>(0)).Mode);

        bench.Loses = (_, to, message) => message is ReplicaMessage.Records && to == 2;
        var lsn = bench.Write(0);
        bench.Settle();
        Assert.Equal(lsn - 1, bench.Acked(0));
    }

    [Fact]
    public void A_member_under_load_enters_although_it_is_never_level()
    {
        var bench = new ReplicaBench(2);
        bench.Elect(0, 0);
        for (var i = 0; i < 10; i++)
        {
            bench.Write(0);
            bench.Loses = (_, _, message) => message is ReplicaMessage.Ack && bench.Logs[1].LastLsn == bench.Logs[0].LastLsn;
            bench.Pass(20);
        }

        bench.Loses = (_, _, _) => false;
        bench.Pass(300);
        Assert.NotEmpty(bench.Take<ReplicaEffect.Propose>(0));
    }
}

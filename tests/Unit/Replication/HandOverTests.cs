using Trefoil.Replication;
using Xunit;

namespace Trefoil.Unit.Replication;

/// <summary>CLUSTER FAILOVER: nothing acknowledged is lost, and never do two answer.</summary>
public sealed class HandOverTests
{
    [Fact]
    public void The_primary_pauses_and_asks_for_an_election_only_when_the_successor_holds_everything()
    {
        var bench = Settled();
        bench.Loses = (_, _, message) => message is ReplicaMessage.Records;
        bench.Write(0);
        bench.Hand(1, new ReplicaInput.HandOverAsked(77, ReplicaBench.Id(1)));
        bench.Pass(600);
        Assert.Single(bench.Take<ReplicaEffect.PauseForHandOver>(0));
        Assert.Empty(bench.Take<ReplicaEffect.ProposeHandOver>(0));
        Assert.True(bench.Nodes[0].Status() is { Serving: true, Paused: true });

        bench.Loses = (_, _, _) => false;
        bench.Pass(600);
        var proposal = Assert.Single(bench.Take<ReplicaEffect.ProposeHandOver>(0));
        Assert.Equal((ReplicaBench.Id(1), bench.View.Epoch), (proposal.To, proposal.Epoch));
        Assert.False(bench.Nodes[0].Status().Serving);

        bench.Elect(1, 0, 1);
        bench.Pass(100);
        Assert.Equal(new ReplicaEffect.HandOverDone(77, null), Assert.Single(bench.Take<ReplicaEffect.HandOverDone>(1)));
        Assert.True(bench.Nodes[1].Status().Serving);
        Assert.Empty(bench.Take<ReplicaEffect.ResumeAfterHandOver>(0));
        Assert.Equal(bench.Logs[1].LastLsn, bench.Logs[0].LastLsn);
        Assert.Empty(bench.Take<ReplicaEffect.Dropped>(0));
    }

    [Fact]
    public void A_definite_refusal_resumes()
    {
        var bench = Proposed(out var proposal);
        bench.Take<ReplicaEffect.Serve>(0);
        bench.Hand(0, new ReplicaInput.ProposalRefused(proposal.Token, "ERR no"));
        bench.Pass(100);

        Assert.True(Assert.Single(bench.Take<ReplicaEffect.Serve>(0)).On);
        Assert.Single(bench.Take<ReplicaEffect.ResumeAfterHandOver>(0));
        Assert.Equal("ERR no", Assert.Single(bench.Take<ReplicaEffect.HandOverDone>(1)).Error);
    }

    [Fact]
    public void An_unknown_outcome_keeps_it_shut_until_another_election()
    {
        var bench = Proposed(out _);
        bench.Take<ReplicaEffect.Serve>(0);
        var lsn = bench.Logs[0].LastLsn;
        bench.Pass(8000);

        Assert.False(bench.Nodes[0].Status().Begun);
        Assert.Empty(bench.Take<ReplicaEffect.Serve>(0));
        Assert.Empty(bench.Take<ReplicaEffect.ResumeAfterHandOver>(0));
        Assert.Single(bench.Take<ReplicaEffect.Deposed>(0));
        Assert.Equal(0UL, bench.Logs[0].Write(1, 5));

        bench.Elect(0, 0, 1);
        bench.Pass(100);
        Assert.True(bench.Nodes[0].Status().Serving);
        Assert.Equal(lsn + 1, bench.Logs[0].LastLsn);
    }

    [Fact]
    public void Nothing_is_acknowledged_between_the_proposal_and_its_outcome()
    {
        var bench = Proposed(out _);
        var acked = bench.Acked(0);
        bench.Write(0);
        bench.Pass(200);

        Assert.Equal(bench.Logs[0].LastLsn, bench.Logs[1].LastLsn);
        Assert.Equal(acked, bench.Acked(0));
    }

    [Fact]
    public void A_successor_that_does_not_catch_up_in_five_seconds_is_refused()
    {
        var bench = Settled();
        bench.Loses = (_, _, message) => message is ReplicaMessage.Records;
        bench.Write(0);
        bench.Hand(1, new ReplicaInput.HandOverAsked(77, ReplicaBench.Id(1)));
        bench.Pass(5300);

        Assert.NotNull(Assert.Single(bench.Take<ReplicaEffect.HandOverDone>(1)).Error);
        Assert.Single(bench.Take<ReplicaEffect.ResumeAfterHandOver>(0));
        Assert.Empty(bench.Take<ReplicaEffect.ProposeHandOver>(0));
    }

    private static ReplicaBench Proposed(out ReplicaEffect.ProposeHandOver proposal)
    {
        var bench = Settled();
        bench.Hand(1, new ReplicaInput.HandOverAsked(77, ReplicaBench.Id(1)));
        bench.Pass(200);
        proposal = Assert.Single(bench.Take<ReplicaEffect.ProposeHandOver>(0));
        return bench;
    }

    private static ReplicaBench Settled()
    {
        var bench = new ReplicaBench(2);
        bench.Elect(0, 0, 1);
        bench.Write(0);
        bench.Pass(200);
        return bench;
    }
}

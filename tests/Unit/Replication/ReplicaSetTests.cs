using Trefoil.Replication;
using Trefoil.Storage;
using Xunit;

namespace Trefoil.Unit.Replication;

/// <summary>correctness.md, 1: who belongs to the set.</summary>
public sealed class ReplicaSetTests
{
    [Fact]
    public void A_member_that_is_silent_for_a_second_and_a_half_is_removed()
    {
        var bench = Settled(3);
        bench.Loses = (from, _, _) => from == 2;
        bench.Pass(1400);
        Assert.Empty(bench.Take<ReplicaEffect.Propose>(0));

        bench.Pass(300);
        Assert.Equal([ReplicaBench.Id(0), ReplicaBench.Id(1)], bench.Take<ReplicaEffect.Propose>(0)[0].Set);
    }

    [Fact]
    public void A_member_whose_machine_refuses_connections_is_removed_sooner()
    {
        var bench = Settled(3);
        bench.Loses = (from, _, _) => from == 2;
        bench.Pass(100);
        bench.Hand(0, new ReplicaInput.Unreachable(ReplicaBench.Id(2)));
        bench.Pass(500);

        Assert.Equal(2, bench.Take<ReplicaEffect.Propose>(0)[0].Set.Count);
    }

    [Fact]
    public void A_member_that_answers_but_stands_still_is_removed_after_five_seconds()
    {
        var bench = Settled(3);
        bench.Loses = (_, to, message) => to == 2 && message is ReplicaMessage.Records;
        bench.Write(0);
        bench.Pass(4800);
        Assert.Empty(bench.Take<ReplicaEffect.Propose>(0));

        bench.Pass(500);
        Assert.Equal(2, bench.Take<ReplicaEffect.Propose>(0)[0].Set.Count);
    }

    [Fact]
    public void A_member_that_needs_a_snapshot_leaves_the_set_before_it_gets_one()
    {
        var bench = Settled(2);
        bench.Loses = (_, _, message) => message is ReplicaMessage.Records;
        bench.Write(0);
        bench.Settle();
        bench.Logs[0].Trim(3);
        bench.Pass(800);

        Assert.Single(bench.Take<ReplicaEffect.Propose>(0)[0].Set);
        Assert.Equal(0, bench.Logs[0].HeldSnapshots);
        Assert.Equal(FollowerState.WaitSnapshot, bench.Nodes[0].Status().Followers[0].State);

        bench.Loses = (_, _, _) => false;
        bench.SetReplicaSet(0);
        bench.Pass(600);
        Assert.Equal(2UL, bench.Logs[1].BaseLsn);
    }

    [Fact]
    public void Who_comes_and_goes_waits_longer_each_time()
    {
        var bench = Settled(2);
        var waits = new List<double>();
        for (var i = 0; i < 4; i++)
        {
            bench.SetReplicaSet(0);
            var from = bench.Now;
            bench.Settle();
            for (var step = 0; step < 500 && bench.Take<ReplicaEffect.Propose>(0).Count == 0; step++)
            {
                bench.Pass(20);
            }

            waits.Add((bench.Now - from).TotalSeconds);
            bench.SetReplicaSet(0, 1);
            bench.Pass(100);
        }

        Assert.Equal([0.5, 1, 2, 4], waits.Select(wait => Math.Round(wait * 2) / 2));
    }

    [Fact]
    public void A_new_set_is_proposed_only_once_a_quorum_of_it_holds_what_was_acknowledged()
    {
        var bench = Settled(3);
        bench.Loses = (_, to, message) => to == 2 && message is ReplicaMessage.Records;
        var lsn = bench.Write(0);
        bench.Pass(100);
        Assert.Equal(lsn, bench.Acked(0));

        // 1 is silent now. {0, 2} must not be proposed, since 2 lacks what 0 and 1 acknowledged.
        bench.Loses = (from, to, message) => from == 1 || (to == 2 && message is ReplicaMessage.Records);
        bench.Pass(2500);
        Assert.Empty(bench.Take<ReplicaEffect.Propose>(0));

        bench.Loses = (from, _, _) => from == 1;
        bench.Pass(1000);
        Assert.Equal([ReplicaBench.Id(0), ReplicaBench.Id(2)], bench.Take<ReplicaEffect.Propose>(0)[0].Set);
    }

    [Fact]
    public void The_first_to_fail_is_not_promoted_when_the_survivor_fails_before_it_is_back()
    {
        var world = new ShardWorld(3, new WorldPlan { Members = 2 });
        Assert.True(world.RunUntil(() => world.Council.Record.ReplicaSet.Count == 2 && world.Members.Any(member => member.Answers), TimeSpan.FromSeconds(10)));
        var first = world.Members.Single(member => member.Answers);
        var second = world.Members.Single(member => member != first);
        first.Crash(CrashMode.KeepAll);
        Assert.True(world.RunUntil(() => second.Answers && world.Council.Record.ReplicaSet.Count == 1, TimeSpan.FromSeconds(10)));
        world.Run(TimeSpan.FromSeconds(1));
        second.Crash(CrashMode.KeepAll);

        first.Start(null);
        world.Run(TimeSpan.FromSeconds(20));
        Assert.False(first.Answers);
        Assert.Equal(second.Id, world.Council.Record.Primary);

        second.Start(null);
        Assert.True(world.RunUntil(() => second.Answers && world.Oracle.Unequal() is null, TimeSpan.FromSeconds(20)));
    }

    private static ReplicaBench Settled(int nodes)
    {
        var bench = new ReplicaBench(nodes);
        bench.Elect(0, [.. Enumerable.Range(0, nodes)]);
        bench.Pass(200);
        Assert.Empty(bench.Take<ReplicaEffect.Propose>(0));
        return bench;
    }
}

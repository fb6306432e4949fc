using Trefoil.ControlPlane;
using Trefoil.Sharding;
using Xunit;

namespace Trefoil.Unit.ControlPlane;

/// <summary>Leases and failover over control nodes on virtual time (correctness.md, 3).</summary>
public sealed class FailoverTests
{
    private static readonly TimeSpan LeaderLease = TimeSpan.FromMilliseconds(1650);

    [Fact]
    public void Every_primary_is_elected_once_and_then_keeps_its_lease()
    {
        var bench = ControlBench.Of(4);

        Assert.All(Enumerable.Range(0, 4), node =>
        {
            var shard = bench[node].Core.Topology.ShardOf(ControlBench.IdOf(node))!;
            Assert.False(shard.IsElecting);
            Assert.Equal(shard.Epoch, bench[node].Lease.Epoch);
            Assert.True(bench[node].Lease.Until > bench.Now + TimeSpan.FromSeconds(1), "the lease is renewed long before it ends");
        });
    }

    [Fact]
    public void A_primary_cut_off_loses_its_lease_before_its_replica_is_promoted()
    {
        var bench = WithReplica(out var leader, out var primary, out var replica);
        bench.Cut = (from, to) => from == primary || to == primary;
        var cutAt = bench.Now;

        var promotedAt = RunUntil(bench, () => bench[leader].Core.Topology.ShardOf(ControlBench.IdOf(replica))!.Primary == ControlBench.IdOf(replica));

        Assert.True(promotedAt >= bench[primary].Lease.Until, $"promoted {promotedAt}, lease until {bench[primary].Lease.Until}");
        Assert.InRange((promotedAt - cutAt).TotalSeconds, 1.0, 2.5);
        Assert.Equal([ControlBench.IdOf(replica)], bench[leader].Core.Topology.ShardOf(ControlBench.IdOf(replica))!.ReplicaSet);
        bench.Run(TimeSpan.FromMilliseconds(50));
        Assert.Equal(bench[replica].Core.Topology.ShardOf(ControlBench.IdOf(replica))!.Epoch, bench[replica].Lease.Epoch);
    }

    [Fact]
    public void A_new_leader_promotes_nobody_before_every_lease_of_the_old_one_is_over()
    {
        var bench = WithReplica(out var leader, out var primary, out var replica, leaderIsPrimary: true);
        Assert.Equal(leader, primary);
        bench.Cut = (from, to) => from == primary || to == primary;
        var other = Enumerable.Range(0, 5).First(node => node != primary && node != replica);

        var electedAt = RunUntil(bench, () => Enumerable.Range(0, 5).Any(node => node != leader && bench[node].Core.Status().Role == "leader"));
        var promotedAt = RunUntil(bench, () => bench[other].Core.Topology.ShardOf(ControlBench.IdOf(replica))!.Primary == ControlBench.IdOf(replica));

        Assert.True(promotedAt >= electedAt + LeaderLease, $"elected {electedAt}, promoted {promotedAt}");
        Assert.True(promotedAt >= bench[primary].Lease.Until);
        Assert.InRange((promotedAt - electedAt).TotalSeconds, 1.6, 2.5);
    }

    [Fact]
    public void A_leader_that_a_majority_does_not_answer_gives_no_lease()
    {
        var bench = WithReplica(out var leader, out var primary, out _, leaderIsPrimary: true);
        bench.Cut = (from, to) => from == leader || to == leader;
        bench.Run(TimeSpan.FromMilliseconds(20));
        var until = bench[primary].Lease.Until;

        bench.Run(TimeSpan.FromSeconds(1));

        Assert.Equal(until, bench[primary].Lease.Until);
    }

    /// <summary>Else it would keep its lease and serve nobody, for ever.</summary>
    [Fact]
    public void A_primary_whose_log_will_not_begin_its_epoch_is_elected_anew()
    {
        var bench = WithReplica(out _, out var primary, out _);
        var shard = bench[primary].Core.Topology.ShardOf(ControlBench.IdOf(primary))!;

        bench.Handle(primary, new ControlInput.EpochDeclined(bench[primary].Core.Identity.Cluster, shard.Epoch));
        bench.Run(TimeSpan.FromSeconds(1));

        var next = bench[primary].Core.Topology.ShardOf(ControlBench.IdOf(primary))!;
        Assert.True(next.Epoch > shard.Epoch && !next.IsElecting);
    }

    [Fact]
    public void A_shard_whose_replica_is_not_in_the_set_waits_for_its_primary()
    {
        var bench = ControlBench.Of(5);
        var leader = LeaderOf(bench);
        var (primary, replica) = TwoBeside(leader);
        bench.Await(bench.Propose(leader, id => new TopologyCommand.Replicate(id, ControlBench.IdOf(replica), ControlBench.IdOf(primary))), leader);
        bench.Cut = (from, to) => from == primary || to == primary;

        bench.Run(TimeSpan.FromSeconds(10));

        Assert.Equal(ControlBench.IdOf(primary), bench[leader].Core.Topology.ShardOf(ControlBench.IdOf(replica))!.Primary);
    }

    [Fact]
    public void A_slot_is_not_taken_from_an_owner_whose_lease_still_runs()
    {
        var bench = ControlBench.Of(5);
        var leader = LeaderOf(bench);
        var (owner, taker) = TwoBeside(leader);
        bench.Await(bench.Propose(owner, id => new TopologyCommand.AssignSlots(id, ControlBench.IdOf(owner), [new SlotRange(5, 5)])), owner);
        bench.Cut = (from, to) => from == owner || to == owner;

        var result = bench.Await(
            bench.Propose(taker, id => new TopologyCommand.MoveSlot(id, 5, ControlBench.IdOf(owner), ControlBench.IdOf(taker))), taker);

        Assert.IsType<CommandResult.Done>(result);
        Assert.True(bench.Now >= bench[owner].Lease.Until);
    }

    [Fact]
    public void A_shard_whose_replicas_are_dead_gets_one_from_a_shard_that_has_two()
    {
        var bench = ControlBench.Of(5, new ControlConfig { OrphanStability = TimeSpan.FromSeconds(2) });
        var leader = LeaderOf(bench);
        int[] others = [.. Enumerable.Range(0, 5).Where(node => node != leader)];
        bench.Await(bench.Propose(leader, id => new TopologyCommand.AssignSlots(id, ControlBench.IdOf(others[0]), [SlotRange.All])), leader);
        foreach (var (replica, primary) in new[] { (others[1], others[0]), (others[2], leader), (others[3], leader) })
        {
            bench.Await(bench.Propose(leader, id => new TopologyCommand.Replicate(id, ControlBench.IdOf(replica), ControlBench.IdOf(primary))), leader);
        }

        bench.Handle(leader, new ControlInput.Health(ControlBench.IdOf(others[1]), PeerHealth.Dead));
        bench.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(2, MembersWith(bench, leader, others[0]));
        bench.Run(TimeSpan.FromSeconds(2));

        Assert.Equal(3, MembersWith(bench, leader, others[0]));
        Assert.Equal(2, MembersWith(bench, leader, leader));
    }

    [Fact]
    public void The_first_settings_are_proposed_once_and_an_operators_stand()
    {
        var bench = ControlBench.Of(1, new ControlConfig { Settings = [new Setting("replication_mode", "quorum")] });
        Assert.Equal(ReplicationMode.Quorum, bench[0].Core.Topology.WantedMode);

        bench.Await(bench.Propose(0, id => new TopologyCommand.SetSetting(id, "replication_mode", "asynchronous")), 0);
        bench.Run(TimeSpan.FromSeconds(1));

        Assert.Equal(ReplicationMode.Asynchronous, bench[0].Core.Topology.WantedMode);
    }

    private static int MembersWith(ControlBench bench, int seenBy, int node)
    {
        var topology = bench[seenBy].Core.Topology;
        return topology.MembersOf(topology.ShardOf(ControlBench.IdOf(node))!).Count();
    }

    /// <summary>Five nodes; a primary and a replica that is in the replica set, in quorum mode.</summary>
    private static ControlBench WithReplica(out int leader, out int primary, out int replica, bool leaderIsPrimary = false)
    {
        var bench = ControlBench.Of(5);
        var at = leader = LeaderOf(bench);
        (primary, replica) = TwoBeside(leader);
        primary = leaderIsPrimary ? leader : primary;
        var (p, r) = (ControlBench.IdOf(primary), ControlBench.IdOf(replica));
        bench.Await(bench.Propose(at, id => new TopologyCommand.Replicate(id, r, p)), at);
        var shard = bench[at].Core.Topology.ShardOf(p)!;
        var change = new TopologyCommand.ChangeReplicaSet(default, shard.Id, shard.ConfigVersion, [.. new[] { p, r }.Order()], ReplicationMode.Quorum);
        Assert.IsType<CommandResult.Done>(bench.Await(bench.Propose(at, id => change with { Request = id }), at));
        bench.Run(TimeSpan.FromSeconds(1));
        return bench;
    }

    private static (int First, int Second) TwoBeside(int leader)
    {
        int[] others = [.. Enumerable.Range(0, 5).Where(node => node != leader)];
        return (others[0], others[1]);
    }

    private static int LeaderOf(ControlBench bench) =>
        Enumerable.Range(0, 5).First(node => bench[node].Core.Status().Role == "leader");

    private static TimeSpan RunUntil(ControlBench bench, Func<bool> condition)
    {
        for (var end = bench.Now + TimeSpan.FromSeconds(20); !condition(); bench.Run(TimeSpan.FromMilliseconds(5)))
        {
            Assert.True(bench.Now < end, "not within 20 virtual seconds");
        }

        return bench.Now;
    }
}

using Trefoil.Consensus;
using Trefoil.ControlPlane;
using Trefoil.Primitives;
using Trefoil.Sharding;
using Trefoil.Storage;
using Xunit;

namespace Trefoil.Unit.ControlPlane;

public sealed class MemberTests
{
    [Fact]
    public void Three_members_make_three_voters()
    {
        var bench = ControlBench.Of(3);
        Assert.Equal(3, bench[0].Core.Raft!.Configuration.Incoming.Count);
    }

    [Fact]
    public void A_forgotten_voter_is_replaced_first_and_removed_then()
    {
        var bench = ControlBench.Of(4);
        var leader = LeaderOf(bench, 4);
        var voter = Enumerable.Range(0, 4).First(i => i != leader && IsVoter(bench, leader, i));
        var member = bench[voter].Core.Identity.MemberId;

        var result = bench.Await(bench.Propose(leader, id => new TopologyCommand.RemoveNode(id, ControlBench.IdOf(voter), 0)), leader);

        Assert.IsType<CommandResult.Done>(result);
        Assert.False(bench[leader].Core.Raft!.Configuration.IsMember(member));
        Assert.Equal(3, bench[leader].Core.Raft!.Configuration.Incoming.Count);
        bench.Run(TimeSpan.FromSeconds(1));
        Assert.Single(bench[voter].Core.Topology.Nodes);
    }

    [Fact]
    public void A_member_that_keeps_no_log_is_told_of_changes_at_once()
    {
        var bench = ControlBench.Of(4);
        var leader = LeaderOf(bench, 4);
        var observer = Enumerable.Range(0, 4).First(i => !IsVoter(bench, leader, i));
        bench.Await(bench.Propose(leader, id => new TopologyCommand.SetSetting(id, "k", "v")), leader);
        bench.Run(TimeSpan.FromMilliseconds(10));

        Assert.Equal("v", bench[observer].Core.Topology.SettingOf("k"));
        Assert.DoesNotContain(bench[observer].Sent, message => message is ControlMessage.Pull);
    }

    [Fact]
    public void What_a_member_missed_it_pulls_when_the_next_beacon_says_so()
    {
        var bench = ControlBench.Of(4);
        var leader = LeaderOf(bench, 4);
        var observer = Enumerable.Range(0, 4).First(i => !IsVoter(bench, leader, i));
        bench.Cut = (_, to) => to == observer;
        bench.Await(bench.Propose(leader, id => new TopologyCommand.SetSetting(id, "k", "v")), leader);
        Assert.Null(bench[observer].Core.Topology.SettingOf("k"));

        bench.Cut = (_, _) => false;
        bench.Run(TimeSpan.FromSeconds(1));
        Assert.Contains(bench[observer].Sent, message => message is ControlMessage.Pull);
        Assert.Equal("v", bench[observer].Core.Topology.SettingOf("k"));
    }

    [Fact]
    public void A_proposal_sent_again_and_again_is_applied_once()
    {
        var bench = ControlBench.Of(4);
        var leader = LeaderOf(bench, 4);
        var observer = Enumerable.Range(0, 4).First(i => !IsVoter(bench, leader, i));
        var epoch = bench[leader].Core.Topology.CurrentEpoch;
        bench.Cut = (_, to) => to == observer;
        var token = bench.Propose(observer, id => new TopologyCommand.BumpEpoch(id, ControlBench.IdOf(leader)));
        bench.Run(TimeSpan.FromSeconds(2));
        Assert.True(bench[observer].Sent.Count(message => message is ControlMessage.Propose) > 3);

        bench.Cut = (_, _) => false;
        Assert.Equal(new CommandResult.Done(epoch + 1), bench.Await(token, observer));
        bench.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(epoch + 1, bench[leader].Core.Topology.CurrentEpoch);
    }

    [Fact]
    public void Who_talks_Raft_without_being_a_member_is_told_that_it_was_removed()
    {
        var bench = ControlBench.Of(3);
        var stranger = new NodeId(5, 5);
        var cluster = bench[0].Core.Identity.Cluster;
        bench.Handle(0, new ControlInput.Peer(
            new PeerIdentity(stranger, cluster, ControlBench.AddressOf(2)),
            new ControlMessage.Raft(new RaftMessage.PreVote(9, bench[0].Core.Identity.MemberId, 99, 1, 1, default))));

        Assert.Contains(bench[0].Sent, message => message is ControlMessage.Expelled expelled && expelled.Node == stranger);
    }

    [Fact]
    public void An_expulsion_of_another_id_or_of_an_older_version_is_ignored()
    {
        var bench = ControlBench.Of(2);
        var (cluster, version) = (bench[1].Core.Identity.Cluster, bench[1].Core.Topology.Version);
        bench.Deliver(1, 0, cluster, new ControlMessage.Expelled(new NodeId(5, 5), version + 9));
        bench.Deliver(1, 0, cluster, new ControlMessage.Expelled(ControlBench.IdOf(1), version - 1));

        Assert.Equal(cluster, bench[1].Core.Identity.Cluster);
    }

    [Fact]
    public void A_member_that_nobody_speaks_to_asks_what_has_become_of_it()
    {
        var bench = ControlBench.Of(4);
        var observer = Enumerable.Range(0, 4).First(i => !IsVoter(bench, LeaderOf(bench, 4), i));
        bench.Cut = (_, to) => to == observer;
        bench.Run(TimeSpan.FromSeconds(6));

        Assert.Contains(bench[observer].Sent, message => message is ControlMessage.Pull);
    }

    [Fact]
    public void A_whole_topology_bans_and_admits_whom_its_entries_would_have()
    {
        var bench = ControlBench.Of(3);
        var machine = new TopologyMachine();
        var own = bench[2].Core.Topology;
        Assert.True(machine.TryRestore(SnapshotOf(bench, 0)));
        var came = new NodeRecord { Id = new NodeId(8, 8), Endpoints = new NodeEndpoints("10.0.0.9", RpcPort: 7002) };
        machine.Apply(own.Version + 1, new TopologyCommand.RemoveNode(new RequestId(came.Id, 1), ControlBench.IdOf(1), 0));
        machine.Apply(own.Version + 2, new TopologyCommand.AddNode(new RequestId(came.Id, 2), came, []));
        bench.Deliver(2, 0, own.ClusterId, new ControlMessage.Full(machine.Snapshot()));

        Assert.Contains(new ControlEffect.Evict(ControlBench.IdOf(1)), bench[2].Performed);
        Assert.Contains(new ControlEffect.Admit(came.Id), bench[2].Performed);
    }

    /// <summary>SWIM's bans do not outlive a process, and who was removed may go on gossiping as a member.</summary>
    [Fact]
    public void A_restarted_member_bans_whom_its_topology_has_removed()
    {
        var bench = ControlBench.Of(3);
        var machine = new TopologyMachine();
        Assert.True(machine.TryRestore(SnapshotOf(bench, 0)));
        machine.Apply(machine.Topology.Version + 1, new TopologyCommand.RemoveNode(new RequestId(new NodeId(8, 8), 1), ControlBench.IdOf(1), 0));
        var restarted = new ControlNode(
            new ControlConfig(), new ControlRestore(bench[2].Core.Identity, null, machine.Snapshot()), new NodeEndpoints("10.0.0.3", RpcPort: 7002), "", new Prng(1), TimeSpan.Zero);
        var effects = new List<ControlEffect>();
        restarted.Tick(TimeSpan.Zero, effects);

        Assert.Contains(new ControlEffect.Evict(ControlBench.IdOf(1)), effects);
    }

    /// <summary>Its log begins before it was removed the first time, and the copy of the topology that would have spared the replay is damaged.</summary>
    [Fact]
    public void A_member_that_came_back_replays_its_former_removal_and_stays()
    {
        var bench = ControlBench.Of(3);
        bench.Await(bench.Propose(0, id => new TopologyCommand.RemoveNode(id, ControlBench.IdOf(2), 0)), 0);
        bench.Run(TimeSpan.FromSeconds(2));
        bench.Await(bench.Meet(2, 0), 2);
        bench.Run(TimeSpan.FromSeconds(5));
        var member = bench[2].Core.Identity;
        Assert.Equal(3, bench[2].Core.Topology.Nodes.Count);
        Assert.NotNull(bench[2].Core.Raft);

        var (disk, random) = (new MemoryDisk(), new Prng(1));
        var store = Assert.IsType<ControlOpenResult.Opened>(ControlStore.Open(disk, "test", random)).Store;
        foreach (var effect in bench[2].Performed.Where(effect => effect is not ControlEffect.SaveTopology))
        {
            store.Perform(effect);
        }

        var restore = Assert.IsType<ControlOpenResult.Opened>(ControlStore.Open(disk, "test", random)).Restore;
        var again = new ControlNode(new ControlConfig(), restore, new NodeEndpoints("10.0.0.3", RpcPort: 7002), "", random, TimeSpan.Zero);
        again.Tick(TimeSpan.Zero, []);

        Assert.Equal((member.Cluster, member.MemberId), (again.Identity.Cluster, again.Identity.MemberId));
        Assert.Equal(member.MemberId, again.Topology.Find(member.Node)?.MemberId);
    }

    [Fact]
    public void A_beacon_from_before_it_voted_does_not_put_a_voter_to_sleep()
    {
        var bench = ControlBench.Of(3);
        var leader = LeaderOf(bench, 3);
        var follower = (leader + 1) % 3;
        var raft = bench[follower].Core.Raft!;
        bench.Deliver(follower, leader, bench[leader].Core.Identity.Cluster, new ControlMessage.Deltas(
            ControlBench.IdOf(leader), raft.Term, [ControlBench.IdOf(leader)], 2, []));

        Assert.Equal("follower", bench[follower].Core.Status().Role);
    }

    [Fact]
    public void An_idle_node_does_not_cut_the_same_snapshot_again()
    {
        var bench = ControlBench.Of(3, new ControlConfig { CompactEvery = 2, KeepEntries = 0 });
        for (var i = 0; i < 20; i++)
        {
            bench.Await(bench.Propose(0, id => new TopologyCommand.SetSetting(id, $"k{i}", "v")), 0);
        }

        bench.Run(TimeSpan.FromSeconds(2));
        foreach (var node in Enumerable.Range(0, 3).Select(i => bench[i]))
        {
            var cut = node.Performed.OfType<ControlEffect.Persist>()
                .Where(persist => persist.Write is { Snapshot: not null, SnapshotReplacesLog: false })
                .Select(persist => persist.Write.Snapshot!.Index).ToList();
            Assert.Equal(cut.Distinct(), cut);
        }
    }

    [Fact]
    public void Who_was_removed_while_away_learns_it_from_a_former_member_too()
    {
        var bench = ControlBench.Of(2);
        bench.Start();
        var left = bench[1].Core.Identity.Cluster;
        bench.Cut = (from, to) => from == 1 || to == 1;
        bench.Await(bench.Propose(0, id => new TopologyCommand.RemoveNode(id, ControlBench.IdOf(1), 0)), 0);
        bench.Await(bench.Meet(0, 2), 0);
        Assert.Equal(left, bench[1].Core.Identity.Cluster);
        Assert.NotEqual(left, bench[0].Core.Identity.Cluster);

        bench.Cut = (_, _) => false;
        bench.Run(TimeSpan.FromSeconds(6));
        Assert.NotEqual(left, bench[1].Core.Identity.Cluster);
    }

    private static byte[] SnapshotOf(ControlBench bench, int node)
    {
        bench.Run(TimeSpan.FromSeconds(3));
        return bench[node].Performed.OfType<ControlEffect.SaveTopology>().Last().Snapshot;
    }

    private static int LeaderOf(ControlBench bench, int nodes) =>
        Enumerable.Range(0, nodes).Single(i => bench[i].Core.Raft is { Role: Role.Leader });

    private static bool IsVoter(ControlBench bench, int leader, int node) =>
        bench[leader].Core.Raft!.Configuration.IsVoter(bench[node].Core.Identity.MemberId);
}

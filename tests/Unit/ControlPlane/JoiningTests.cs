using Trefoil.ControlPlane;
using Trefoil.Sharding;
using Xunit;

namespace Trefoil.Unit.ControlPlane;

public sealed class JoiningTests
{
    [Fact]
    public void A_first_start_founds_a_cluster_of_one_and_its_log_is_durable_before_its_identity()
    {
        var bench = new ControlBench();
        var node = bench.Start();

        Assert.Single(node.Core.Topology.Nodes);
        Assert.Equal(node.Core.Identity.Cluster, node.Core.Topology.ClusterId);
        var effects = node.Performed.Select(effect => effect.GetType()).ToList();
        var (log, write, identity) = (
            effects.IndexOf(typeof(ControlEffect.StartLog)), effects.IndexOf(typeof(ControlEffect.Persist)),
            effects.IndexOf(typeof(ControlEffect.SaveIdentity)));
        Assert.True(log >= 0 && log < write && write < identity, string.Join(", ", effects.Select(type => type.Name)));
    }

    [Fact]
    public void The_one_told_to_MEET_joins_the_one_named_with_its_slots()
    {
        var bench = new ControlBench();
        bench.Start();
        bench.Start();
        bench.Await(bench.Propose(1, id => new TopologyCommand.AssignSlots(id, ControlBench.IdOf(1), [new SlotRange(0, 99)])), 1);

        Assert.IsType<CommandResult.Done>(bench.Await(bench.Meet(1, 0), 1));

        Assert.Equal(bench[0].Core.Identity.Cluster, bench[1].Core.Identity.Cluster);
        Assert.Equal(2UL, bench[1].Core.Identity.MemberId);
        Assert.Equal(100, bench[0].Core.Topology.SlotCountOf(ControlBench.IdOf(1)));
    }

    [Fact]
    public void An_offer_is_durable_before_it_is_sent()
    {
        var bench = new ControlBench();
        bench.Start();
        bench.Start();
        bench.Await(bench.Meet(1, 0), 1);

        var saved = bench[1].Performed.FindIndex(effect => effect is ControlEffect.SaveIdentity { Identity.Offer: not null });
        var sent = bench[1].Performed.FindIndex(effect => effect is ControlEffect.Send { Message: ControlMessage.Offer });
        Assert.True(saved >= 0 && saved < sent);
    }

    [Fact]
    public void Of_two_told_at_once_to_MEET_each_other_the_smaller_id_stays()
    {
        var bench = new ControlBench();
        var stays = bench.Start().Core.Identity.Cluster;
        bench.Start();
        var (first, second) = (bench.Meet(0, 1), bench.Meet(1, 0));

        Assert.IsType<CommandResult.Done>(bench.Await(first, 0));
        Assert.IsType<CommandResult.Done>(bench.Await(second, 1));
        Assert.Equal(stays, bench[0].Core.Identity.Cluster);
        Assert.Equal(stays, bench[1].Core.Identity.Cluster);
    }

    [Fact]
    public void An_offer_without_an_answer_is_withdrawn_only_when_the_other_side_has_said_that_it_never_happens()
    {
        var bench = new ControlBench();
        bench.Start();
        bench.Start();
        bench.Cut = (_, _) => true;
        bench.Meet(1, 0);
        bench.Run(TimeSpan.FromSeconds(20));

        Assert.True(bench[1].Core.IsOffered);
        Assert.Contains(bench[1].Sent, message => message is ControlMessage.Withdraw);

        bench.Cut = (_, _) => false;
        bench.Run(TimeSpan.FromSeconds(1));
        Assert.False(bench[1].Core.IsOffered);
        Assert.Single(bench[0].Core.Topology.Nodes);
    }

    [Fact]
    public void A_node_offered_to_a_cluster_that_is_gone_is_freed_only_by_a_hard_reset_which_gives_it_a_new_id()
    {
        var bench = new ControlBench();
        bench.Start();
        bench.Start();
        bench.Cut = (_, _) => true;
        bench.Meet(1, 0);
        bench.Run(TimeSpan.FromSeconds(20));

        bench.Handle(1, new ControlInput.Reset(98, Hard: false, NowMs: 0));
        Assert.IsType<CommandResult.Refused>(bench.Await(98, 1));
        Assert.True(bench[1].Core.IsOffered);

        bench.Handle(1, new ControlInput.Reset(99, Hard: true, NowMs: 0));
        Assert.IsType<CommandResult.Done>(bench.Await(99, 1));
        Assert.False(bench[1].Core.IsOffered);
        Assert.NotEqual(ControlBench.IdOf(1), bench[1].Core.Identity.Node);
        Assert.Contains(new ControlEffect.Fence(false), bench[1].Performed);
    }

    [Fact]
    public void A_node_with_keys_is_not_absorbed()
    {
        var bench = new ControlBench();
        bench.Start();
        bench.Start();
        bench[0].Keys = bench[1].Keys = 1;

        Assert.IsType<CommandResult.Refused>(bench.Await(bench.Meet(1, 0), 1));
        Assert.NotEqual(bench[0].Core.Identity.Cluster, bench[1].Core.Identity.Cluster);
    }

    [Fact]
    public void A_node_that_waits_for_a_cluster_joins_by_its_own_MEET()
    {
        var bench = new ControlBench();
        bench.Start();
        var waiting = bench.Start(bootstrap: false);
        Assert.True(waiting.Core.Identity.Cluster.IsNone);

        Assert.IsType<CommandResult.Done>(bench.Await(bench.Meet(1, 0), 1));
        Assert.Equal(bench[0].Core.Identity.Cluster, waiting.Core.Identity.Cluster);
    }

    [Fact]
    public void A_late_offer_to_the_cluster_that_a_node_was_before_is_not_committed_in_the_one_it_is_in_now()
    {
        var bench = new ControlBench();
        bench.Start();
        var former = bench.Start().Core.Identity.Cluster;
        bench.Start();
        bench.Await(bench.Meet(1, 0), 1);

        var join = new RequestId(ControlBench.IdOf(2), 1UL << 32);
        var record = new NodeRecord { Id = ControlBench.IdOf(2), Endpoints = new NodeEndpoints("10.0.0.3", RpcPort: 7002) };
        var command = TopologyCommandCodec.Encode(new TopologyCommand.AddNode(join, record, []));
        bench.Deliver(1, from: 2, bench[2].Core.Identity.Cluster, new ControlMessage.Offer(join, "test", former, command));
        bench.Run(TimeSpan.FromSeconds(1));

        Assert.Null(bench[0].Core.Topology.Find(ControlBench.IdOf(2)));
        Assert.Contains(bench[1].Sent, message => message is ControlMessage.Declined declined && declined.Join == join);
    }

    [Fact]
    public void A_withdrawal_from_a_cluster_that_a_node_has_left_gets_no_answer_it_could_not_keep()
    {
        var bench = ControlBench.Of(3);
        var left = bench[2].Core.Identity.Cluster;
        bench.Handle(2, new ControlInput.Reset(99, Hard: false, NowMs: 0));
        bench.Await(99, 2);
        Assert.NotEqual(left, bench[2].Core.Identity.Cluster);

        var join = new RequestId(ControlBench.IdOf(9), 1);
        bench.Deliver(2, from: 1, bench[1].Core.Identity.Cluster, new ControlMessage.Withdraw(join, ControlBench.IdOf(9), left));
        Assert.DoesNotContain(bench[2].Sent, message => message is ControlMessage.Declined declined && declined.Join == join);
    }
}

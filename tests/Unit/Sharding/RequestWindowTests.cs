using Trefoil.Sharding;
using Xunit;
using static Trefoil.Unit.Sharding.Cluster;

namespace Trefoil.Unit.Sharding;

public sealed class RequestWindowTests
{
    [Fact]
    public void A_command_that_comes_twice_acts_once_and_hears_the_first_answer()
    {
        var cluster = Of(1);
        var assign = new TopologyCommand.AssignSlots(cluster.NextRequest(), Member(1), [new SlotRange(0, 9)]);
        Assert.Equal(CommandResult.Ok, cluster.Apply(assign));
        cluster.Unassign(new SlotRange(0, 9));

        Assert.Equal(CommandResult.Ok, cluster.Apply(assign));

        Assert.Equal(0, cluster.Topology.AssignedSlots);
    }

    [Fact]
    public void Requests_may_come_in_any_order_within_the_window()
    {
        var cluster = Of(1);
        Assert.Equal(new CommandResult.Done(1), Bump(cluster, 1000));
        Assert.Equal(new CommandResult.Done(1, Changed: false), Bump(cluster, 1000 - RequestWindow.Span + 1));
        Assert.Equal(new CommandResult.Done(1), Bump(cluster, 1000));
    }

    [Fact]
    public void A_request_below_the_window_is_refused_rather_than_applied_again()
    {
        var cluster = Of(1);
        Bump(cluster, 5);
        Bump(cluster, 5 + RequestWindow.Span);

        Assert.Equal(Refused("ERR The request is too old to tell whether it was applied"), Bump(cluster, 5));
    }

    [Fact]
    public void Answers_survive_a_snapshot()
    {
        var cluster = Of(2);
        var before = Bump(cluster, 7);
        var restored = new TopologyMachine();
        Assert.True(restored.TryRestore(cluster.Machine.Snapshot()));

        Assert.Equal(before, restored.Apply(100, new TopologyCommand.BumpEpoch(new RequestId(Member(5), 7), Member(1))));
    }

    [Fact]
    public void Beyond_the_limit_the_proposer_silent_for_longest_is_forgotten()
    {
        var cluster = Of(1);
        var first = new RequestId(Member(100_000), 1);
        cluster.Apply(new TopologyCommand.BumpEpoch(first, Member(1)));
        for (var proposer = 0; proposer < TopologyMachine.MaxProposers; proposer++)
        {
            cluster.Apply(new TopologyCommand.BumpEpoch(new RequestId(Member(200_000 + proposer), 1), Member(1)));
        }

        Assert.Equal(new CommandResult.Done(1, Changed: false), cluster.Apply(new TopologyCommand.BumpEpoch(first, Member(1))));
        Assert.True(new TopologyMachine().TryRestore(cluster.Machine.Snapshot()));
    }

    private static CommandResult Bump(Cluster cluster, int sequence) =>
        cluster.Apply(new TopologyCommand.BumpEpoch(new RequestId(Member(5), (ulong)sequence), Member(1)));
}

using Trefoil.ControlPlane;
using Trefoil.Primitives;
using Trefoil.Sharding;
using Xunit;

namespace Trefoil.Unit.ControlPlane;

/// <summary>Who may be promoted, and when (correctness.md, 1).</summary>
public sealed class ElectionRulesTests
{
    private static readonly TimeSpan Late = TimeSpan.FromSeconds(10);

    [Fact]
    public void Nobody_is_promoted_while_the_old_primary_may_hold_a_lease_unless_it_is_fenced_itself()
    {
        var shard = Shard(ReplicationMode.Quorum, 1, 2);

        Assert.Null(Decide(shard, isLeaseOver: false, (2, new(5, 10, true))));
        Assert.NotNull(Decide(shard, isLeaseOver: true, (2, new(5, 10, true))));
        Assert.Equal(Id(1), Decide(shard, isLeaseOver: false, (1, new(5, 10, true)), (2, new(5, 10, true)))!.Winner);
    }

    /// <summary>Of three, two hold what was acknowledged: one alone may be the one that does not.</summary>
    [Theory]
    [InlineData(ReplicationMode.Quorum, 3, 2)]
    [InlineData(ReplicationMode.Quorum, 5, 3)]
    [InlineData(ReplicationMode.Quorum, 2, 1)]
    [InlineData(ReplicationMode.Synchronous, 3, 1)]
    public void So_many_of_the_set_are_fenced_that_one_holds_every_acknowledged_record(ReplicationMode mode, int size, int needed)
    {
        var shard = Shard(mode, [.. Enumerable.Range(1, size)]);
        for (var answered = 1; answered < size; answered++)
        {
            var votes = Enumerable.Range(2, answered).Select(member => (member, new LogPosition(5, 10, true))).ToArray();
            Assert.Equal(answered >= needed, Decide(shard, isLeaseOver: true, votes) is not null);
        }
    }

    [Fact]
    public void The_longest_log_of_the_newest_epoch_wins_and_only_logs_as_long_stay_in_the_set()
    {
        var shard = Shard(ReplicationMode.Quorum, 1, 2, 3, 4);

        var outcome = Decide(shard, true, (2, new(5, 90, true)), (3, new(6, 80, true)), (4, new(6, 80, true)), (1, new(6, 70, true)))!;

        Assert.Equal([Id(3), Id(4)], outcome.ReplicaSet);
        Assert.Equal(Id(3), outcome.Winner);
    }

    [Fact]
    public void Nobody_outside_the_replica_set_is_promoted()
    {
        var shard = Shard(ReplicationMode.Asynchronous, 1, 2);

        Assert.Null(Decide(shard, true, (3, new(6, 100, true))));
        Assert.Equal(Id(2), Decide(shard, true, (3, new(6, 100, true)), (2, new(5, 1, true)))!.Winner);
    }

    [Fact]
    public void A_set_of_one_waits_for_its_primary()
    {
        var shard = Shard(ReplicationMode.Quorum, 1);

        Assert.Null(Decide(shard, true, (2, new(5, 10, true))));
        Assert.Equal(Id(1), Decide(shard, true, (2, new(5, 10, true)), (1, new(5, 10, true)))!.Winner);
    }

    [Fact]
    public void A_tie_goes_to_the_candidate_and_else_to_the_old_primary()
    {
        var shard = Shard(ReplicationMode.Quorum, 1, 2, 3);
        (int, LogPosition)[] level = [(1, new(5, 10, true)), (2, new(5, 10, true)), (3, new(5, 10, true))];

        Assert.Equal(Id(1), Decide(shard, true, level)!.Winner);
        Assert.Equal(Id(3), Decide(shard with { Candidate = Id(3) }, true, level)!.Winner);
        Assert.Equal(Id(1), Decide(shard with { Candidate = Id(3) }, true, level[0], level[1], (3, new(5, 9, true)))!.Winner);
    }

    [Fact]
    public void A_forced_candidate_wins_with_less_and_what_may_be_lost_is_said()
    {
        var shard = Shard(ReplicationMode.Quorum, 1, 2) with { Candidate = Id(3), IsForced = true };

        Assert.Null(Decide(shard, true, (2, new(5, 10, true))));
        var outcome = Decide(shard, true, (2, new(5, 10, true)), (3, new(5, 4, true)))!;
        Assert.Equal((Id(3), 6UL), (outcome.Winner, outcome.MayLose));
        Assert.Equal([Id(3)], outcome.ReplicaSet);
    }

    [Fact]
    public void A_log_that_is_no_state_of_a_single_moment_serves_nobody()
    {
        var shard = Shard(ReplicationMode.Quorum, 1, 2, 3);

        Assert.Null(Decide(shard, true, (2, new(5, 10, false)), (3, new(5, 9, true))));
        Assert.Equal(Id(3), Decide(shard, true, (2, new(5, 10, false)), (3, new(5, 10, true)))!.Winner);
    }

    [Fact]
    public void Asynchronous_mode_compares_those_that_answer_in_time()
    {
        var shard = Shard(ReplicationMode.Asynchronous, 1, 2, 3);
        var votes = new ShardVotes(7, TimeSpan.Zero) { Positions = { [Id(2)] = new(5, 10, true) } };

        Assert.Null(ElectionRules.Decide(shard, votes, true, _ => true, TimeSpan.FromMilliseconds(400)));
        Assert.NotNull(ElectionRules.Decide(shard, votes, true, member => member == Id(2), TimeSpan.FromMilliseconds(400)));
        ElectionRules.Decide(shard, votes, true, _ => true, TimeSpan.FromMilliseconds(600));
        Assert.NotNull(ElectionRules.Decide(shard, votes, true, _ => true, TimeSpan.FromMilliseconds(700)));
    }

    private static NodeId Id(int member) => ControlBench.IdOf(member);

    private static ShardRecord Shard(ReplicationMode mode, params int[] set) => new()
    {
        Id = Id(1),
        Primary = Id(1),
        Epoch = 7,
        IsElecting = true,
        ReplicaSet = [.. set.Select(Id)],
        Mode = mode,
    };

    /// <summary>The decision long after everybody who is alive could have answered.</summary>
    private static ElectionOutcome? Decide(ShardRecord shard, bool isLeaseOver, params (int Member, LogPosition Position)[] told)
    {
        var votes = new ShardVotes(7, TimeSpan.Zero) { EnoughSince = TimeSpan.Zero };
        foreach (var (member, position) in told)
        {
            votes.Positions[Id(member)] = position;
        }

        return ElectionRules.Decide(shard, votes, isLeaseOver, _ => true, Late);
    }
}

using Trefoil.Primitives;
using Trefoil.Sharding;
using Xunit;
using static Trefoil.Unit.Sharding.Cluster;

namespace Trefoil.Unit.Sharding;

/// <summary>Who copies whom, who counts, who leads (correctness.md, 1): the commands one by one.</summary>
public sealed class ShardTests
{
    private readonly Cluster _cluster = Cluster.Of(4);

    private Topology Topology => _cluster.Topology;

    [Fact]
    public void Every_member_begins_as_the_primary_of_a_shard_of_its_own()
    {
        Assert.Equal(4, Topology.Shards.Count);
        Assert.All(Topology.Nodes, node => Assert.Equal([node.Id], Topology.ShardOf(node.Id)!.ReplicaSet));
    }

    [Fact]
    public void A_replica_joins_its_primarys_shard_and_does_not_count_before_it_has_caught_up()
    {
        Assert.Equal(CommandResult.Ok, Replicate(2, 1));

        Assert.Equal(Member(1), Topology.Find(Member(2))!.PrimaryId);
        Assert.Equal([Member(1)], Shard(1).ReplicaSet);
        Assert.Equal(3, Topology.Shards.Count);
        Assert.Equal(new CommandResult.Done(Changed: false), Replicate(2, 1));
    }

    [Fact]
    public void Replicating_oneself_a_replica_a_stranger_or_with_slots_or_replicas_is_refused()
    {
        Replicate(2, 1);
        _cluster.Assign(3, new SlotRange(0, 10));

        Assert.Equal(Refused(Refusals.ReplicateSelf), Replicate(1, 1));
        Assert.Equal(Refused(Refusals.ReplicateReplica), Replicate(4, 2));
        Assert.Equal(Refused(Refusals.UnknownNode(NodeRecord.RespIdOf(Member(9)))), Replicate(4, 9));
        Assert.Equal(Refused(Refusals.ReplicateWithSlots), Replicate(3, 4));
        Assert.Equal(Refused(Refusals.ReplicateWithReplicas), Replicate(1, 4));
    }

    [Fact]
    public void Who_imports_a_slot_does_not_give_up_its_keys_for_another_primarys()
    {
        _cluster.Assign(3, new SlotRange(0, 10));
        Assert.Equal(CommandResult.Ok, _cluster.Do(request => new TopologyCommand.MarkSlot(request, new SlotMark(5, Member(4), SlotMarkKind.Importing, Member(3)))));

        Assert.Equal(Refused(Refusals.ReplicateWithSlots), Replicate(4, 1));

        _cluster.Do(request => new TopologyCommand.ClearMark(request, 5, Member(4)));
        Assert.Equal(CommandResult.Ok, Replicate(4, 1));
    }

    [Fact]
    public void The_replica_set_changes_only_as_its_proposer_saw_it()
    {
        Replicate(2, 1);
        var seen = Shard(1).ConfigVersion;

        Assert.Equal(CommandResult.Ok, ChangeSet(1, seen, 1, 2));
        Assert.Equal([Member(1), Member(2)], Shard(1).ReplicaSet);
        Assert.Equal(Refused(Refusals.ShardChanged), ChangeSet(1, seen, 1));
        Assert.Equal(Refused(Refusals.InvalidReplicaSet), ChangeSet(1, Shard(1).ConfigVersion, 2));
        Assert.Equal(Refused(Refusals.InvalidReplicaSet), ChangeSet(1, Shard(1).ConfigVersion, 1, 3));
    }

    [Fact]
    public void An_election_mints_an_epoch_and_a_promotion_moves_slots_marks_and_replicas()
    {
        Replicate(2, 1);
        Replicate(3, 1);
        _cluster.Assign(1, new SlotRange(0, 99));
        _cluster.Do(id => new TopologyCommand.MarkSlot(id, new SlotMark(7, Member(1), SlotMarkKind.Migrating, Member(4))));
        ChangeSet(1, Shard(1).ConfigVersion, 1, 2);
        var old = Shard(1).Epoch;
        var epochBefore = Topology.CurrentEpoch;

        var begun = Assert.IsType<CommandResult.Done>(Begin(1, old));
        Assert.True(Shard(1).IsElecting && Shard(1).Epoch == begun.Value && begun.Value > old);
        Assert.Equal(new CommandResult.Done(Changed: false), Begin(1, begun.Value));
        Assert.Equal(Refused(Refusals.ShardChanged), Begin(1, old));
        Assert.Equal(Refused(Refusals.ShardChanged), Promote(1, old, 2, 2));
        Assert.Equal(CommandResult.Ok, Promote(1, begun.Value, 2, 2));

        Assert.Equal(Member(2), Shard(1).Primary);
        Assert.False(Shard(1).IsElecting);
        Assert.Equal(100, Topology.SlotCountOf(Member(2)));
        Assert.Equal(0, Topology.SlotCountOf(Member(1)));
        Assert.Equal(Member(2), Topology.Find(Member(1))!.PrimaryId);
        Assert.Equal(Member(2), Topology.Find(Member(3))!.PrimaryId);
        Assert.Equal(epochBefore + 1, Topology.Find(Member(2))!.ConfigEpoch);
        Assert.Equal(new SlotMark(7, Member(2), SlotMarkKind.Migrating, Member(4)), Assert.Single(Topology.Marks));
    }

    [Fact]
    public void A_forced_election_admits_only_the_node_that_was_named()
    {
        Replicate(2, 1);
        Replicate(3, 1);
        var epoch = ((CommandResult.Done)Begin(1, Shard(1).Epoch)).Value;
        _cluster.Do(id => new TopologyCommand.BeginElection(id, Shard(1).Id, epoch, Member(3), IsForced: true));

        Assert.Equal(Refused(Refusals.InvalidReplicaSet), Promote(1, epoch, 1, 1));
        Assert.Equal(CommandResult.Ok, Promote(1, epoch, 3, 3));
        Assert.Equal((NodeId.None, false), (Shard(3).Candidate, Shard(3).IsForced));
    }

    [Fact]
    public void A_candidate_that_leaves_is_none_any_more()
    {
        Replicate(2, 1);
        var epoch = Shard(1).Epoch;
        _cluster.Do(id => new TopologyCommand.BeginElection(id, Shard(1).Id, epoch, Member(2), IsForced: true));
        Assert.Equal((Member(2), true), (Shard(1).Candidate, Shard(1).IsForced));

        _cluster.Remove(2);

        Assert.Equal((NodeId.None, false), (Shard(1).Candidate, Shard(1).IsForced));
    }

    /// <summary>Of three the primary and one hold a record: without that one, the other must not count as half of two.</summary>
    [Fact]
    public void Removing_a_member_of_the_replica_set_leaves_the_primary_alone_in_it()
    {
        Replicate(2, 1);
        Replicate(3, 1);
        ChangeSet(1, Shard(1).ConfigVersion, 1, 2, 3);

        _cluster.Remove(2);

        Assert.Equal([Member(1)], Shard(1).ReplicaSet);
    }

    [Fact]
    public void Removing_a_primary_gives_each_of_its_replicas_a_shard_without_slots()
    {
        Replicate(2, 1);
        Replicate(3, 1);
        _cluster.Assign(1, SlotRange.All);

        _cluster.Remove(1);

        Assert.All(new[] { 2, 3 }, number => Assert.Equal(Member(number), Shard(number).Primary));
        Assert.Equal(0, Topology.AssignedSlots);
    }

    [Fact]
    public void A_primary_that_joins_again_after_a_reset_has_to_be_elected()
    {
        var before = Shard(2).Epoch;

        _cluster.Join(2);

        Assert.True(Shard(2).IsElecting && Shard(2).Epoch > before);
    }

    [Fact]
    public void A_mode_that_is_none_is_refused_and_a_new_shard_begins_with_the_one_that_is_set()
    {
        Assert.Equal(
            Refused(Refusals.InvalidMode), _cluster.Do(id => new TopologyCommand.SetSetting(id, "replication_mode", "sometimes")));
        _cluster.Do(id => new TopologyCommand.SetSetting(id, "replication_mode", "quorum"));
        _cluster.Join(5);

        Assert.Equal(ReplicationMode.Quorum, Shard(5).Mode);
        Assert.Equal((ReplicationMode.Asynchronous, ReplicationMode.Quorum), (Shard(1).Mode, Topology.WantedMode));
    }

    [Theory]
    [InlineData(ReplicationMode.Asynchronous, 3, 0)]
    [InlineData(ReplicationMode.Quorum, 1, 1)]
    [InlineData(ReplicationMode.Quorum, 2, 2)]
    [InlineData(ReplicationMode.Quorum, 3, 2)]
    [InlineData(ReplicationMode.Quorum, 4, 3)]
    [InlineData(ReplicationMode.Synchronous, 3, 3)]
    public void Required_acknowledgements_follow_the_mode_and_the_size_of_the_set(ReplicationMode mode, int size, int required) =>
        Assert.Equal(required, ShardRecord.Required(mode, size));

    private ShardRecord Shard(int member) => Topology.ShardOf(Member(member))!;

    private CommandResult Replicate(int node, int primary) =>
        _cluster.Do(id => new TopologyCommand.Replicate(id, Member(node), Member(primary)));

    private CommandResult ChangeSet(int member, ulong version, params int[] set) => _cluster.Do(
        id => new TopologyCommand.ChangeReplicaSet(id, Shard(member).Id, version, [.. set.Select(Member)], ReplicationMode.Quorum));

    private CommandResult Begin(int member, ulong epoch) =>
        _cluster.Do(id => new TopologyCommand.BeginElection(id, Shard(member).Id, epoch, NodeId.None, IsForced: false));

    private CommandResult Promote(int member, ulong epoch, int node, params int[] set) =>
        _cluster.Do(id => new TopologyCommand.Promote(id, Shard(member).Id, epoch, Member(node), [.. set.Select(Member)]));
}

using Trefoil.Primitives;
using Trefoil.Sharding;
using Xunit;
using static Trefoil.Unit.Sharding.Cluster;

namespace Trefoil.Unit.Sharding;

public sealed class TopologyMachineTests
{
    [Fact]
    public void The_first_command_founds_the_cluster_and_a_second_one_cannot()
    {
        var cluster = new Cluster();
        Assert.Equal(Refused("ERR The cluster is not founded yet"), cluster.Join(2));

        Assert.Equal(new CommandResult.Done(1), cluster.Do(id => new TopologyCommand.FoundCluster(id, Id, "test", Record(1))));
        Assert.Equal(
            Refused("ERR The cluster is founded already"),
            cluster.Do(id => new TopologyCommand.FoundCluster(id, new ClusterId(9, 9), "other", Record(2))));
        Assert.Equal((Id, "test", 1), (cluster.Topology.ClusterId, cluster.Topology.ClusterName, cluster.Topology.Nodes.Count));
    }

    [Fact]
    public void The_version_is_the_index_of_the_last_entry_whatever_it_changed()
    {
        var cluster = Of(1);
        cluster.Machine.Skip(10);
        Assert.Equal(10UL, cluster.Topology.Version);

        cluster.Machine.Apply(17, new TopologyCommand.BumpEpoch(cluster.NextRequest(), Member(9)));

        Assert.Equal(17UL, cluster.Topology.Version);
        Assert.Throws<ArgumentOutOfRangeException>(() => cluster.Machine.Skip(17));
    }

    [Fact]
    public void Each_join_mints_a_member_id_that_is_never_used_again()
    {
        var cluster = Of(2);
        cluster.Remove(2);

        Assert.Equal(new CommandResult.Done(3), cluster.Join(2));
        Assert.Equal(new CommandResult.Done(4), cluster.Join(3));
        Assert.Equal([1UL, 3, 4], cluster.Topology.Nodes.Select(node => node.MemberId));
    }

    [Fact]
    public void A_join_gets_of_its_claims_the_slots_that_nobody_owns()
    {
        var cluster = Of(1);
        cluster.Assign(1, new SlotRange(0, 99));

        cluster.Join(2, 0, new SlotRange(50, 149), new SlotRange(150, 160));

        Assert.Equal([new SlotRange(0, 99)], cluster.Topology.RangesOf(Member(1)));
        Assert.Equal([new SlotRange(100, 160)], cluster.Topology.RangesOf(Member(2)));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(5, 5)]
    public void A_join_with_an_epoch_that_is_taken_gets_the_next_one(int asked, int given)
    {
        var cluster = Of(1);

        cluster.Join(2, (ulong)asked);

        Assert.Equal((ulong)given, cluster.Topology.Find(Member(2))!.ConfigEpoch);
        Assert.Equal((ulong)given, cluster.Topology.CurrentEpoch);
    }

    [Fact]
    public void A_listed_member_that_joins_again_gets_a_new_raft_id_and_keeps_its_slots()
    {
        var cluster = Of(2);
        cluster.Do(id => new TopologyCommand.AssignSlots(id, Member(2), [new SlotRange(0, 9)]));

        var moved = Record(2) with { Endpoints = new NodeEndpoints("127.0.0.1", RespPort: 9999) };

        Assert.Equal(new CommandResult.Done(3), cluster.Do(id => new TopologyCommand.AddNode(id, moved, [])));
        var again = cluster.Topology.Find(Member(2))!;
        Assert.Equal((3UL, 9999, 10), (again.MemberId, again.Endpoints.RespPort, cluster.Topology.SlotCountOf(Member(2))));
    }

    [Fact]
    public void A_cancelled_join_never_happens_and_a_committed_one_cannot_be_cancelled()
    {
        var cluster = Of(1);
        var join = cluster.NextRequest();
        Assert.Equal(CommandResult.Ok, cluster.Do(id => new TopologyCommand.CancelJoin(id, join)));
        Assert.Equal(Refused("ERR The join was cancelled"), cluster.Apply(new TopologyCommand.AddNode(join, Record(2), [])));
        Assert.Equal(new CommandResult.Done(Changed: false), cluster.Do(id => new TopologyCommand.CancelJoin(id, join)));

        var other = cluster.NextRequest();
        cluster.Apply(new TopologyCommand.AddNode(other, Record(3), []));

        Assert.Equal(Refused("ERR The join was committed before"), cluster.Do(id => new TopologyCommand.CancelJoin(id, other)));
        Assert.NotNull(cluster.Topology.Find(Member(3)));
    }

    [Fact]
    public void Assigning_is_all_or_nothing_and_names_the_slot_that_is_busy()
    {
        var cluster = Of(2);
        cluster.Assign(1, new SlotRange(5, 5));

        Assert.Equal(Refused("ERR Slot 5 is already busy"), cluster.Assign(2, new SlotRange(0, 3), new SlotRange(4, 9)));
        Assert.Equal(Refused("ERR Slot 7 specified multiple times"), cluster.Assign(2, new SlotRange(6, 8), new SlotRange(7, 7)));
        Assert.Equal(Refused("ERR Invalid or out of range slot"), cluster.Assign(2, new SlotRange(16383, 16384)));

        Assert.Equal(1, cluster.Topology.AssignedSlots);
    }

    [Fact]
    public void Removing_slots_names_the_one_that_is_unassigned_and_minds_no_owner()
    {
        var cluster = Of(2);
        cluster.Assign(1, new SlotRange(0, 4));
        cluster.Assign(2, new SlotRange(6, 9));

        Assert.Equal(Refused("ERR Slot 5 is already unassigned"), cluster.Unassign(new SlotRange(0, 9)));
        Assert.Equal(CommandResult.Ok, cluster.Unassign(new SlotRange(3, 4), new SlotRange(6, 7)));

        Assert.Equal((3, 2), (cluster.Topology.SlotCountOf(Member(1)), cluster.Topology.SlotCountOf(Member(2))));
    }

    [Fact]
    public void A_slot_goes_to_whom_it_is_set_and_unknown_nodes_get_none()
    {
        var cluster = Of(2);
        cluster.Assign(1, SlotRange.All);

        Assert.Equal(CommandResult.Ok, cluster.Do(id => new TopologyCommand.SetSlotOwner(id, 9, Member(2))));
        Assert.Equal(
            Refused($"ERR Unknown node {NodeRecord.RespIdOf(Member(8))}"),
            cluster.Do(id => new TopologyCommand.SetSlotOwner(id, 9, Member(8))));

        Assert.Equal(Member(2), cluster.Topology.OwnerOf(9)!.Id);
        Assert.Equal([new SlotRange(0, 8), new SlotRange(10, 16383)], cluster.Topology.RangesOf(Member(1)));
    }

    [Fact]
    public void A_removed_node_leaves_its_slots_without_owner_and_may_be_forgotten_again_for_a_minute()
    {
        var cluster = Of(3);
        cluster.Assign(2, new SlotRange(0, 99));
        cluster.Assign(3, new SlotRange(100, 199));

        Assert.Equal(CommandResult.Ok, cluster.Remove(2, nowMs: 1000));
        Assert.Equal([new SlotRange(100, 199)], cluster.Topology.RangesOf(Member(3)));
        Assert.Equal(100, cluster.Topology.AssignedSlots);

        Assert.Equal(new CommandResult.Done(Changed: false), cluster.Remove(2, nowMs: 61_000));
        Assert.Equal(Refused($"ERR Unknown node {NodeRecord.RespIdOf(Member(2))}"), cluster.Remove(2, nowMs: 61_001));
    }

    [Fact]
    public void The_removed_are_forgotten_by_the_time_of_later_removals()
    {
        var cluster = Of(4);
        cluster.Remove(2, nowMs: 0);
        cluster.Remove(3, nowMs: 60_001);

        Assert.Equal([new RemovedNode(Member(3), 60_001)], cluster.Topology.Removed);
    }

    [Fact]
    public void The_last_member_cannot_be_removed() =>
        Assert.Equal(Refused("ERR I tried hard but I can't forget myself..."), Of(1).Remove(1));

    [Fact]
    public void A_config_epoch_is_set_once_and_only_alone()
    {
        var cluster = Of(1);
        Assert.Equal(CommandResult.Ok, SetEpoch(cluster, 4));
        Assert.Equal(4UL, cluster.Topology.CurrentEpoch);
        Assert.Equal(Refused("ERR Node config epoch is already non-zero"), SetEpoch(cluster, 5));

        Assert.Equal(
            Refused("ERR The user can assign a config epoch only when the node does not know any other node."),
            SetEpoch(Of(2), 4));
        Assert.Equal(Refused("ERR Invalid config epoch specified: -1"), SetEpoch(Of(1), ulong.MaxValue));

        static CommandResult SetEpoch(Cluster cluster, ulong epoch) =>
            cluster.Do(id => new TopologyCommand.SetConfigEpoch(id, Member(1), epoch));
    }

    [Fact]
    public void Bumping_gives_the_highest_epoch_and_leaves_it_to_who_has_it()
    {
        var cluster = Of(2);
        Assert.Equal(new CommandResult.Done(2), cluster.Do(id => new TopologyCommand.BumpEpoch(id, Member(1))));
        Assert.Equal(new CommandResult.Done(2, Changed: false), cluster.Do(id => new TopologyCommand.BumpEpoch(id, Member(1))));
        Assert.Equal(new CommandResult.Done(3), cluster.Do(id => new TopologyCommand.BumpEpoch(id, Member(2))));
    }

    [Fact]
    public void A_node_may_move_and_keeps_everything_else()
    {
        var cluster = Of(1);
        cluster.Assign(1, SlotRange.All);
        var moved = new NodeEndpoints("10.0.0.7", "seven.example", 7001);

        Assert.Equal(CommandResult.Ok, cluster.Do(id => new TopologyCommand.UpdateNode(id, Member(1), moved, "rack-2")));
        Assert.Equal(new CommandResult.Done(Changed: false), cluster.Do(id => new TopologyCommand.UpdateNode(id, Member(1), moved, "rack-2")));
        Assert.IsType<CommandResult.Refused>(cluster.Do(id => new TopologyCommand.UpdateNode(id, Member(1), moved with { Host = "" }, "")));

        Assert.Equal(Record(1) with { MemberId = 1, Endpoints = moved, Zone = "rack-2" }, cluster.Topology.OwnerOf(0));
    }

    [Fact]
    public void Settings_are_kept_by_key_and_an_empty_value_removes_one()
    {
        var cluster = Of(1);
        Set("b", "2");
        Set("a", "1");
        Assert.Equal([new Setting("a", "1"), new Setting("b", "2")], cluster.Topology.Settings);

        Set("a", "");

        Assert.Null(cluster.Topology.SettingOf("a"));
        Assert.Equal("2", cluster.Topology.SettingOf("b"));
        Assert.Equal(Refused(Refusals.InvalidSetting), Set("", "x"));

        CommandResult Set(string key, string value) => cluster.Do(id => new TopologyCommand.SetSetting(id, key, value));
    }
}

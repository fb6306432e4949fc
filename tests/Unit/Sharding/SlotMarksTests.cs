using Trefoil.Primitives;
using Trefoil.Sharding;
using Xunit;
using static Trefoil.Unit.Sharding.Cluster;

namespace Trefoil.Unit.Sharding;

/// <summary>Slots that are being moved key by key: two independent committed marks of (slot, node).</summary>
public sealed class SlotMarksTests
{
    [Fact]
    public void The_two_ends_of_a_move_are_marked_and_cleared_independently()
    {
        var cluster = Moving();
        Assert.Equal([Migrating(9, 1, 2), Importing(9, 2, 1)], cluster.Topology.Marks);

        Assert.Equal(CommandResult.Ok, Clear(cluster, 9, 1));
        Assert.Equal([Importing(9, 2, 1)], cluster.Topology.Marks);

        Assert.Equal(new CommandResult.Done(Changed: false), Clear(cluster, 9, 1));
        Assert.Equal(CommandResult.Ok, Clear(cluster, 9, 2));
        Assert.Same(SlotMarks.None, cluster.Topology.Marks);
    }

    [Fact]
    public void Only_the_owner_migrates_and_only_others_import()
    {
        var cluster = Of(3);
        cluster.Assign(1, SlotRange.All);

        Assert.Equal(Refused("ERR I'm not the owner of hash slot 9"), Mark(cluster, Migrating(9, 2, 3)));
        Assert.Equal(Refused("ERR I'm already the owner of hash slot 9"), Mark(cluster, Importing(9, 1, 3)));
        Assert.Equal(Refused($"ERR I don't know about node {NodeRecord.RespIdOf(Member(8))}"), Mark(cluster, Migrating(9, 1, 8)));
        Assert.Equal(Refused(Refusals.MoveToSelf), Mark(cluster, Migrating(9, 1, 1)));
        Assert.Equal(Refused(Refusals.InvalidSlot), Mark(cluster, Migrating(16384, 1, 2)));
        Assert.Empty(cluster.Topology.Marks);
    }

    [Fact]
    public void A_second_mark_of_the_same_holder_replaces_the_first()
    {
        var cluster = Moving();

        Assert.Equal(CommandResult.Ok, Mark(cluster, Migrating(9, 1, 3)));

        Assert.Equal(Member(3), cluster.Topology.Marks.Find(9, Member(1))!.Value.Peer);
        Assert.Equal(2, cluster.Topology.Marks.Count);
    }

    [Fact]
    public void A_change_of_owner_ends_the_move_at_both_ends_and_leaves_a_third_import_open()
    {
        var cluster = Moving();
        Mark(cluster, Importing(9, 3, 1));

        Assert.Equal(CommandResult.Ok, cluster.Do(id => new TopologyCommand.MoveSlot(id, 9, Member(1), Member(2))));

        Assert.Equal(Member(2), cluster.Topology.OwnerOf(9)!.Id);
        Assert.Equal([Importing(9, 3, 1)], cluster.Topology.Marks);
    }

    [Fact]
    public void A_slot_moves_only_from_who_owns_it_when_the_command_is_applied()
    {
        var cluster = Of(3);
        cluster.Assign(1, new SlotRange(0, 9));
        cluster.Do(id => new TopologyCommand.MoveSlot(id, 5, Member(1), Member(2)));

        Assert.Equal(Refused(Refusals.OwnerChanged(5)), cluster.Do(id => new TopologyCommand.MoveSlot(id, 5, Member(1), Member(3))));
        Assert.Equal(
            new CommandResult.Done(Changed: false), cluster.Do(id => new TopologyCommand.MoveSlot(id, 5, Member(1), Member(2))));
        Assert.Equal(Refused(Refusals.OwnerChanged(10)), cluster.Do(id => new TopologyCommand.MoveSlot(id, 10, Member(1), Member(2))));
        Assert.Equal(CommandResult.Ok, cluster.Do(id => new TopologyCommand.MoveSlot(id, 10, NodeId.None, Member(2))));
    }

    [Fact]
    public void Slots_that_are_taken_or_given_lose_the_marks_that_become_untrue()
    {
        var cluster = Moving();
        cluster.Unassign(new SlotRange(0, 99));
        Assert.Equal([Importing(9, 2, 1)], cluster.Topology.Marks);

        cluster.Assign(2, new SlotRange(9, 9));
        Assert.Empty(cluster.Topology.Marks);
    }

    [Fact]
    public void A_removed_node_takes_every_mark_along_that_names_it()
    {
        var cluster = Moving();
        Mark(cluster, Importing(500, 3, 1));

        cluster.Remove(2);

        Assert.Equal([Importing(500, 3, 1)], cluster.Topology.Marks);
    }

    [Fact]
    public void Every_slot_may_be_open_at_once_and_they_are_told_in_order()
    {
        var marks = SlotMarks.None;
        for (var slot = HashSlot.Count - 1; slot >= 0; slot--)
        {
            marks = marks.With(Importing(slot, 2, 1)).With(Migrating(slot, 1, 2));
        }

        Assert.Equal(2 * HashSlot.Count, marks.Count);
        Assert.Equal(marks.Order(), marks);
        Assert.Equal(Migrating(777, 1, 2), marks.Find(777, Member(1)));
        Assert.Null(marks.Find(777, Member(3)));
        Assert.Equal(0, marks.Without(Member(1)).Count);
    }

    [Fact]
    public void Bytes_from_before_there_were_marks_and_shards_are_read_as_nodes_each_alone()
    {
        const int ShardBytes = 53;
        var marked = Moving().Topology.Encode();
        var plain = Of(3).Topology.Encode();
        byte[] first = [1, .. plain[1..^(1 + (3 * ShardBytes) + 1 + 1)]];

        Assert.True(Topology.TryDecode(marked, out var read));
        Assert.Equal([Migrating(9, 1, 2), Importing(9, 2, 1)], read.Marks);
        Assert.True(Topology.TryDecode(first, out read));
        Assert.Equal(Of(3).Topology.Nodes, read.Nodes);
        Assert.All(read.Nodes, node => Assert.Equal([node.Id], read.ShardOf(node.Id)!.ReplicaSet));
    }

    [Fact]
    public void Marks_that_contradict_the_owners_are_not_read()
    {
        var cluster = Moving();
        var bytes = cluster.Topology.Encode();

        // The last mark is the import of node 2: kind, then the peer's 16 bytes; no migration ends the encoding.
        bytes[^18] = (byte)SlotMarkKind.Migrating;

        Assert.False(Topology.TryDecode(bytes, out _));
    }

    private static Cluster Moving()
    {
        var cluster = Of(3);
        cluster.Assign(1, SlotRange.All);
        Assert.Equal(CommandResult.Ok, Mark(cluster, Importing(9, 2, 1)));
        Assert.Equal(CommandResult.Ok, Mark(cluster, Migrating(9, 1, 2)));
        Assert.Equal(new CommandResult.Done(Changed: false), Mark(cluster, Migrating(9, 1, 2)));
        return cluster;
    }

    private static CommandResult Mark(Cluster cluster, SlotMark mark) => cluster.Do(id => new TopologyCommand.MarkSlot(id, mark));

    private static CommandResult Clear(Cluster cluster, int slot, int holder) =>
        cluster.Do(id => new TopologyCommand.ClearMark(id, slot, Member(holder)));

    private static SlotMark Migrating(int slot, int holder, int peer) => new(slot, Member(holder), SlotMarkKind.Migrating, Member(peer));

    private static SlotMark Importing(int slot, int holder, int peer) => new(slot, Member(holder), SlotMarkKind.Importing, Member(peer));
}

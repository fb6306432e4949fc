using System.Text;
using Trefoil.Sharding;
using Xunit;
using static Trefoil.Unit.Sharding.Cluster;

namespace Trefoil.Unit.Sharding;

public sealed class TopologyTests
{
    [Fact]
    public void One_node_owns_every_slot()
    {
        var topology = Topology.OneNode(Record(1), Id, "embedded");

        Assert.Equal(16384, topology.AssignedSlots);
        Assert.Equal([SlotRange.All], topology.RangesOf(Member(1)));
        Assert.True(topology.Owns(Member(1), Topology.SlotOf("user:1"u8)));
        Assert.False(topology.Owns(Member(2), 0));
        Assert.Empty(topology.UnassignedRanges);
    }

    [Fact]
    public void Keys_with_one_hash_tag_share_a_slot() =>
        Assert.Equal(Topology.SlotOf("{user:1}.name"u8), Topology.SlotOf("{user:1}.mail"u8));

    [Fact]
    public void Nodes_are_found_by_either_form_of_their_id()
    {
        var topology = Of(3).Topology;
        var node = topology.Find(Member(2))!;

        Assert.Equal(40, node.RespId.Length);
        Assert.Same(node, topology.FindByRespId(node.RespId));
        Assert.Null(topology.FindByRespId(node.RespId[..39] + (node.RespId[39] == '0' ? '1' : '0')));
        Assert.Null(topology.FindByRespId("short"));
        Assert.Null(topology.Find(Member(9)));
        Assert.Equal(0, topology.SlotCountOf(Member(9)));
        Assert.Empty(topology.RangesOf(Member(9)));
    }

    [Fact]
    public void A_snapshot_handed_out_does_not_change_under_its_reader()
    {
        var cluster = Of(2);
        cluster.Assign(1, SlotRange.All);
        var (before, bytes) = (cluster.Topology, cluster.Topology.Encode());

        cluster.Do(id => new TopologyCommand.SetSlotOwner(id, 0, Member(2)));
        cluster.Remove(1);

        Assert.Equal(bytes, before.Encode());
        Assert.Equal(Member(1), before.OwnerOf(0)!.Id);
    }

    [Fact]
    public void A_cluster_of_three_even_shares_is_told_in_a_few_hundred_bytes()
    {
        var cluster = Of(3);
        cluster.Assign(1, new SlotRange(0, 5460));
        cluster.Assign(2, new SlotRange(5461, 10922));
        cluster.Assign(3, new SlotRange(10923, 16383));

        Assert.InRange(cluster.Topology.Encode().Length, 1, 450);
    }

    [Fact]
    public void Every_cut_and_every_flipped_bit_of_an_encoding_is_read_without_throwing()
    {
        var cluster = Of(3);
        cluster.Assign(2, new SlotRange(0, 99));
        cluster.Remove(3, 5);
        var bytes = cluster.Machine.Snapshot();

        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.False(new TopologyMachine().TryRestore(bytes.AsSpan(0, length)));
        }

        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            var flipped = bytes.ToArray();
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            var machine = new TopologyMachine();
            if (machine.TryRestore(flipped))
            {
                Assert.True(new TopologyMachine().TryRestore(machine.Snapshot()));
            }
        }
    }

    [Fact]
    public void Text_is_refused_beyond_its_limit_in_bytes_not_in_letters()
    {
        var record = Record(1) with { Zone = new string('é', NodeRecord.MaxZoneBytes) };

        Assert.True(Encoding.UTF8.GetByteCount(record.Zone) > NodeRecord.MaxZoneBytes);
        Assert.Throws<ArgumentException>(() => Topology.OneNode(record, Id, "test"));
    }
}

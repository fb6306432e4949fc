using Trefoil.Primitives;
using Trefoil.Sharding;
using Xunit;
using static Trefoil.Unit.Sharding.Cluster;

namespace Trefoil.Unit.Sharding;

/// <summary>What an operator makes of the survivors when the majority is gone for good.</summary>
public sealed class TopologyRecoveryTests
{
    private static readonly ClusterId NewId = new(9, 9);

    [Fact]
    public void Survivors_keep_their_slots_and_every_shard_elects()
    {
        var cluster = Halves();

        var recovered = TopologyRecovery.Of(cluster.Topology, NewId, [Member(1), Member(4)]).Machine.Topology;

        Assert.Equal(NewId, recovered.ClusterId);
        Assert.Equal([Member(1), Member(4)], recovered.Nodes.Select(node => node.Id));
        Assert.Equal(8192, recovered.SlotCountOf(Member(1)));
        Assert.Equal(8192, recovered.SlotCountOf(Member(4)));
        Assert.All(recovered.Shards, shard => Assert.True(shard.IsElecting && shard.ReplicaSet.Count == 1));
        Assert.True(recovered.Version > cluster.Topology.Version);
    }

    [Fact]
    public void What_is_lost_is_said_shard_by_shard()
    {
        var losses = TopologyRecovery.Of(Halves().Topology, NewId, [Member(1)]).Losses;

        Assert.Contains(losses, loss => loss.StartsWith("all keys of 8192 slots", StringComparison.Ordinal));
        Assert.Equal(3, losses.Count(loss => loss.StartsWith("member ", StringComparison.Ordinal)));
        Assert.Contains(losses, loss => loss.StartsWith("changes of the topology after version", StringComparison.Ordinal));
    }

    [Fact]
    public void A_recovered_topology_reads_back_and_takes_commands()
    {
        var machine = TopologyRecovery.Of(Halves().Topology, NewId, [Member(1), Member(4)]).Machine;
        var copy = new TopologyMachine();

        Assert.True(copy.TryRestore(machine.Snapshot()));
        Assert.Equal(machine.Topology, copy.Topology);
        Assert.IsType<CommandResult.Done>(copy.Apply(
            copy.Topology.Version + 1, new TopologyCommand.AddNode(new RequestId(Member(1), 99), Record(7), [])));
    }

    /// <summary>1 with replica 2 and 3 with replica 4 in their sets, half the slots each.</summary>
    private static Cluster Halves()
    {
        var cluster = Of(4);
        cluster.Assign(1, new SlotRange(0, 8191));
        cluster.Assign(3, new SlotRange(8192, 16383));
        foreach (var (replica, primary) in new[] { (2, 1), (4, 3) })
        {
            cluster.Do(id => new TopologyCommand.Replicate(id, Member(replica), Member(primary)));
            var shard = cluster.Topology.ShardOf(Member(primary))!;
            cluster.Do(id => new TopologyCommand.ChangeReplicaSet(
                id, shard.Id, shard.ConfigVersion, [Member(primary), Member(replica)], ReplicationMode.Quorum));
        }

        return cluster;
    }
}

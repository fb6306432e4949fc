using Trefoil.Primitives;
using Trefoil.Replication;
using Trefoil.Sharding;

namespace Trefoil.Simulator.Shards;

/// <summary>Replicas are made, clients read and write registers, operators hand shards over.</summary>
internal sealed class ShardWorkload(Simulation world, Prng random)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(20);

    public void Start()
    {
        if (world.Options.CrashStep is null && !world.Churns)
        {
            world.Queue.At(TimeSpan.FromSeconds(1), Arrange);
        }

        world.Queue.At(TimeSpan.FromSeconds(1), Look);
    }

    /// <summary>Nodes of the upper half that are alone become replicas of those of the lower half, as <c>create --cluster-replicas</c> would have it.</summary>
    private void Arrange()
    {
        if (world.IsHealing)
        {
            return;
        }

        world.Queue.At(world.Now + TimeSpan.FromSeconds(0.5 + random.Fraction()), Arrange);
        var primaries = Math.Max(1, world.Nodes.Count / 3);
        var node = world.Nodes[random.Below(world.Nodes.Count)];
        if (!node.Up || node.Index < primaries || node.Replica.Shard is not { } shard)
        {
            return;
        }

        var topology = node.Control.Topology;
        var model = world.Nodes[node.Index % primaries].Identity.Node;
        if (topology.MembersOf(shard).Count() == 1 && topology.ShardOf(model) is { } target && target.Id != shard.Id)
        {
            world.Workload.Propose(node, "Replicate", id => new TopologyCommand.Replicate(id, node.Identity.Node, target.Primary));
        }
        else if (random.Chance(0.2) && shard.Primary != node.Identity.Node)
        {
            node.Replica.Post(new ReplicaInput.HandOverAsked(random.Next() >> 8, node.Identity.Node));
        }
    }

    private void Look()
    {
        world.Queue.At(world.Now + (LookEvery * (0.2 + (1.6 * random.Fraction()))), Look);
        world.Oracles.Copies.CheckServers();
    }
}

using Trefoil.Primitives;
using Trefoil.Sharding;

namespace Trefoil.Simulator.Slots;

/// <summary>Operators give out slots and move them about, clients read and write their keys.</summary>
internal sealed class MigrationWorkload(Simulation world, Prng random)
{
    /// <summary>Slots that are given out and moved about: the first few.</summary>
    public const int Count = 8;

    /// <summary>Their numbers.</summary>
    public IEnumerable<int> Slots { get; } = [.. Enumerable.Range(0, Count)];

    public void Start()
    {
        if (world.Options.CrashStep is not null)
        {
            world.Queue.At(TimeSpan.FromSeconds(2), Prepare);
            return;
        }

        world.Queue.At(TimeSpan.FromSeconds(2), Operate);
    }

    /// <summary>Begins a migration of some slots of a node; false if there is none to begin.</summary>
    public bool Begin(SimulatedNode by, int slot)
    {
        var topology = by.Replica.Topology;
        if (topology.OwnerOf(slot) is not { } source || topology.ShardOf(source.Id)?.Mode != world.Traffic.Mode)
        {
            return false;
        }

        var targets = topology.Shards.Where(shard => shard.Primary != source.Id && shard.Mode == world.Traffic.Mode).ToList();
        if (targets.Count == 0)
        {
            return false;
        }

        var end = Math.Min(Count - 1, slot + random.Below(4));
        var parts = new List<MigrationPart>();
        foreach (var moved in Enumerable.Range(slot, end - slot + 1).Where(each => topology.Owns(source.Id, each)).GroupBy(_ => random.Below(2)))
        {
            parts.Add(new MigrationPart(targets[random.Below(targets.Count)].Primary, [.. moved.Select(each => new SlotRange(each, each))]));
        }

        var now = by.Clock.WallMs;
        world.Workload.Propose(by, "BeginMigrations", id => new TopologyCommand.BeginMigrations(id, source.Id, parts, now));
        return true;
    }

    /// <summary>Two shards of three, all slots in the first; once both sets are whole, half of the slots are moved to the second.</summary>
    private void Prepare()
    {
        var (first, second) = (world.Nodes[0], world.Nodes[1]);
        var topology = first.Replica.Topology;
        var isWhole = topology.Nodes.Count == world.Nodes.Count && topology.Shards.Count == 2
            && topology.Shards.All(shard => shard.ReplicaSet.Count == 3 && shard.Mode != ReplicationMode.Asynchronous);
        if (isWhole && topology.Owns(first.Identity.Node, 0))
        {
            world.Queue.At(world.Now + TimeSpan.FromSeconds(1), () =>
            {
                var now = first.Clock.WallMs;
                var part = new MigrationPart(second.Identity.Node, [new SlotRange(0, (Count / 2) - 1)]);
                world.Workload.Propose(first, "BeginMigrations", id => new TopologyCommand.BeginMigrations(id, first.Identity.Node, [part], now));
            });
            return;
        }

        world.Queue.At(world.Now + TimeSpan.FromSeconds(0.3), Prepare);
        if (isWhole)
        {
            world.Workload.Propose(first, "AssignSlots", id => new TopologyCommand.AssignSlots(
                id, first.Identity.Node, [new SlotRange(0, Count - 1)]));
            return;
        }

        foreach (var node in world.Nodes.Skip(2).Where(node => topology.ShardOf(node.Identity.Node) is { } shard && shard.Primary == node.Identity.Node))
        {
            var primary = world.Nodes[node.Index % 2].Identity.Node;
            world.Workload.Propose(node, "Replicate", id => new TopologyCommand.Replicate(id, node.Identity.Node, primary));
        }
    }

    private void Operate()
    {
        if (world.IsHealing)
        {
            return;
        }

        world.Queue.At(world.Now + TimeSpan.FromSeconds(0.2 + (1.3 * random.Fraction())), Operate);
        var node = world.Nodes[random.Below(world.Nodes.Count)];
        var topology = node.Replica.Topology;
        // Whoever is alone may be absorbed, and has no keys then; a shard that has not taken up its mode yet promises nothing.
        if (!node.Up || topology.Nodes.Count < 2 || node.Replica.Shard is not { } shard || (!world.Churns && (shard.Mode != world.Traffic.Mode || !world.Traffic.IsHome(topology.ClusterId))))
        {
            return;
        }

        var (slot, now) = (random.Below(Count), node.Clock.WallMs);
        if (topology.OwnerOf(slot) is null)
        {
            world.Workload.Propose(node, "AssignSlots", id => new TopologyCommand.AssignSlots(id, shard.Primary, [new SlotRange(slot, slot)]));
            return;
        }

        switch (random.Below(20))
        {
            case < 14:
                Begin(node, slot);
                break;
            case < 17 when topology.Migrations.FirstOrDefault(record => record.State == MigrationState.Running) is { } running:
                world.Workload.Propose(node, "AbortMigration", id => new TopologyCommand.AbortMigration(id, running.Id, "cancelled", now));
                break;
        }
    }
}

using Trefoil.Primitives;
using Trefoil.Sharding;

namespace Trefoil.Simulator.Slots;

/// <summary>Operators give out slots and move them about, clients read and write their keys.</summary>
internal sealed class MigrationWorkload(Simulation world, Prng random)
{
    private static readonly TimeSpan CallEvery = TimeSpan.FromMilliseconds(5);
    private uint _values;

    public void Start()
    {
        world.Queue.At(TimeSpan.FromSeconds(2), Operate);
        world.Queue.At(TimeSpan.FromSeconds(2), Call);
    }

    /// <summary>Begins a migration of some slots of a node; false if there is none to begin.</summary>
    public bool Begin(SimulatedNode by, int slot)
    {
        var topology = by.Replica.Topology;
        if (topology.OwnerOf(slot) is not { } source || topology.ShardOf(source.Id) is not { Mode: not ReplicationMode.Asynchronous })
        {
            return false;
        }

        var targets = topology.Shards.Where(shard => shard.Primary != source.Id && shard.Mode != ReplicationMode.Asynchronous).ToList();
        if (targets.Count == 0)
        {
            return false;
        }

        var end = Math.Min(ModelSlots.Count - 1, slot + random.Below(4));
        var parts = new List<MigrationPart>();
        foreach (var moved in Enumerable.Range(slot, end - slot + 1).Where(each => topology.Owns(source.Id, each)).GroupBy(_ => random.Below(2)))
        {
            parts.Add(new MigrationPart(targets[random.Below(targets.Count)].Primary, [.. moved.Select(each => new SlotRange(each, each))]));
        }

        var now = world.NowMs;
        world.Workload.Propose(by, "BeginMigrations", id => new TopologyCommand.BeginMigrations(id, source.Id, parts, now));
        return true;
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
        // Whoever is alone may be absorbed, and has no keys then; asynchronous mode promises nothing.
        if (!node.Up || topology.Nodes.Count < 2 || node.Replica.Shard is not { Mode: not ReplicationMode.Asynchronous } shard)
        {
            return;
        }

        var (slot, now) = (random.Below(ModelSlots.Count), world.NowMs);
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
            case 17:
                node.Migrations.Flush();
                break;
        }
    }

    private void Call()
    {
        world.Queue.At(world.Now + (CallEvery * (0.2 + (1.6 * random.Fraction()))), Call);
        world.Oracles.Keys.CheckServers();
        var node = world.Nodes[random.Below(world.Nodes.Count)];
        if (node.Up && node.Replica.Answers && node.Replica.Shard is { Mode: not ReplicationMode.Asynchronous } && node.Replica.Topology.Nodes.Count > 1)
        {
            var (slot, key) = (random.Below(ModelSlots.Count), random.Below(ModelSlots.Keys));
            node.Migrations.Execute(new KeyCall(
                world.Oracles.Keys, node.Replica.Cluster, slot, key, random.Chance(0.6) ? ++_values : 0, world.Now));
        }
    }
}

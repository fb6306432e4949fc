using System.Globalization;
using Trefoil.Primitives;
using Trefoil.Sharding;

namespace Trefoil.Simulator.Clients;

/// <summary>Operators make replicas, give out slots and move them about, hand shards over, kill primaries and change settings, by the commands that people use.</summary>
/// <remarks>
/// Left out: CLIENT PAUSE, WAIT, SAVE and SHUTDOWN, whose effect is on one connection or one process alone, and CLUSTER FAILOVER FORCE where writes are to
/// survive, since it promotes whoever asks.
/// </remarks>
internal sealed class Operators(Simulation world, ClusterClient client, Prng random)
{
    private readonly SortedSet<int> _open = [];
    private long _turn;

    /// <summary>Slots that were moved key by key: a key whose MIGRATE had no answer may have been in two places.</summary>
    public SortedSet<int> MovedByKey { get; } = [];

    public void Start()
    {
        if (world.Options.CrashStep is not null)
        {
            world.Queue.At(TimeSpan.FromSeconds(2), Prepare);
            return;
        }

        OperateAfter(TimeSpan.FromSeconds(2));
        if (!world.Churns)
        {
            world.Queue.At(TimeSpan.FromSeconds(1), Arrange);
        }
    }

    /// <summary>Nodes of the upper half that are alone become replicas of those of the lower half, as <c>create --cluster-replicas</c> would have it.</summary>
    private void Arrange()
    {
        if (world.IsHealing)
        {
            return;
        }

        world.Queue.At(world.Now + TimeSpan.FromSeconds((0.5 + random.Fraction()) * Math.Min(world.Faults.Ease, 4)), Arrange);
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
            Tell(node, "CLUSTER", "REPLICATE", NodeRecord.RespIdOf(target.Primary));
        }
        else if (shard.Primary != node.Identity.Node && random.Chance(0.1))
        {
            Tell(node, "CLUSTER", "FAILOVER");
        }
        else if (shard.ReplicaSet.Count > 2 && random.Chance(0.25) && Find(shard.Primary) is { Up: true } victim)
        {
            KillPrimary(victim);
        }
        else if (world.Traffic.IsDurable && random.Chance(0.08))
        {
            // As if somebody had taken its primary for dead: what that has under way meets the fence.
            world.Workload.Propose(node, "BeginElection", id => new TopologyCommand.BeginElection(id, shard.Id, shard.Epoch, NodeId.None, IsForced: false));
        }
    }

    /// <summary>Faults are over: whoever is at leisure looks at once what is left open.</summary>
    public void Hurry()
    {
        if (_turn > 0)
        {
            OperateAfter(TimeSpan.Zero);
        }
    }

    private void OperateAfter(TimeSpan pause)
    {
        var turn = ++_turn;
        world.Queue.At(world.Now + pause, () =>
        {
            if (turn == _turn)
            {
                Operate();
            }
        });
    }

    private void Operate()
    {
        var isNew = world.Nodes.All(each => TestKeys.All.Any(slot => each.Replica.Topology.OwnerOf(slot) is null));
        var pause = world.IsHealing || isNew ? 0.3 : 0.3 + ((random.Chance(0.2) ? 15 : 2) * random.Fraction());
        OperateAfter(TimeSpan.FromSeconds(pause * world.Faults.Ease));
        var node = world.Nodes[random.Below(world.Nodes.Count)];
        var topology = node.Replica.Topology;
        // Whoever is alone may be absorbed, and has no keys then; a shard that has not taken up its mode yet promises nothing.
        if (!node.Up || topology.Nodes.Count < 2 || node.Replica.Shard is not { } shard
            || (!world.Churns && (!Promises(shard) || !world.Traffic.IsHome(topology.ClusterId))))
        {
            return;
        }

        if (topology.Marks.Count > 0 && (world.IsHealing || random.Chance(0.5)))
        {
            GoOn(topology, topology.Marks.First());
        }
        else if (!world.IsHealing)
        {
            Change(node, topology, shard);
        }
    }

    private void Change(SimulatedNode node, Topology topology, ShardRecord shard)
    {
        var unowned = TestKeys.All.Where(each => topology.OwnerOf(each) is null).ToList();
        if (unowned.Count > 0)
        {
            if (Find(shard.Primary) is { } primary)
            {
                Tell(primary, ["CLUSTER", "ADDSLOTS", .. unowned.Take(1 + random.Below(5)).Select(Text)]);
            }

            return;
        }

        var slot = random.Below(TestKeys.Slots);
        var owner = topology.OwnerOf(slot)!;

        var targets = topology.Shards.Where(each => each.Primary != owner.Id && Promises(each)).ToList();
        switch (random.Below(20))
        {
            case < 11 when targets.Count > 0 && Find(owner.Id) is { } source:
                Migrate(source, topology, slot, targets);
                break;
            case < 13 when topology.Migrations.FirstOrDefault(record => record.State == MigrationState.Running) is { } running
                && Find(topology.FindShard(running.Source)?.Primary) is { } source:
                Tell(source, "CLUSTER", "CANCELSLOTMIGRATIONS");
                break;
            case < 16 when !world.Traffic.Flushes && !world.Churns && targets.Count > 0 && Find(owner.Id) is { } source && Find(targets[random.Below(targets.Count)].Primary) is { } target:
                MoveByKey(slot, source, target);
                break;
            case 16:
                Tell(node, "CONFIG", "SET", "slot-migration-rate", Text(random.Chance(0.5) ? 0 : 500 << random.Below(8)));
                break;
            case 17 when world.Traffic.IsDurable:
                // The two modes promise the same to whoever is answered.
                Tell(node, "CONFIG", "SET", "replication-mode", random.Chance(0.5) ? "quorum" : "synchronous");
                break;
            case 18 when Find(owner.Id) is { Up: true } victim && random.Chance(0.6):
                KillPrimary(victim);
                break;
            case 19 when !world.Traffic.IsDurable && shard.Primary != node.Identity.Node && random.Chance(0.2):
                Tell(node, "CLUSTER", "FAILOVER", "FORCE");
                break;
        }
    }

    /// <summary>A primary ends; mostly one of its copies has missed what it recorded last, so that the election has to tell the copies apart.</summary>
    private void KillPrimary(SimulatedNode victim)
    {
        var copies = world.Nodes.Where(node => node.Up && node != victim && node.Replica.Shard?.Primary == victim.Identity.Node).ToList();
        if (copies.Count == 0 || random.Chance(0.3))
        {
            Kill(victim);
            return;
        }

        var late = copies[random.Below(copies.Count)];
        world.Network.Cut(victim.Index, late.Index);
        world.Queue.At(world.Now + random.Between(TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(600)), () =>
        {
            world.Network.Mend(victim.Index, late.Index);
            if (victim.Up && !world.IsHealing)
            {
                Kill(victim);
            }
        });
    }

    private void Kill(SimulatedNode victim)
    {
        world.Counts.Add(SimulationCounts.Fault.KilledPrimary);
        world.Faults.CrashAndRestart(victim);
    }

    /// <summary>One command for some slots of a node, to one or two targets.</summary>
    private void Migrate(SimulatedNode source, Topology topology, int slot, List<ShardRecord> targets)
    {
        var end = Math.Min(TestKeys.Slots - 1, slot + random.Below(4));
        var command = new List<string> { "CLUSTER", "MIGRATESLOTS" };
        foreach (var moved in Enumerable.Range(slot, end - slot + 1).Where(each => topology.Owns(source.Identity.Node, each)).GroupBy(_ => random.Below(2)))
        {
            command.Add("SLOTSRANGE");
            command.AddRange(moved.SelectMany(each => new[] { Text(each), Text(each) }));
            command.AddRange(["NODE", NodeRecord.RespIdOf(targets[random.Below(targets.Count)].Primary)]);
        }

        Tell(source, [.. command]);
    }

    private void MoveByKey(int slot, SimulatedNode source, SimulatedNode target)
    {
        if (_open.Add(slot))
        {
            MovedByKey.Add(slot);
            new KeyByKey(world, client, random, slot, source, target) { Ended = () => _open.Remove(slot) }.Begin();
        }
    }

    /// <summary>A slot that somebody left open: what is left of it goes where it was to go.</summary>
    private void GoOn(Topology topology, SlotMark mark)
    {
        var (owner, other) = (Find(topology.OwnerOf(mark.Slot)?.Id), Find(mark.Kind == SlotMarkKind.Importing ? mark.Holder : mark.Peer));
        if (owner is null || other is null || owner == other)
        {
            if (Find(mark.Holder) is { } holder)
            {
                Tell(holder, "CLUSTER", "SETSLOT", Text(mark.Slot), "STABLE");
            }
        }
        else
        {
            MoveByKey(mark.Slot, owner, other);
        }
    }

    private void Tell(SimulatedNode node, params string[] command) => client.Ask(
        node, answer => world.Counts.Add(SimulationCounts.Progress.Operated, answer.Reply is { IsError: false } ? 1 : 0), command);

    /// <summary>It has taken up what this run promises: one of the two modes that wait for others, between which operators may change, or the one that does not.</summary>
    private bool Promises(ShardRecord shard) => shard.Mode != ReplicationMode.Asynchronous == world.Traffic.IsDurable;

    private SimulatedNode? Find(NodeId? id) => world.Nodes.FirstOrDefault(node => node.Identity.Node == id && !node.Gone);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>For enumerated crashes: two shards of three, all slots in the first; once both sets are whole, half of the slots are moved to the second.</summary>
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
                var part = new MigrationPart(second.Identity.Node, [new SlotRange(0, (TestKeys.Slots / 2) - 1)]);
                world.Workload.Propose(first, "BeginMigrations", id => new TopologyCommand.BeginMigrations(id, first.Identity.Node, [part], now));
            });
            return;
        }

        world.Queue.At(world.Now + TimeSpan.FromSeconds(0.3), Prepare);
        if (isWhole)
        {
            world.Workload.Propose(first, "AssignSlots", id => new TopologyCommand.AssignSlots(
                id, first.Identity.Node, [new SlotRange(0, TestKeys.Slots - 1)]));
            return;
        }

        foreach (var node in world.Nodes.Skip(2).Where(node => topology.ShardOf(node.Identity.Node) is { } shard && shard.Primary == node.Identity.Node))
        {
            var primary = world.Nodes[node.Index % 2].Identity.Node;
            world.Workload.Propose(node, "Replicate", id => new TopologyCommand.Replicate(id, node.Identity.Node, primary));
        }
    }
}

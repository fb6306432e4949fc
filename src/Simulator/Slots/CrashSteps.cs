using Trefoil.Migration;
using Trefoil.Sharding;

namespace Trefoil.Simulator.Slots;

/// <summary>Whose process ends.</summary>
internal enum CrashRole : byte
{
    /// <summary>The source shard's primary.</summary>
    Source,

    /// <summary>A replica of it.</summary>
    SourceReplica,

    /// <summary>The target shard's primary.</summary>
    Target,

    /// <summary>A replica of it.</summary>
    TargetReplica,

    /// <summary>The leader of the consensus group.</summary>
    Leader,
}

/// <summary>Counts the steps of migrations, and crashes somebody right behind one of them.</summary>
internal sealed class CrashSteps(Simulation world)
{
    /// <summary>Effects of migrations so far, in the whole cluster.</summary>
    public int Count { get; private set; }

    /// <summary>The crash happened.</summary>
    public bool Crashed { get; private set; }

    /// <summary>An effect was performed.</summary>
    public void Reached(SimulatedNode node, MigrationEffect effect)
    {
        world.Counts.Add(SimulationCounts.Progress.MoveSteps);
        if (world.Options.CrashStep is not { } wanted || Crashed || Count++ != wanted.Step)
        {
            return;
        }

        var topology = node.Replica.Topology;
        if (topology.Migrations.LastOrDefault(record => !record.IsClean) is { } record && Victim(topology, record, wanted.Role) is { Up: true } victim)
        {
            Crashed = true;
            world.Note("step", node.Index, victim.Index, (ulong)wanted.Step, $"{wanted.Role} ends behind step {wanted.Step}: {effect}");
            world.Faults.CrashAndRestart(victim);
        }
    }

    private SimulatedNode? Victim(Topology topology, MigrationRecord record, CrashRole role)
    {
        var (source, target) = (topology.FindShard(record.Source), topology.FindShard(record.Target));
        return role switch
        {
            CrashRole.Source => Find(source?.Primary),
            CrashRole.Target => Find(target?.Primary),
            CrashRole.SourceReplica => Find(ReplicaOf(topology, source)),
            CrashRole.TargetReplica => Find(ReplicaOf(topology, target)),
            _ => world.Nodes.FirstOrDefault(node => node.Up && node.Control.Raft is { Role: Consensus.Role.Leader }),
        };
    }

    private static Primitives.NodeId? ReplicaOf(Topology topology, ShardRecord? shard) =>
        shard is null ? null : topology.MembersOf(shard).FirstOrDefault(member => member.Id != shard.Primary)?.Id;

    private SimulatedNode? Find(Primitives.NodeId? id) => world.Nodes.FirstOrDefault(node => node.Up && node.Identity.Node == id);
}

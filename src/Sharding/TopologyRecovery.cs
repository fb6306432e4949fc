using System.Globalization;
using Trefoil.Primitives;

namespace Trefoil.Sharding;

/// <summary>What is left of a cluster whose majority is gone for good, as a new cluster: an operator's decision, never a rule's.</summary>
/// <param name="Machine">Its state machine, to be started from.</param>
/// <param name="Losses">What is or may be lost, one line each.</param>
public sealed record TopologyRecovery(TopologyMachine Machine, IReadOnlyList<string> Losses)
{
    /// <summary>The members of <paramref name="kept"/> with their slots and shards, under another cluster id; whoever voted does so no longer.</summary>
    /// <remarks>
    /// Every shard has to elect: whose log is the longest among those that were kept is found out when they are started. Slots of shards of which nobody was
    /// kept fall free.
    /// </remarks>
    public static TopologyRecovery Of(Topology topology, ClusterId cluster, IReadOnlyCollection<NodeId> kept)
    {
        ArgumentNullException.ThrowIfNull(topology);
        ArgumentNullException.ThrowIfNull(kept);
        var losses = new List<string>
        {
            string.Create(CultureInfo.InvariantCulture, $"changes of the topology after version {topology.Version}, the newest that this node knows"),
        };
        var next = topology with { ClusterId = cluster, Version = topology.Version + 1, Marks = SlotMarks.None };
        next = MigrationRules.Ended(next, "the cluster was recovered from what was left of it");
        foreach (var shard in topology.Shards)
        {
            next = Survivors(next, shard, kept, losses);
        }

        foreach (var gone in topology.Nodes.Where(node => !kept.Contains(node.Id)))
        {
            next = TopologyRules.Without(next, gone.Id);
            losses.Add($"member {gone.RespId} ({gone.Endpoints.Host}:{gone.Endpoints.RespPort}): removed; before it may come back it must be reset");
        }

        return new TopologyRecovery(TopologyMachine.From(MigrationRules.Settled(next) with { Version = next.Version + 1 }), losses);
    }

    private static Topology Survivors(Topology topology, ShardRecord shard, IReadOnlyCollection<NodeId> kept, List<string> losses)
    {
        var members = topology.MembersOf(shard).Where(member => kept.Contains(member.Id)).Select(member => member.Id).ToList();
        var slots = topology.SlotCountOf(shard.Primary);
        if (members.Count == 0)
        {
            if (slots > 0)
            {
                losses.Add(string.Create(CultureInfo.InvariantCulture, $"all keys of {slots} slots: no member of the shard of {NodeRecord.RespIdOf(shard.Primary)} is kept"));
            }

            return topology;
        }

        var counted = members.Where(shard.ReplicaSet.Contains).ToList();
        var needed = shard.Mode == ReplicationMode.Asynchronous ? shard.ReplicaSet.Count
            : ShardRecord.ToFence(shard.Mode, shard.ReplicaSet.Count);
        if (counted.Count < needed)
        {
            losses.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"acknowledged writes to the {slots} slots of {NodeRecord.RespIdOf(shard.Primary)}: {counted.Count} of its replica set of {shard.ReplicaSet.Count} are kept"));
        }

        var set = counted.Count > 0 ? counted : members;
        var primary = set.Contains(shard.Primary) ? shard.Primary : set[0];
        return ShardRules.Recovered(topology, shard, primary, set);
    }
}

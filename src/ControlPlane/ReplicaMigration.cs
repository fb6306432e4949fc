using Trefoil.Primitives;
using Trefoil.Sharding;

namespace Trefoil.ControlPlane;

/// <summary>Gives a primary that has lost all its replicas one from a shard that has two to spare: a pure function of topology and health.</summary>
/// <remarks>
/// Redis' replica migration with a barrier of 1. A primary that never had a replica is left as its operator made it: only one whose replicas are all dead is
/// an orphan. The dead ones stay members, so when they return they are replicas again.
/// </remarks>
internal static class ReplicaMigration
{
    /// <summary>Primaries with slots and replicas, none of which is alive: sorted by shard.</summary>
    public static IEnumerable<ShardRecord> Orphans(Topology topology, Func<NodeId, bool> isAlive)
    {
        foreach (var shard in topology.Shards)
        {
            if (!shard.IsElecting && isAlive(shard.Primary) && topology.SlotCountOf(shard.Primary) > 0)
            {
                var replicas = topology.MembersOf(shard).Where(node => node.Id != shard.Primary).ToList();
                if (replicas.Count > 0 && !replicas.Exists(node => isAlive(node.Id)))
                {
                    yield return shard;
                }
            }
        }
    }

    /// <summary>The replica to give away: of the shard with the most living ones, at least two, the one with the smallest id; null if there is none.</summary>
    public static NodeRecord? Spare(Topology topology, Func<NodeId, bool> isAlive) => topology.Shards
        .Where(shard => !shard.IsElecting)
        .Select(shard => topology.MembersOf(shard).Where(node => node.Id != shard.Primary && isAlive(node.Id)).ToList())
        .Where(living => living.Count >= 2)
        .OrderByDescending(living => living.Count)
        .Select(living => living[0])
        .FirstOrDefault();
}

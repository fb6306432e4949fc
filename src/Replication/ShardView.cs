using Trefoil.Primitives;
using Trefoil.Sharding;

namespace Trefoil.Replication;

/// <summary>What the topology says of this node's shard.</summary>
/// <param name="Id">The shard.</param>
/// <param name="Primary">Who leads it; while electing, who led it last.</param>
/// <param name="Epoch">Rises with every election and hand-over.</param>
/// <param name="IsElecting">Nobody leads: every member is fenced from all earlier epochs.</param>
/// <param name="ConfigVersion">Topology version of the last change of this record: what a change of the set is compared with.</param>
/// <param name="ReplicaSet">C, the committed replica set: sorted, with the primary.</param>
/// <param name="Mode">The committed mode.</param>
/// <param name="Members">All nodes of the shard, in C or not, sorted.</param>
public sealed record ShardView(
    NodeId Id,
    NodeId Primary,
    ulong Epoch,
    bool IsElecting,
    ulong ConfigVersion,
    IReadOnlyList<NodeId> ReplicaSet,
    ReplicationMode Mode,
    IReadOnlyList<NodeId> Members);

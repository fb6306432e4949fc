using Trefoil.Primitives;
using Trefoil.Sharding;

namespace Trefoil.Replication;

/// <summary>Everything the world tells a replica node.</summary>
public abstract record ReplicaInput
{
    private ReplicaInput()
    {
    }

    /// <summary>
    /// The topology, or this node's place in it, is another. The first one after a start must be what the node knew before it: an
    /// epoch that is in it is never begun by this process.
    /// </summary>
    /// <param name="Cluster">The cluster this node is in.</param>
    /// <param name="Shard">Its shard; null: in none.</param>
    /// <param name="Wanted">The mode that the topology's setting asks for.</param>
    /// <param name="Version">The topology's version; a lower one than before is ignored unless the cluster is another.</param>
    public sealed record ShardChanged(ClusterId Cluster, ShardView? Shard, ReplicationMode Wanted, ulong Version) : ReplicaInput;

    /// <summary>A member of this cluster said something.</summary>
    public sealed record Peer(NodeId From, ReplicaMessage Message) : ReplicaInput;

    /// <summary>The log grew, or more of it became durable: look at it in the next Tick.</summary>
    public sealed record Appended : ReplicaInput;

    /// <summary>The answer to <see cref="IReplicatedLog.MakeSnapshot"/>.</summary>
    /// <param name="Transfer">Which one.</param>
    /// <param name="Ok">It can be read.</param>
    /// <param name="CoveredLsn">It contains every record up to here; shipping goes on behind it.</param>
    /// <param name="ConsistentLsn">And some up to here.</param>
    /// <param name="Length">Bytes.</param>
    public sealed record SnapshotMade(ulong Transfer, bool Ok, ulong CoveredLsn, ulong ConsistentLsn, long Length) : ReplicaInput;

    /// <summary>The answer to <see cref="IReplicatedLog.Install"/>; if not ok, log and state are what they were.</summary>
    public sealed record Installed(ulong Transfer, bool Ok) : ReplicaInput;

    /// <summary>A connection to this node was refused or could not be made.</summary>
    public sealed record Unreachable(NodeId Node) : ReplicaInput;

    /// <summary>The proposal was refused for certain: it has not taken effect and never will. Never said of an unknown outcome.</summary>
    public sealed record ProposalRefused(ulong Token, string Error) : ReplicaInput;

    /// <summary>CLUSTER FAILOVER: hand this shard over to a member; on a replica, to itself, through its primary. Answered by <see cref="ReplicaEffect.HandOverDone"/>.</summary>
    public sealed record HandOverAsked(ulong Token, NodeId To) : ReplicaInput;

    /// <summary>A setting changed.</summary>
    public sealed record Settings(AckKind Ack) : ReplicaInput;
}

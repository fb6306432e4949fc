using Trefoil.ControlPlane;
using Trefoil.Replication;
using Trefoil.Sharding;

namespace Trefoil.Drivers.Replicas;

/// <summary>What the replica driver asks of the rest of the node; called on its thread, so none of it may block.</summary>
public sealed record ReplicaCallbacks
{
    /// <summary>This node's shard is another, or has changed; null: in none. Before the core is told.</summary>
    public required Action<ShardView?> Viewed { get; init; }

    /// <summary>After every round: where the core stands, and when, on <see cref="ReplicaDriver.Now"/>'s clock.</summary>
    public required Action<ReplicaStatus, TimeSpan> Reported { get; init; }

    /// <summary>Replies up to this LSN may leave; <see cref="ulong.MaxValue"/>: all.</summary>
    public required Action<ulong> Acked { get; init; }

    /// <summary>Commands may run, in this epoch.</summary>
    public required Action<ulong> Opened { get; init; }

    /// <summary>No command may begin any more; those that run may end, and answer.</summary>
    public required Action Closed { get; init; }

    /// <summary>As <see cref="Closed"/>, for a hand-over: returns once every command that runs has ended.</summary>
    public required Action Paused { get; init; }

    /// <summary>Another node may be about to serve: what was not answered yet never is.</summary>
    public required Action Deposed { get; init; }

    /// <summary>Proposes a change of the topology; completes with its outcome.</summary>
    public required Func<Func<RequestId, TopologyCommand>, Task<CommandResult>> Propose { get; init; }

    /// <summary>To the control plane.</summary>
    public required Action<ControlInput> Control { get; init; }

    /// <summary>An event for the log.</summary>
    public required Action<ReplicaEvent, string> Note { get; init; }

    /// <summary>This copy can follow no further, or its disk failed: the process must end.</summary>
    public required Action<string> Fatal { get; init; }
}

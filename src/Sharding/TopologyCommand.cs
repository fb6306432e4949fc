using Trefoil.Primitives;

namespace Trefoil.Sharding;

/// <summary>Names one request for ever, so that a command that arrives twice acts once.</summary>
/// <param name="Proposer">The node that asked.</param>
/// <param name="Sequence">
/// Rising over the whole life of that node's id, restarts included: put a boot counter in the high bits.
/// A proposer may have at most <see cref="RequestWindow.Span"/> numbers open at a time.
/// </param>
public readonly record struct RequestId(NodeId Proposer, ulong Sequence);

/// <summary>A change of the topology, agreed on by Raft and applied by every node's <see cref="TopologyMachine"/>.</summary>
/// <param name="Request">Makes the command idempotent.</param>
public abstract record TopologyCommand(RequestId Request)
{
    /// <summary>The first entry of every log: gives the cluster its identity and its first member.</summary>
    public sealed record FoundCluster(RequestId Request, ClusterId Cluster, string Name, NodeRecord First)
        : TopologyCommand(Request);

    /// <summary>A join. Mints the Raft id; of the claimed slots the node gets those that nobody owns.</summary>
    public sealed record AddNode(RequestId Request, NodeRecord Record, IReadOnlyList<SlotRange> Claims)
        : TopologyCommand(Request);

    /// <summary>Makes sure that <paramref name="Join"/> never happens; refused when it already has.</summary>
    public sealed record CancelJoin(RequestId Request, RequestId Join) : TopologyCommand(Request);

    /// <summary>Removes a member; its slots are left without an owner.</summary>
    /// <param name="Request">Makes the command idempotent.</param>
    /// <param name="Node">Who goes.</param>
    /// <param name="NowMs">The proposer's clock, milliseconds since 1970: a machine has none of its own.</param>
    public sealed record RemoveNode(RequestId Request, NodeId Node, long NowMs) : TopologyCommand(Request);

    /// <summary>A member announces other addresses or another zone.</summary>
    public sealed record UpdateNode(RequestId Request, NodeId Node, NodeEndpoints Endpoints, string Zone)
        : TopologyCommand(Request);

    /// <summary>Gives unowned slots to a member; all or nothing.</summary>
    public sealed record AssignSlots(RequestId Request, NodeId Node, IReadOnlyList<SlotRange> Ranges)
        : TopologyCommand(Request);

    /// <summary>Takes slots from whoever owns them; all or nothing.</summary>
    /// <param name="Request">Makes the command idempotent.</param>
    /// <param name="Node">Who asked; it need not be the owner, as with Redis' DELSLOTS.</param>
    /// <param name="Ranges">The slots, each named once.</param>
    public sealed record RemoveSlots(RequestId Request, NodeId Node, IReadOnlyList<SlotRange> Ranges)
        : TopologyCommand(Request);

    /// <summary>Gives one slot to a member, whoever had it before.</summary>
    public sealed record SetSlotOwner(RequestId Request, int Slot, NodeId Node) : TopologyCommand(Request);

    /// <summary>Gives one slot to a member if <paramref name="From"/> still owns it.</summary>
    /// <param name="Request">Makes the command idempotent.</param>
    /// <param name="Slot">0..16383.</param>
    /// <param name="From">The owner who let go of it, having no key there; none: nobody owns it.</param>
    /// <param name="To">The new owner.</param>
    public sealed record MoveSlot(RequestId Request, int Slot, NodeId From, NodeId To) : TopologyCommand(Request);

    /// <summary>Marks a slot as migrating or importing at one of the two ends.</summary>
    public sealed record MarkSlot(RequestId Request, SlotMark Mark) : TopologyCommand(Request);

    /// <summary>Takes away the mark that a node has on a slot, if any.</summary>
    public sealed record ClearMark(RequestId Request, int Slot, NodeId Holder) : TopologyCommand(Request);

    /// <summary>Sets the epoch of a lone node that has none yet.</summary>
    public sealed record SetConfigEpoch(RequestId Request, NodeId Node, ulong Epoch) : TopologyCommand(Request);

    /// <summary>Gives a member the highest epoch, unless it has it already.</summary>
    public sealed record BumpEpoch(RequestId Request, NodeId Node) : TopologyCommand(Request);

    /// <summary>Sets a cluster-wide setting; an empty value removes it.</summary>
    public sealed record SetSetting(RequestId Request, string Key, string Value) : TopologyCommand(Request);

    /// <summary>Makes a member without slots a replica of another; it is not in the replica set until it has caught up.</summary>
    public sealed record Replicate(RequestId Request, NodeId Node, NodeId Primary) : TopologyCommand(Request);

    /// <summary>A primary changes who counts, or how many must hold a record, if nobody changed the shard since <paramref name="ConfigVersion"/>.</summary>
    public sealed record ChangeReplicaSet(
        RequestId Request, NodeId Shard, ulong ConfigVersion, IReadOnlyList<NodeId> ReplicaSet, ReplicationMode Mode) : TopologyCommand(Request);

    /// <summary>Ends the epoch <paramref name="Epoch"/> of a shard: a new one is minted, in which nobody serves until somebody is promoted.</summary>
    /// <param name="Request">Makes the command idempotent.</param>
    /// <param name="Shard">Which one.</param>
    /// <param name="Epoch">The epoch that ends; of an election under way, its own.</param>
    /// <param name="Candidate">Who wins if nobody has more; none: whoever has most.</param>
    /// <param name="IsForced">The candidate wins whatever it lacks.</param>
    public sealed record BeginElection(RequestId Request, NodeId Shard, ulong Epoch, NodeId Candidate, bool IsForced) : TopologyCommand(Request);

    /// <summary>Ends an election: the node leads the shard in <paramref name="Epoch"/>, with this replica set.</summary>
    public sealed record Promote(RequestId Request, NodeId Shard, ulong Epoch, NodeId Node, IReadOnlyList<NodeId> ReplicaSet)
        : TopologyCommand(Request);

    /// <summary>Begins to move slots with their keys to other shards, one migration per part; all or nothing.</summary>
    /// <param name="Request">Makes the command idempotent, and names the migrations.</param>
    /// <param name="Source">The primary that owns all these slots.</param>
    /// <param name="Parts">Which slots go where.</param>
    /// <param name="NowMs">The proposer's clock, milliseconds since 1970, as in all commands about migrations.</param>
    public sealed record BeginMigrations(RequestId Request, NodeId Source, IReadOnlyList<MigrationPart> Parts, long NowMs) : TopologyCommand(Request);

    /// <summary>Makes an attempt void, if it is still the present one: nothing that was copied counts, and the next one begins.</summary>
    public sealed record RestartMigration(RequestId Request, MigrationId Migration, uint Attempt, string Reason, long NowMs) : TopologyCommand(Request);

    /// <summary>The target's replica set holds everything, and the source has frozen the slots: gives them to the target, if the attempt is not void.</summary>
    public sealed record CompleteMigration(RequestId Request, MigrationId Migration, uint Attempt, long NowMs) : TopologyCommand(Request);

    /// <summary>Ends a migration that has not completed; the source keeps the slots.</summary>
    public sealed record AbortMigration(RequestId Request, MigrationId Migration, string Reason, long NowMs) : TopologyCommand(Request);

    /// <summary>Whoever held keys of slots that it does not own, because of this migration, holds them no longer.</summary>
    /// <param name="Request">Makes the command idempotent.</param>
    /// <param name="Migration">Which one.</param>
    /// <param name="Epoch">
    /// The epoch of the cleaning shard in which they were removed: what a primary of the past has done, and its successor perhaps not, does not count.
    /// </param>
    public sealed record CleanMigration(RequestId Request, MigrationId Migration, ulong Epoch) : TopologyCommand(Request);
}

/// <summary>Slots that go to one node.</summary>
/// <param name="Target">A primary.</param>
/// <param name="Ranges">The slots, each named once.</param>
public sealed record MigrationPart(NodeId Target, IReadOnlyList<SlotRange> Ranges);

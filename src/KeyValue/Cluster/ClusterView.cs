using Trefoil.KeyValue.SlotMigration;
using Trefoil.KeyValue.Store;
using Trefoil.Primitives;
using Trefoil.Sharding;

namespace Trefoil.KeyValue.Cluster;

/// <summary>One topology, prepared for the question every request asks: is this slot served here?</summary>
/// <remarks>Immutable; replaced whole when the topology or somebody's health changes. A request reads it once.</remarks>
internal sealed class ClusterView
{
    private readonly int _self;

    private ClusterView(Topology topology, NodeId self)
    {
        Topology = topology;
        Self = self;
        _self = topology.PositionOf(self);
    }

    public Topology Topology { get; }

    public NodeId Self { get; }

    /// <summary>False while no slot of any node is open, which is almost always: the one question the hot path asks.</summary>
    public bool HasMarks { get; private init; }

    /// <summary>Slots of living, suspected and dead owners.</summary>
    public int SlotsOk { get; private init; }

    public int SlotsSuspect { get; private init; }

    public int SlotsFailed { get; private init; }

    /// <summary>Primaries that own slots.</summary>
    public int Size { get; private init; }

    /// <summary>
    /// <c>cluster_state:ok</c>: with full coverage required, every slot has an owner that is not dead, or one about to be replaced by a living
    /// member of its replica set; a majority of the shards is in reach.
    /// </summary>
    /// <remarks>A shard that changes its primary must not stop the others: whether anybody serves is decided by leases, not here.</remarks>
    public bool IsUp { get; private init; }

    /// <summary>Slots of unfinished migrations whose keys may be here and are not this shard's; null: none.</summary>
    public HiddenSlots? Hidden { get; private init; }

    /// <summary>This node follows another one.</summary>
    public bool IsReplica { get; private init; }

    /// <summary>Whom it follows; none for a primary.</summary>
    public NodeId Primary { get; private init; }

    /// <summary>This node has caught up with its shard and is in its replica set, as far as it knows; of a map from a file everybody is.</summary>
    public bool IsInSet { get; private init; }

    /// <summary>True when this node owns <paramref name="slot"/>.</summary>
    /// <remarks>Asks the topology's own map: a table of this node's slots would cost a walk over all slots at every change.</remarks>
    public bool Owns(int slot) => _self >= 0 && Topology.OwnerPositionOf(slot) == _self;

    /// <summary>True when this node answers for <paramref name="slot"/>, as its owner or as the one who is about to be.</summary>
    public bool Serves(int slot) => Owns(slot) || MarkOf(slot) is { Kind: SlotMarkKind.Importing };

    /// <summary>The mark of this node on <paramref name="slot"/>, or null.</summary>
    public SlotMark? MarkOf(int slot) => HasMarks ? Topology.Marks.Find(slot, Self) : null;

    /// <summary>The view of <paramref name="source"/> now.</summary>
    public static ClusterView Of(IClusterSource source, bool requireFullCoverage)
    {
        var topology = source.Topology;
        int ok = 0, suspect = 0, failed = 0, lost = 0, size = 0, reachable = 0;
        foreach (var node in topology.Nodes)
        {
            var slots = topology.SlotCountOf(node.Id);
            if (slots == 0)
            {
                continue;
            }

            size++;
            switch (node.Id == source.Self ? NodeLiveness.Alive : source.HealthOf(node.Id).State)
            {
                case NodeLiveness.Dead:
                    failed += slots;
                    var isLost = !HasSuccessor(source, topology, node.Id);
                    lost += isLost ? slots : 0;
                    reachable += isLost ? 0 : 1;
                    break;
                case NodeLiveness.Suspect:
                    suspect += slots;
                    reachable++;
                    break;
                default:
                    ok += slots;
                    reachable++;
                    break;
            }
        }

        var covered = !requireFullCoverage || (topology.AssignedSlots == HashSlot.Count && lost == 0);
        var primary = topology.Find(source.Self)?.PrimaryId ?? NodeId.None;
        return new ClusterView(topology, source.Self)
        {
            HasMarks = topology.Marks.Count > 0,
            Hidden = HiddenIn(topology, source.Self),
            IsReplica = !primary.IsNone,
            Primary = primary,
            IsInSet = topology.ShardOf(source.Self)?.ReplicaSet.Contains(source.Self) ?? true,
            SlotsOk = ok,
            SlotsSuspect = suspect,
            SlotsFailed = failed,
            Size = size,
            IsUp = covered && reachable >= (size / 2) + 1,
        };
    }

    /// <summary>Those that a migration which is not clean moves into this node's shard or out of it, and that another shard owns.</summary>
    private static HiddenSlots? HiddenIn(Topology topology, NodeId self)
    {
        if (topology.Migrations.Count == 0 || topology.Find(self)?.ShardId is not { } shard)
        {
            return null;
        }

        var hidden = new HiddenSlots(
            from record in topology.Migrations
            where !record.IsClean && (record.Source == shard || record.Target == shard)
            from slot in record.Ranges.Slots()
            where topology.OwnerOf(slot)?.ShardId != shard
            select slot);
        return hidden.Slots.Count == 0 ? null : hidden;
    }

    /// <summary>A dead primary's replica set has somebody else who lives, and there is a majority to elect one.</summary>
    private static bool HasSuccessor(IClusterSource source, Topology topology, NodeId primary)
    {
        if (!source.HasMajority)
        {
            return false;
        }

        foreach (var member in topology.ShardOf(primary)?.ReplicaSet ?? [])
        {
            if (member != primary && (member == source.Self || source.HealthOf(member).State != NodeLiveness.Dead))
            {
                return true;
            }
        }

        return false;
    }
}

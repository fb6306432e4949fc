namespace Trefoil.Sharding;

/// <summary>The texts with which the state machine refuses; Redis 7's own wherever it has one.</summary>
/// <remarks>Tools match on them, so once published they stay.</remarks>
public static class Refusals
{
    /// <summary>No FoundCluster came before.</summary>
    public const string NotFounded = "ERR The cluster is not founded yet";

    /// <summary>A second FoundCluster.</summary>
    public const string AlreadyFounded = "ERR The cluster is founded already";

    /// <summary>CancelJoin came first.</summary>
    public const string JoinCancelled = "ERR The join was cancelled";

    /// <summary>CancelJoin came too late.</summary>
    public const string JoinCommitted = "ERR The join was committed before";

    /// <summary>The request is older than what the machine remembers of its proposer; it may have been applied.</summary>
    public const string TooOld = "ERR The request is too old to tell whether it was applied";

    /// <summary>Removing the only member.</summary>
    public const string ForgetLast = "ERR I tried hard but I can't forget myself...";

    /// <summary>SET-CONFIG-EPOCH with company.</summary>
    public const string EpochNotAlone =
        "ERR The user can assign a config epoch only when the node does not know any other node.";

    /// <summary>SET-CONFIG-EPOCH twice.</summary>
    public const string EpochSet = "ERR Node config epoch is already non-zero";

    /// <summary>Slots for a replica.</summary>
    public const string NotPrimary = "ERR Target node is not a master";

    /// <summary>A slot number outside 0..16383, or a range whose end is before its start.</summary>
    public const string InvalidSlot = "ERR Invalid or out of range slot";

    /// <summary><see cref="Topology.MaxNodes"/> reached.</summary>
    public const string TooManyNodes = "ERR The cluster has as many nodes as it can hold";

    /// <summary><see cref="Topology.MaxSettings"/> reached, or a key or value too long.</summary>
    public const string InvalidSetting = "ERR Invalid setting: empty key, key or value too long, or too many settings";

    /// <summary>A name that is empty or too long, or a cluster id of zero.</summary>
    public const string InvalidCluster = "ERR Invalid cluster name or id";

    /// <summary><see cref="SlotMarks.Max"/> reached.</summary>
    public const string TooManyMarks = "ERR Too many slots are marked as migrating or importing";

    /// <summary>A slot that should migrate to, or be imported from, the node that holds the mark.</summary>
    public const string MoveToSelf = "ERR A slot can't be moved from a node to itself";

    /// <summary>No answer in time: the change may have been committed, or may still be.</summary>
    public const string OutcomeUnknown = "CLUSTERDOWN No majority of voters confirmed the change in time; it may still take effect";

    /// <summary>CLUSTER REPLICATE of oneself.</summary>
    public const string ReplicateSelf = "ERR Can't replicate myself";

    /// <summary>CLUSTER REPLICATE of a replica.</summary>
    public const string ReplicateReplica = "ERR I can only replicate a master, not a replica.";

    /// <summary>CLUSTER REPLICATE on a node that owns slots.</summary>
    public const string ReplicateWithSlots = "ERR To set a master the node must be empty and without assigned slots.";

    /// <summary>CLUSTER REPLICATE on a node that others copy.</summary>
    public const string ReplicateWithReplicas = "ERR This node has replicas of its own: let them replicate another node first";

    /// <summary><see cref="ShardRecord.MaxMembers"/> reached.</summary>
    public const string ShardFull = "ERR The shard has as many members as it can hold";

    /// <summary>Between the decision and the commit another change of the shard came first.</summary>
    public const string ShardChanged = "TRYAGAIN The shard has changed meanwhile";

    /// <summary>A replica set without its primary, with strangers, or with a member twice.</summary>
    public const string InvalidReplicaSet = "ERR Not a replica set of this shard";

    /// <summary>A mode that is none.</summary>
    public const string InvalidMode = "ERR replication_mode must be asynchronous, quorum or synchronous";

    /// <summary>The migration is another attempt meanwhile, or has ended, or an end of it has another primary.</summary>
    public const string MigrationChanged = "TRYAGAIN The migration has changed meanwhile";

    /// <summary><see cref="MigrationRecord.MaxOpen"/> reached.</summary>
    public const string TooManyMigrations = "ERR Too many slot migrations at once";

    /// <summary>A replica owns no slots that it could give away.</summary>
    public const string SourceNotPrimary = "ERR Slot migration can only be used on primary nodes.";

    /// <summary>Nobody has this id.</summary>
    public static string UnknownNode(string respId) => $"ERR Unknown node {respId}";

    /// <summary>The peer of a mark is no member.</summary>
    public static string StrangeNode(string respId) => $"ERR I don't know about node {respId}";

    /// <summary>MIGRATING on a node that does not own the slot.</summary>
    public static string NotOwner(int slot) => $"ERR I'm not the owner of hash slot {slot}";

    /// <summary>IMPORTING on the node that owns the slot.</summary>
    public static string AlreadyOwner(int slot) => $"ERR I'm already the owner of hash slot {slot}";

    /// <summary>Between the owner's consent and the commit another change came first.</summary>
    public static string OwnerChanged(int slot) => $"TRYAGAIN Hash slot {slot} got another owner meanwhile";

    /// <summary>ADDSLOTS of an owned slot.</summary>
    public static string Busy(int slot) => $"ERR Slot {slot} is already busy";

    /// <summary>DELSLOTS of a slot nobody owns.</summary>
    public static string Unassigned(int slot) => $"ERR Slot {slot} is already unassigned";

    /// <summary>MIGRATESLOTS of a slot nobody owns.</summary>
    public static string NotAssigned(int slot) => $"ERR Slot {slot} has no owner: it can be assigned, but not migrated";

    /// <summary>MIGRATESLOTS of another node's slot.</summary>
    public static string NotServed(int slot) => $"ERR Slot {slot} is not served by this node: ask its owner to migrate it";

    /// <summary>MIGRATESLOTS of a slot that is being moved key by key.</summary>
    public static string Marked(int slot) => $"ERR Slot {slot} is being moved key by key: end that with CLUSTER SETSLOT {slot} STABLE first";

    /// <summary>A change of a slot that a migration is moving.</summary>
    public static string Moving(int slot, MigrationId migration) =>
        $"ERR Slot {slot} is being moved by migration {migration}: wait for it, or end it with CLUSTER CANCELSLOTMIGRATIONS on its source";

    /// <summary>The slot cannot go to a node that has not removed its keys yet.</summary>
    public static string Unclean(int slot, MigrationId migration) =>
        $"TRYAGAIN Slot {slot} is still being emptied there after migration {migration}";

    /// <summary>One slot twice in one command.</summary>
    public static string Repeated(int slot) => $"ERR Slot {slot} specified multiple times";

    /// <summary>SET-CONFIG-EPOCH beyond Redis' signed 64 bits.</summary>
    public static string InvalidEpoch(ulong epoch) => $"ERR Invalid config epoch specified: {unchecked((long)epoch)}";
}

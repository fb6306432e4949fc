using System.Diagnostics.CodeAnalysis;
using Trefoil.Primitives;

namespace Trefoil.Sharding;

/// <summary>A member that was removed: asking to forget it again within a minute answers OK.</summary>
/// <param name="Id">The node.</param>
/// <param name="AtMs">When, in milliseconds since 1970 by the clock of whoever proposed it.</param>
public readonly record struct RemovedNode(NodeId Id, long AtMs);

/// <summary>One cluster-wide setting.</summary>
public readonly record struct Setting(string Key, string Value);

/// <summary>Who is in the cluster and who owns which slot, at one version: an immutable snapshot.</summary>
/// <remarks>
/// Read one reference per request and answer everything from it: two reads may see two versions. Changes come out of
/// <see cref="TopologyMachine"/>, or the whole map out of a file (<see cref="ClusterFile"/>); readers cannot tell which.
/// </remarks>
public sealed record Topology
{
    /// <summary>Most members a topology holds; one more is refused.</summary>
    public const int MaxNodes = 16384;

    /// <summary>Most settings; one more is refused.</summary>
    public const int MaxSettings = 1024;

    /// <summary>Longest cluster name, in bytes of UTF-8.</summary>
    public const int MaxNameBytes = 128;

    internal Topology()
    {
    }

    /// <summary>Nothing yet: no cluster, no node, no slot assigned.</summary>
    public static Topology Empty { get; } = new();

    /// <summary>The Raft index of the last applied entry, also of entries that changed nothing.</summary>
    public ulong Version { get; internal init; }

    /// <summary>The cluster's random identity.</summary>
    public ClusterId ClusterId { get; internal init; }

    /// <summary>The cluster's name.</summary>
    public string ClusterName { get; internal init; } = "";

    /// <summary>Redis' current epoch: at least every node's configuration epoch.</summary>
    public ulong CurrentEpoch { get; internal init; }

    /// <summary>The Raft id the next join gets: above every id ever given.</summary>
    public ulong NextMemberId { get; internal init; } = 1;

    /// <summary>The members, sorted by <see cref="NodeRecord.Id"/>.</summary>
    public IReadOnlyList<NodeRecord> Nodes => Members;

    /// <summary>Removed within the last minute, oldest first.</summary>
    public IReadOnlyList<RemovedNode> Removed { get; internal init; } = [];

    /// <summary>Cluster-wide settings, sorted by key.</summary>
    public IReadOnlyList<Setting> Settings { get; internal init; } = [];

    /// <summary>Slots that are being moved key by key, as each end sees them.</summary>
    public SlotMarks Marks { get; internal init; } = SlotMarks.None;

    /// <summary>The shards, sorted by <see cref="ShardRecord.Id"/>; empty where the map comes from a file, which has no failover.</summary>
    public IReadOnlyList<ShardRecord> Shards { get; internal init; } = [];

    /// <summary>Slots that move with all their keys, in the order in which they began: all that are not clean, and the newest of the others.</summary>
    public IReadOnlyList<MigrationRecord> Migrations { get; internal init; } = [];

    /// <summary>How many of the 16384 slots have an owner.</summary>
    public int AssignedSlots => HashSlot.Count - Slots.CountOf(0);

    internal NodeRecord[] Members { get; init; } = [];

    internal SlotMap Slots { get; init; } = SlotMap.Unassigned(0);

    /// <summary>One node that owns every slot: a cluster inside a program.</summary>
    /// <exception cref="ArgumentException">The record names no node, no address, or a port out of range.</exception>
    public static Topology OneNode(NodeRecord self, ClusterId clusterId, string clusterName)
    {
        ArgumentNullException.ThrowIfNull(self);
        ArgumentNullException.ThrowIfNull(clusterName);
        return self.Problem() is { } problem
            ? throw new ArgumentException(problem, nameof(self))
            : Fixed([self], [[SlotRange.All]], clusterId, clusterName);
    }

    /// <summary>The member with this id, or null. O(log nodes).</summary>
    public NodeRecord? Find(NodeId id) => IndexOf(id) is var index and >= 0 ? Members[index] : null;

    /// <summary>The member with these 40 hex digits, or null.</summary>
    public NodeRecord? FindByRespId(ReadOnlySpan<char> respId) =>
        respId.Length == 40 && NodeId.TryParse(respId[..32], out var id) && Find(id) is { } node
            && respId.SequenceEqual(node.RespId) ? node : null;

    /// <summary>The owner of <paramref name="slot"/> (0..16383), or null. O(1).</summary>
    public NodeRecord? OwnerOf(int slot) => Slots[slot] is var owner and > 0 ? Members[owner - 1] : null;

    /// <summary>Where the owner of <paramref name="slot"/> (0..16383) stands in <see cref="Nodes"/>; −1 for nobody. O(1).</summary>
    public int OwnerPositionOf(int slot) => Slots[slot] - 1;

    /// <summary>Where <paramref name="id"/> stands in <see cref="Nodes"/>; −1 for a stranger. O(log nodes).</summary>
    public int PositionOf(NodeId id) => Math.Max(-1, IndexOf(id));

    /// <summary>True when <paramref name="id"/> owns <paramref name="slot"/> (0..16383). O(1).</summary>
    public bool Owns(NodeId id, int slot) => OwnerOf(slot) is { } owner && owner.Id == id;

    /// <summary>How many slots <paramref name="id"/> owns; 0 for a stranger.</summary>
    public int SlotCountOf(NodeId id) => IndexOf(id) is var index and >= 0 ? Slots.CountOf(index + 1) : 0;

    /// <summary>The slots of <paramref name="id"/> as ascending ranges that do not touch; empty for a stranger.</summary>
    public IEnumerable<SlotRange> RangesOf(NodeId id) => IndexOf(id) is var index and >= 0 ? Slots.RangesOf(index + 1) : [];

    /// <summary>The slots nobody owns, as ascending ranges that do not touch.</summary>
    public IEnumerable<SlotRange> UnassignedRanges => Slots.RangesOf(0);

    /// <summary>The shard that a member is in; null for a stranger, and where there are none. O(log nodes + log shards).</summary>
    public ShardRecord? ShardOf(NodeId node) => Find(node) is { } member ? FindShard(member.ShardId) : null;

    /// <summary>The shard with this id, or null.</summary>
    public ShardRecord? FindShard(NodeId id)
    {
        var (low, high) = (0, Shards.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            switch (Shards[middle].Id.CompareTo(id))
            {
                case 0:
                    return Shards[middle];
                case < 0:
                    low = middle + 1;
                    break;
                default:
                    high = middle - 1;
                    break;
            }
        }

        return null;
    }

    /// <summary>Who is in a shard, in its replica set or not: sorted by id.</summary>
    public IEnumerable<NodeRecord> MembersOf(ShardRecord shard) => Members.Where(node => node.ShardId == shard.Id);

    /// <summary>The replication mode that the settings ask for; a shard's own may still be on its way there.</summary>
    public ReplicationMode WantedMode => ShardRules.ModeOf(this);

    /// <summary>The migration with this id, if it is remembered.</summary>
    public MigrationRecord? FindMigration(MigrationId id)
    {
        foreach (var record in Migrations)
        {
            if (record.Id == id)
            {
                return record;
            }
        }

        return null;
    }

    /// <summary>The running migration of <paramref name="slot"/> (0..16383), or null.</summary>
    public MigrationRecord? MigrationOf(int slot)
    {
        foreach (var record in Migrations)
        {
            if (record.State == MigrationState.Running && record.Contains(slot))
            {
                return record;
            }
        }

        return null;
    }

    /// <summary>Whether the present attempt of a migration is not void: both shards serve the epochs in which it began.</summary>
    public bool IsCurrent(MigrationRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        return FindShard(record.Source) is { IsElecting: false } source && source.Epoch == record.SourceEpoch
            && FindShard(record.Target) is { IsElecting: false } target && target.Epoch == record.TargetEpoch;
    }

    /// <summary>The slot (0..16383) of a key.</summary>
    public static int SlotOf(ReadOnlySpan<byte> key) => HashSlot.Of(key);

    /// <summary>The value of a setting, or null.</summary>
    public string? SettingOf(string key)
    {
        for (var i = 0; i < Settings.Count; i++)
        {
            if (Settings[i].Key == key)
            {
                return Settings[i].Value;
            }
        }

        return null;
    }

    /// <summary>The whole snapshot as bytes.</summary>
    public byte[] Encode()
    {
        var writer = new ByteWriter(1024);
        TopologyCodec.Write(writer, this);
        return writer.ToArray();
    }

    /// <summary>Reads what <see cref="Encode"/> wrote; false for anything else.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out Topology? topology)
    {
        var reader = new ByteReader(bytes);
        return TopologyCodec.TryRead(ref reader, out topology) && reader.Ended;
    }

    /// <summary>Equal content, version included.</summary>
    public bool Equals(Topology? other) =>
        ReferenceEquals(this, other)
        || (other is not null && other.Version == Version && other.ClusterId == ClusterId
            && Encode().AsSpan().SequenceEqual(other.Encode()));

    /// <inheritdoc/>
    public override int GetHashCode() => (int)(Version ^ ClusterId.Low);

    /// <summary>One line for logs.</summary>
    public override string ToString() =>
        $"{ClusterName} version {Version}: {Members.Length} nodes, {AssignedSlots} of {HashSlot.Count} slots";

    /// <summary>A map that is not made by commands: from a file, or of one node.</summary>
    internal static Topology Fixed(
        IReadOnlyList<NodeRecord> nodes, IReadOnlyList<IReadOnlyList<SlotRange>> slots, ClusterId clusterId, string name)
    {
        var order = Enumerable.Range(0, nodes.Count).OrderBy(i => nodes[i].Id).ToArray();
        var members = order.Select((from, i) => nodes[from] with { MemberId = (ulong)i + 1 }).ToArray();
        var map = SlotMap.Unassigned(members.Length);
        for (var i = 0; i < order.Length; i++)
        {
            map = map.With(slots[order[i]], (ushort)(i + 1));
        }

        return new Topology
        {
            Version = 1,
            ClusterId = clusterId,
            ClusterName = name,
            CurrentEpoch = members.Max(node => node.ConfigEpoch),
            NextMemberId = (ulong)members.Length + 1,
            Members = members,
            Slots = map,
        };
    }

    /// <summary>Position in <see cref="Nodes"/>, or the complement of where it would be.</summary>
    internal int IndexOf(NodeId id)
    {
        var (low, high) = (0, Members.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            switch (Members[middle].Id.CompareTo(id))
            {
                case 0:
                    return middle;
                case < 0:
                    low = middle + 1;
                    break;
                default:
                    high = middle - 1;
                    break;
            }
        }

        return ~low;
    }
}

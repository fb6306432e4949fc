using Trefoil.Primitives;

namespace Trefoil.Sharding;

/// <summary>Who serves a set of slots together: one primary, and those who copy it.</summary>
/// <remarks>
/// The committed replica set (PacificA's configuration, Kafka's ISR) is part of the topology, never "the living": acknowledgements are counted
/// against it and a successor comes only from it (correctness.md, 1). Every member of a topology made by commands is in exactly one shard.
/// </remarks>
public sealed record ShardRecord
{
    /// <summary>Most members of one shard; one more is refused.</summary>
    public const int MaxMembers = 256;

    /// <summary>Unique among shards for as long as the shard lives.</summary>
    public required NodeId Id { get; init; }

    /// <summary>Who serves, or served until the election that is under way.</summary>
    public required NodeId Primary { get; init; }

    /// <summary>The topology version at which this epoch was minted: unique, rising. Records of older epochs are refused.</summary>
    public ulong Epoch { get; init; }

    /// <summary>Nobody serves in <see cref="Epoch"/> yet: its members are fenced and tell the leader how far their logs go.</summary>
    public bool IsElecting { get; init; }

    /// <summary>Who wins this election if nobody has more (CLUSTER FAILOVER); none: the best of the replica set.</summary>
    public NodeId Candidate { get; init; }

    /// <summary>The candidate wins whatever it lacks (CLUSTER FAILOVER FORCE).</summary>
    public bool IsForced { get; init; }

    /// <summary>The topology version of the record's last change: whoever proposes another one names it.</summary>
    public ulong ConfigVersion { get; init; }

    /// <summary>C: sorted, not empty, with the primary in it.</summary>
    public required IReadOnlyList<NodeId> ReplicaSet { get; init; }

    /// <summary>How many of the replica set hold what was acknowledged since the last change: what an election has to reckon with.</summary>
    public ReplicationMode Mode { get; init; }

    /// <summary>Equal content.</summary>
    public bool Equals(ShardRecord? other) =>
        other is not null && (Id, Primary, Epoch, IsElecting, Candidate, IsForced, ConfigVersion, Mode)
            == (other.Id, other.Primary, other.Epoch, other.IsElecting, other.Candidate, other.IsForced, other.ConfigVersion, other.Mode)
        && ReplicaSet.SequenceEqual(other.ReplicaSet);

    /// <inheritdoc/>
    public override int GetHashCode() => (int)(Epoch ^ ConfigVersion ^ Id.Low);

    /// <summary>How many members of a set of <paramref name="n"/> hold a record that was acknowledged, the primary counted.</summary>
    public static int Required(ReplicationMode mode, int n) => mode switch
    {
        ReplicationMode.Quorum => (n / 2) + 1,
        ReplicationMode.Synchronous => n,
        _ => 0,
    };

    /// <summary>How many members an election must fence so that at least one of them holds whatever was acknowledged; 0: none is sure to.</summary>
    public static int ToFence(ReplicationMode mode, int n) => mode == ReplicationMode.Asynchronous ? 0 : n - Required(mode, n) + 1;
}

using Trefoil.Sharding;

namespace Trefoil.Migration;

/// <summary>Which end of a migration this node is.</summary>
public enum MigrationRole : byte
{
    /// <summary>Its shard gives the slots away.</summary>
    Export,

    /// <summary>Its shard gets them.</summary>
    Import,
}

/// <summary>What an end is doing. Names once published stay.</summary>
public enum MigrationPhase : byte
{
    /// <summary>For the other end, an election, or earlier migrations.</summary>
    Waiting,

    /// <summary>Slots are being copied.</summary>
    Copying,

    /// <summary>All are copied; changes follow until the rest is small.</summary>
    CatchingUp,

    /// <summary>Commands on the slots wait.</summary>
    Frozen,

    /// <summary>Target: everything is here; the replica set and then the cluster must agree.</summary>
    Completing,

    /// <summary>It has ended, and this end empties the slots.</summary>
    Cleaning,
}

/// <summary>One migration as one of its ends sees it.</summary>
public sealed record MigrationProgress
{
    /// <summary>Which.</summary>
    public required MigrationId Id { get; init; }

    /// <summary>This node's end.</summary>
    public MigrationRole Role { get; init; }

    /// <summary>What it is doing.</summary>
    public MigrationPhase Phase { get; init; }

    /// <summary>The attempt that the topology shows.</summary>
    public uint Attempt { get; init; }

    /// <summary>Export: copied in this attempt.</summary>
    public int SlotsCopied { get; init; }

    /// <summary>In all.</summary>
    public int Slots { get; init; }

    /// <summary>Export: bytes of this attempt's stream made so far. Import: bytes received.</summary>
    public long BytesSent { get; init; }

    /// <summary>Export: what the target said it has. Import: what its replica set holds.</summary>
    public long BytesAcked { get; init; }

    /// <summary>Import: records applied in this attempt.</summary>
    public long Records { get; init; }

    /// <summary>When the other end was last heard in this attempt, on the core's clock; null: not yet.</summary>
    public TimeSpan? LastHeard { get; init; }

    /// <summary>Export: the longest time that the slots were frozen, in any attempt of this process; the present one counts.</summary>
    public TimeSpan LongestFreeze { get; init; }
}

/// <summary>The migrations of which this node is an end, and that are not clean: exports first, each in order of beginning.</summary>
public sealed record MigrationStatus(IReadOnlyList<MigrationProgress> Migrations)
{
    /// <summary>None.</summary>
    public static MigrationStatus Empty { get; } = new([]);
}

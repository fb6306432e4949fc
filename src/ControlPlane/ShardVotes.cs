using Trefoil.Primitives;

namespace Trefoil.ControlPlane;

/// <summary>Where a member's log ends.</summary>
/// <param name="Epoch">The epoch of its last record; 0 if that is not of this cluster.</param>
/// <param name="Lsn">Its last record.</param>
/// <param name="IsUsable">False while what it holds is no state of a single moment (a snapshot not yet followed to its end): it can serve nobody.</param>
public readonly record struct LogPosition(ulong Epoch, ulong Lsn, bool IsUsable) : IComparable<LogPosition>
{
    /// <summary>By epoch, then LSN: the higher one holds all that the lower one may have acknowledged.</summary>
    public int CompareTo(LogPosition other) => Epoch != other.Epoch ? Epoch.CompareTo(other.Epoch) : Lsn.CompareTo(other.Lsn);

    public static bool operator <(LogPosition left, LogPosition right) => left.CompareTo(right) < 0;

    public static bool operator >(LogPosition left, LogPosition right) => left.CompareTo(right) > 0;

    public static bool operator <=(LogPosition left, LogPosition right) => left.CompareTo(right) <= 0;

    public static bool operator >=(LogPosition left, LogPosition right) => left.CompareTo(right) >= 0;
}

/// <summary>What the members of an electing shard have told its leader.</summary>
/// <param name="epoch">The election's epoch.</param>
/// <param name="since">When the first of them spoke.</param>
internal sealed class ShardVotes(ulong epoch, TimeSpan since)
{
    public ulong Epoch { get; } = epoch;

    public TimeSpan Since { get; } = since;

    public SortedDictionary<NodeId, LogPosition> Positions { get; } = [];

    /// <summary>When enough had spoken for a decision.</summary>
    public TimeSpan? EnoughSince { get; set; }
}

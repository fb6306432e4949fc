using Trefoil.Primitives;

namespace Trefoil.Sharding;

/// <summary>Where a migration stands; only committed commands change it.</summary>
public enum MigrationState : byte
{
    /// <summary>The source owns the slots; their keys are being copied.</summary>
    Running = 0,

    /// <summary>The target owns them.</summary>
    Completed = 1,

    /// <summary>The source owns them, and nothing will be moved any more.</summary>
    Aborted = 2,
}

/// <summary>One move of slots, with all their keys, from one shard to another (correctness.md, 7).</summary>
/// <remarks>
/// It names shards, so that it survives a change of their primaries. An attempt runs in one epoch of each shard: what was copied in it is void
/// once one of them elects, since who is primary then neither froze a slot nor knows what it was sent. So completion names the attempt, and
/// is refused unless both epochs still run: between it and whatever makes the attempt void the log's order decides, never a clock.
/// </remarks>
public sealed record MigrationRecord
{
    /// <summary>Most attempts; what would be one more aborts the migration.</summary>
    public const int MaxAttempts = 32;

    /// <summary>Most migrations that are not clean; one more is refused.</summary>
    public const int MaxOpen = 256;

    /// <summary>Clean ones that are remembered, the newest.</summary>
    public const int MaxRemembered = 64;

    /// <summary>Longest <see cref="Message"/>, in bytes of UTF-8; the rest is cut off.</summary>
    public const int MaxMessageBytes = 256;

    /// <summary>Its identity.</summary>
    public required MigrationId Id { get; init; }

    /// <summary>The shard that owned the slots when it began.</summary>
    public required NodeId Source { get; init; }

    /// <summary>The shard that is to own them.</summary>
    public required NodeId Target { get; init; }

    /// <summary>The source's primary at the last change of this record.</summary>
    public required NodeId SourceNode { get; init; }

    /// <summary>The target's.</summary>
    public required NodeId TargetNode { get; init; }

    /// <summary>The slots: ascending ranges that do not touch; at least one.</summary>
    public required IReadOnlyList<SlotRange> Ranges { get; init; }

    /// <summary>Where it stands.</summary>
    public MigrationState State { get; init; }

    /// <summary>Ended, and nobody who does not own the slots holds keys on its account.</summary>
    public bool IsClean { get; init; }

    /// <summary>From 1; each begins with an empty target.</summary>
    public uint Attempt { get; init; } = 1;

    /// <summary>The source shard's epoch in which this attempt runs.</summary>
    public ulong SourceEpoch { get; init; }

    /// <summary>The target shard's.</summary>
    public ulong TargetEpoch { get; init; }

    /// <summary>Why it was aborted, or began anew; empty if there is nothing to say.</summary>
    public string Message { get; init; } = "";

    /// <summary>When it began: milliseconds since 1970 by its proposer's clock.</summary>
    public long CreatedMs { get; init; }

    /// <summary>When this record changed last, by the clock of whoever proposed that.</summary>
    public long ChangedMs { get; init; }

    /// <summary>Who has to empty the slots now that it has ended: the shard that does not own them. None while it runs, and when all is clean.</summary>
    public NodeId Cleaner => IsClean || State == MigrationState.Running ? NodeId.None : State == MigrationState.Completed ? Source : Target;

    /// <summary>How many slots.</summary>
    public int SlotCount => Ranges.Sum(range => range.Count);

    /// <summary>Whether <paramref name="slot"/> is one of them. O(log ranges).</summary>
    public bool Contains(int slot)
    {
        var (low, high) = (0, Ranges.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            if (slot < Ranges[middle].Start)
            {
                high = middle - 1;
            }
            else if (slot > Ranges[middle].End)
            {
                low = middle + 1;
            }
            else
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Equal content.</summary>
    public bool Equals(MigrationRecord? other) =>
        other is not null
        && (Id, Source, Target, SourceNode, TargetNode, State, IsClean) == (other.Id, other.Source, other.Target, other.SourceNode, other.TargetNode, other.State, other.IsClean)
        && (Attempt, SourceEpoch, TargetEpoch, Message, CreatedMs, ChangedMs)
            == (other.Attempt, other.SourceEpoch, other.TargetEpoch, other.Message, other.CreatedMs, other.ChangedMs)
        && Ranges.SequenceEqual(other.Ranges);

    /// <inheritdoc/>
    public override int GetHashCode() => HashOf(Id) ^ (int)Attempt;

    private static int HashOf(MigrationId id) => (int)(id.Proposer.Low ^ id.Sequence ^ id.Ordinal);
}

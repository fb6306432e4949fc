using Trefoil.Primitives;
using Trefoil.Sharding;

namespace Trefoil.Migration;

/// <summary>A migration at its source's primary, in one epoch of the source.</summary>
internal sealed class Export(MigrationRecord record, TimeSpan now)
{
    /// <summary>As the topology shows it.</summary>
    public MigrationRecord Record { get; set; } = record;

    public Wish Wish { get; } = new();

    /// <summary>The attempt that has begun here; null: none has.</summary>
    public Attempt? Running { get; set; }

    /// <summary>The last thing that was a step ahead, in any attempt.</summary>
    public TimeSpan ProgressAt { get; set; } = now;

    /// <summary>When the target was last heard in the present attempt.</summary>
    public TimeSpan? LastHeard { get; set; }

    public TimeSpan LongestFreeze { get; set; }

    /// <summary>Why the present attempt cannot go on; null: it can.</summary>
    public string? Broken { get; set; }

    /// <summary>The target is there and wants the present attempt.</summary>
    public bool Asked { get; set; }
}

/// <summary>One attempt at its source.</summary>
internal sealed class Attempt
{
    private readonly ulong[] _copiedTo = new ulong[HashSlot.Count];
    private readonly int[] _slots;

    public Attempt(MigrationRecord record, ulong nextLsn)
    {
        (Number, NextLsn) = (record.Attempt, nextLsn);
        _slots = [.. record.Ranges.SelectMany(range => Enumerable.Range(range.Start, range.Count))];
        Array.Fill(_copiedTo, ulong.MaxValue);
        CopiedTo = slot => _copiedTo[slot];
    }

    public uint Number { get; }

    public OutgoingStream Stream { get; } = new();

    public Func<int, ulong> CopiedTo { get; }

    /// <summary>The first record not looked at.</summary>
    public ulong NextLsn;

    /// <summary>The first slot not copied, as a position in the migration's order.</summary>
    public int SlotsCopied { get; private set; }

    public bool AllCopied => SlotsCopied == _slots.Length;

    public int NextSlot => _slots[SlotsCopied];

    /// <summary>The target's set holds everything before it.</summary>
    public long Held { get; set; }

    /// <summary>When the last slot was copied.</summary>
    public TimeSpan CopiedAt { get; set; }

    /// <summary>The slots are frozen since then; they stay so until the topology shows what became of the attempt.</summary>
    public TimeSpan? FrozenAt { get; set; }

    /// <summary>No record of the frozen slots is newer.</summary>
    public ulong FrozenLsn { get; set; }

    /// <summary>Everything up to <see cref="FrozenLsn"/> is in the stream, which ends here.</summary>
    public long? End { get; set; }

    public TimeSpan FreezeAgainAt { get; set; }

    public TimeSpan? FrozenSaidAt { get; set; }

    /// <summary>When something was last sent again, or acknowledged.</summary>
    public TimeSpan StreamAt { get; set; }

    /// <summary>Sent again and not acknowledged: one message at a time.</summary>
    public bool Probing { get; set; }

    public void Copied(ulong lsn) => _copiedTo[_slots[SlotsCopied++]] = lsn;
}

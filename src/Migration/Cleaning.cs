using Trefoil.Sharding;

namespace Trefoil.Migration;

/// <summary>A migration that has ended, at the primary that does not own its slots and may hold keys of them.</summary>
internal sealed class Cleaning(MigrationRecord record, MigrationRole role, bool isNeeded)
{
    private int _range;
    private int _done;

    public MigrationRecord Record => record;

    /// <summary>What this end was while it ran.</summary>
    public MigrationRole Role => role;

    public Wish Wish { get; } = new();

    /// <summary>How long it was frozen while it ran; for display.</summary>
    public TimeSpan LongestFreeze { get; init; }

    /// <summary>All is cleared.</summary>
    public bool IsDone => !isNeeded || _range == record.Ranges.Count;

    /// <summary>The log's end once that was recorded.</summary>
    public ulong ClearedLsn { get; set; }

    /// <summary>The next slots to clear, at most this many.</summary>
    public SlotRange Next(int most)
    {
        var range = record.Ranges[_range];
        var start = range.Start + _done;
        var end = Math.Min(range.End, start + most - 1);
        _done += end - start + 1;
        if (end == range.End)
        {
            (_range, _done) = (_range + 1, 0);
        }

        return new SlotRange(start, end);
    }
}

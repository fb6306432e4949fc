using Trefoil.Primitives;

namespace Trefoil.KeyValue.Store;

/// <summary>Keys that are here and not this node's (<see cref="HiddenSlots"/>).</summary>
public sealed partial class Keyspace
{
    /// <summary>Draws that may meet a hidden slot before all others are weighed: as long as little is hidden the first one does not.</summary>
    private const int QuickDraws = 8;

    private volatile HiddenSlots? _hidden;

    /// <summary>The slots that are hidden now; null, as almost always: none.</summary>
    internal HiddenSlots? Hidden
    {
        get => _hidden;
        set => _hidden = value;
    }

    /// <summary>Whether the keys of this slot are not this node's.</summary>
    internal bool IsHidden(int slot) => _hidden is { } hidden && hidden.Contains(slot);

    private long Visible(SlotCounts counts)
    {
        var sum = counts.Total;
        foreach (var slot in _hidden?.Slots ?? [])
        {
            sum -= counts[slot];
        }

        return sum;
    }

    /// <summary>A slot that is not hidden, with a chance in proportion to its number; -1 if there is none.</summary>
    private int Draw(SlotCounts counts, Prng random)
    {
        if (_hidden is not { } hidden)
        {
            return counts.Draw(random);
        }

        for (var draws = 0; draws < QuickDraws; draws++)
        {
            var slot = counts.Draw(random);
            if (slot < 0 || !hidden.Contains(slot))
            {
                return slot;
            }
        }

        return counts.DrawBut(hidden, random);
    }
}

using Trefoil.Primitives;

namespace Trefoil.KeyValue.Store;

/// <summary>A number per slot, with sums of 128 slots each: counting is two additions, drawing a slot by its weight reads 256 numbers, not 16384.</summary>
/// <remarks>A slot's number is changed under the slot's lock; the sums are shared and changed atomically. Readers take no lock.</remarks>
internal sealed class SlotCounts
{
    private const int BlockBits = 7;
    private const int BlockSlots = 1 << BlockBits;
    private readonly int[] _slots = new int[HashSlot.Count];
    private readonly int[] _blocks = new int[HashSlot.Count >> BlockBits];

    public int this[int slot] => Volatile.Read(ref _slots[slot]);

    /// <summary>The sum over all slots.</summary>
    public long Total
    {
        get
        {
            var sum = 0L;
            foreach (var block in _blocks)
            {
                sum += block;
            }

            return sum;
        }
    }

    /// <summary>How many slots from this one on are known, by their block's sum, to have zero; 0 if that is not known.</summary>
    public int ZerosFrom(int slot) => Volatile.Read(ref _blocks[slot >> BlockBits]) == 0 ? BlockSlots - (slot & (BlockSlots - 1)) : 0;

    public void Add(int slot, int delta)
    {
        _slots[slot] += delta;
        Interlocked.Add(ref _blocks[slot >> BlockBits], delta);
    }

    /// <summary>A slot with a chance in proportion to its number; -1 if all are zero.</summary>
    public int Draw(Prng random)
    {
        var total = Total;
        if (total <= 0)
        {
            return -1;
        }

        var left = (long)(random.Fraction() * total);
        var last = -1;
        for (var block = 0; block < _blocks.Length; block++)
        {
            if (left >= _blocks[block])
            {
                left -= _blocks[block];
                continue;
            }

            for (var slot = block << BlockBits; slot < (block + 1) << BlockBits; slot++)
            {
                last = _slots[slot] > 0 ? slot : last;
                left -= _slots[slot];
                if (left < 0)
                {
                    return slot;
                }
            }
        }

        // Numbers fell while they were read: any slot that has something.
        return last >= 0 ? last : Array.FindIndex(_slots, count => count > 0);
    }

    /// <summary>As <see cref="Draw"/> among the slots that are not hidden; looks at every number.</summary>
    public int DrawBut(HiddenSlots hidden, Prng random)
    {
        var total = 0L;
        for (var slot = 0; slot < _slots.Length; slot++)
        {
            total += hidden.Contains(slot) ? 0 : this[slot];
        }

        var (left, last) = ((long)(random.Fraction() * total), -1);
        for (var slot = 0; slot < _slots.Length && left >= 0; slot++)
        {
            if (this[slot] > 0 && !hidden.Contains(slot))
            {
                last = slot;
                left -= this[slot];
            }
        }

        return last;
    }
}

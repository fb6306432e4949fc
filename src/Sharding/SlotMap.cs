using Trefoil.Primitives;

namespace Trefoil.Sharding;

/// <summary>Who owns each of the 16384 slots: an immutable array in pages, so that a change copies 1 KiB and not 32.</summary>
/// <remarks>
/// An owner is a number: 0 is nobody, i + 1 is the i-th node of the topology. redis-cli's rebalance sends 21 600
/// SETSLOT one after another, each a new snapshot; copying flat arrays would make 700 MB of garbage of it.
/// </remarks>
internal sealed class SlotMap
{
    private const int PageBits = 8;
    private const int PageSize = 1 << PageBits;
    private readonly ushort[][] _pages;
    private readonly int[] _counts;
    private SlotRange[][]? _ranges;

    private SlotMap(ushort[][] pages, int[] counts) => (_pages, _counts) = (pages, counts);

    /// <summary>The owner of <paramref name="slot"/> (0..16383).</summary>
    public ushort this[int slot] => _pages[slot >> PageBits][slot & (PageSize - 1)];

    /// <summary>The first slot behind <paramref name="slot"/> that belongs to someone else; 16384 when there is none.</summary>
    public int EndOfRun(int slot)
    {
        var owner = this[slot];
        for (var (page, offset) = (slot >> PageBits, slot & (PageSize - 1)); page < _pages.Length; page++, offset = 0)
        {
            if (_pages[page].AsSpan(offset).IndexOfAnyExcept(owner) is >= 0 and var length)
            {
                return (page << PageBits) + offset + length;
            }
        }

        return HashSlot.Count;
    }

    /// <summary>Slots that <paramref name="owner"/> has; for 0, the slots nobody has.</summary>
    public int CountOf(int owner) => _counts[owner];

    /// <summary>The slots of <paramref name="owner"/> as ascending ranges that do not touch.</summary>
    /// <remarks>Grouped on first use; threads may race to do it and all come to the same.</remarks>
    public IReadOnlyList<SlotRange> RangesOf(int owner) => (_ranges ??= GroupRanges())[owner];

    /// <summary>Nobody owns anything, among <paramref name="nodes"/> nodes.</summary>
    public static SlotMap Unassigned(int nodes)
    {
        var pages = new ushort[HashSlot.Count / PageSize][];
        Array.Fill(pages, new ushort[PageSize]);
        var counts = new int[nodes + 1];
        counts[0] = HashSlot.Count;
        return new SlotMap(pages, counts);
    }

    /// <summary>The map in which slot s belongs to <paramref name="owners"/>[s], each at most <paramref name="nodes"/>.</summary>
    public static SlotMap Of(ReadOnlySpan<ushort> owners, int nodes)
    {
        var pages = new ushort[HashSlot.Count / PageSize][];
        for (var page = 0; page < pages.Length; page++)
        {
            pages[page] = owners.Slice(page * PageSize, PageSize).ToArray();
        }

        var counts = new int[nodes + 1];
        foreach (var owner in owners)
        {
            counts[owner]++;
        }

        return new SlotMap(pages, counts);
    }

    /// <summary>The same map with every slot of <paramref name="ranges"/> given to <paramref name="owner"/>.</summary>
    public SlotMap With(IReadOnlyList<SlotRange> ranges, ushort owner)
    {
        var edit = new Edit(this);
        foreach (var range in ranges)
        {
            for (var slot = range.Start; slot <= range.End; slot++)
            {
                edit.Set(slot, owner);
            }
        }

        return edit.Done();
    }

    /// <summary>The same map after the node list changed: owner <c>o</c> becomes <paramref name="renumbered"/>[o].</summary>
    public SlotMap Renumber(ReadOnlySpan<ushort> renumbered, int nodes)
    {
        var owners = new ushort[HashSlot.Count];
        for (var slot = 0; slot < owners.Length; slot++)
        {
            owners[slot] = renumbered[this[slot]];
        }

        return Of(owners, nodes);
    }

    private SlotRange[][] GroupRanges()
    {
        var grouped = new List<SlotRange>[_counts.Length];
        for (var owner = 0; owner < grouped.Length; owner++)
        {
            grouped[owner] = [];
        }

        for (var start = 0; start < HashSlot.Count;)
        {
            var end = EndOfRun(start);
            grouped[this[start]].Add(new SlotRange(start, end - 1));
            start = end;
        }

        return [.. grouped.Select(ranges => ranges.ToArray())];
    }

    /// <summary>One change in the making: every page is copied at most once.</summary>
    private readonly struct Edit(SlotMap source)
    {
        private readonly ushort[][] _pages = [.. source._pages];
        private readonly int[] _counts = [.. source._counts];
        private readonly bool[] _owned = new bool[source._pages.Length];

        public void Set(int slot, ushort owner)
        {
            var page = slot >> PageBits;
            var previous = _pages[page][slot & (PageSize - 1)];
            if (previous == owner)
            {
                return;
            }

            if (!_owned[page])
            {
                _pages[page] = [.. _pages[page]];
                _owned[page] = true;
            }

            _pages[page][slot & (PageSize - 1)] = owner;
            _counts[previous]--;
            _counts[owner]++;
        }

        public SlotMap Done() => new(_pages, _counts);
    }
}

using System.Collections;
using Trefoil.Primitives;

namespace Trefoil.Sharding;

/// <summary>All marks of a topology: immutable, sorted by slot and holder, in pages of slots so that a change copies one page.</summary>
/// <remarks>
/// Most topologies have none, and tools that move slots have two at a time; a script that marks every slot first still pays one page per mark.
/// A page without marks is null.
/// </remarks>
public sealed class SlotMarks : IEnumerable<SlotMark>
{
    /// <summary>Most marks a topology holds; one more is refused.</summary>
    public const int Max = 4 * HashSlot.Count;

    private const int PageBits = 6;
    private readonly SlotMark[]?[] _pages;

    private SlotMarks(SlotMark[]?[] pages, int count) => (_pages, Count) = (pages, count);

    /// <summary>No slot is open.</summary>
    public static SlotMarks None { get; } = new(new SlotMark[]?[HashSlot.Count >> PageBits], 0);

    /// <summary>How many there are.</summary>
    public int Count { get; }

    /// <summary>The mark of <paramref name="holder"/> on <paramref name="slot"/> (0..16383), or null.</summary>
    public SlotMark? Find(int slot, NodeId holder)
    {
        var page = _pages[slot >> PageBits];
        return page is not null && IndexOf(page, slot, holder) is var at and >= 0 ? page[at] : null;
    }

    /// <inheritdoc/>
    public IEnumerator<SlotMark> GetEnumerator()
    {
        foreach (var page in _pages)
        {
            foreach (var mark in page ?? [])
            {
                yield return mark;
            }
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The same marks with this one in place of what its holder had on its slot.</summary>
    internal SlotMarks With(SlotMark mark)
    {
        var page = _pages[mark.Slot >> PageBits] ?? [];
        var at = IndexOf(page, mark.Slot, mark.Holder);
        SlotMark[] changed = at >= 0 ? [.. page[..at], mark, .. page[(at + 1)..]] : [.. page[..~at], mark, .. page[~at..]];
        return Replace(mark.Slot, changed, Count + changed.Length - page.Length);
    }

    /// <summary>The same marks without what <paramref name="holder"/> has on <paramref name="slot"/>.</summary>
    internal SlotMarks Without(int slot, NodeId holder)
    {
        var page = _pages[slot >> PageBits] ?? [];
        var at = IndexOf(page, slot, holder);
        return at < 0 ? this : Replace(slot, [.. page[..at], .. page[(at + 1)..]], Count - 1);
    }

    /// <summary>The same marks without any that names <paramref name="node"/>, as holder or as peer.</summary>
    internal SlotMarks Without(NodeId node)
    {
        var marks = this;
        foreach (var mark in this)
        {
            if (mark.Holder == node || mark.Peer == node)
            {
                marks = marks.Without(mark.Slot, mark.Holder);
            }
        }

        return marks;
    }

    private SlotMarks Replace(int slot, SlotMark[] page, int count)
    {
        if (count == 0)
        {
            return None;
        }

        SlotMark[]?[] pages = [.. _pages];
        pages[slot >> PageBits] = page.Length > 0 ? page : null;
        return new SlotMarks(pages, count);
    }

    /// <summary>Where the holder's mark is, or the complement of where it would be.</summary>
    private static int IndexOf(SlotMark[] page, int slot, NodeId holder) =>
        Array.BinarySearch(page, new SlotMark(slot, holder, default, default));
}

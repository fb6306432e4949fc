using System.Numerics;

namespace Trefoil.KeyValue.Values;

/// <summary>One leaf of a <see cref="HashIndex"/>: entries whose hashes share their first <see cref="Depth"/> bits, sorted by hash.</summary>
/// <remarks>
/// Why a sorted array and not open addressing: it may fill completely (16 bytes per entry on average instead of about 24), has no tombstones, and gives
/// SCAN an order that no resize disturbs. Hashes are uniform, so interpolation lands within a few positions of the answer, and an insertion
/// moves at most <see cref="HashIndex.PageLimit"/> entries, which is less than a cache line's worth of waiting.
/// Invariant: <c>Hashes[0..Count]</c> ascends (equal hashes are neighbours), <c>Entries[i]</c> belongs to <c>Hashes[i]</c>, the rest is null.
/// </remarks>
internal sealed class HashPage(int depth, int capacity)
{
    /// <summary>Bytes of a position: a hash and a reference.</summary>
    public const int PositionSize = sizeof(uint) + 8;

    private const int SmallestCapacity = 4;
    private const int ObjectSize = 40;

    public int Depth { get; } = depth;
    public int Count { get; private set; }
    public uint[] Hashes { get; private set; } = new uint[capacity];
    public object?[] Entries { get; private set; } = new object?[capacity];

    /// <summary>Heap bytes of the page, unused positions included.</summary>
    public long Bytes => ObjectSize + HeapSize.OfArray(Hashes.Length * sizeof(uint)) + HeapSize.OfArray(Entries.Length * IntPtr.Size);

    /// <summary>The capacity for <paramref name="count"/> entries: a power of two.</summary>
    /// <remarks>
    /// Growing by less would leave less slack but more abandoned arrays, and those had grown old enough by then to fragment the heap: with
    /// steps of a quarter, a million keys took 30 bytes more of resident memory each.
    /// </remarks>
    public static int CapacityFor(int count) => (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(SmallestCapacity, count));

    /// <summary>The first position whose hash is at least <paramref name="hash"/>; <see cref="Count"/> if there is none.</summary>
    public int LowerBound(uint hash)
    {
        var hashes = Hashes.AsSpan(0, Count);
        if (hashes.IsEmpty)
        {
            return 0;
        }

        var position = (int)(((ulong)(hash << Depth) * (uint)hashes.Length) >> 32);
        if (hashes[position] < hash)
        {
            do
            {
                position++;
            }
            while (position < hashes.Length && hashes[position] < hash);
            return position;
        }

        while (position > 0 && hashes[position - 1] >= hash)
        {
            position--;
        }

        return position;
    }

    public void Insert(uint hash, object entry)
    {
        if (Count == Hashes.Length)
        {
            Resize(CapacityFor(Count + 1));
        }

        var position = LowerBound(hash);
        var moved = Count - position;
        Array.Copy(Hashes, position, Hashes, position + 1, moved);
        Array.Copy(Entries, position, Entries, position + 1, moved);
        Hashes[position] = hash;
        Entries[position] = entry;
        Count++;
    }

    public void RemoveAt(int position)
    {
        Count--;
        var moved = Count - position;
        Array.Copy(Hashes, position + 1, Hashes, position, moved);
        Array.Copy(Entries, position + 1, Entries, position, moved);
        Entries[Count] = null;
        if (Count <= Hashes.Length / 4 && Hashes.Length > SmallestCapacity)
        {
            Resize(Hashes.Length / 2);
        }
    }

    /// <summary>Cuts the page in the middle of its hash range; either half may be empty when the hashes are unlucky.</summary>
    public (HashPage Low, HashPage High) Split()
    {
        var middle = (Hashes[0] & PrefixMask) | (1u << (31 - Depth));
        var cut = LowerBound(middle);
        return (Part(0, cut), Part(cut, Count));
    }

    private uint PrefixMask => Depth == 0 ? 0 : uint.MaxValue << (32 - Depth);

    private HashPage Part(int from, int to)
    {
        var part = new HashPage(Depth + 1, CapacityFor(to - from)) { Count = to - from };
        Array.Copy(Hashes, from, part.Hashes, 0, to - from);
        Array.Copy(Entries, from, part.Entries, 0, to - from);
        return part;
    }

    private void Resize(int capacity)
    {
        var hashes = new uint[capacity];
        var entries = new object?[capacity];
        Array.Copy(Hashes, hashes, Count);
        Array.Copy(Entries, entries, Count);
        Hashes = hashes;
        Entries = entries;
    }
}

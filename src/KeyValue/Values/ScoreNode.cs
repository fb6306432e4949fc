namespace Trefoil.KeyValue.Values;

/// <summary>A node of a <see cref="ScoreTree"/>. In a leaf the entries themselves; above, the first entry of each child as its separator.</summary>
internal sealed class ScoreNode
{
    private const int Capacity = 64;

    /// <summary>Two neighbours are merged when both fit this: room is left, or the next insertion would split them again.</summary>
    private const int MergedCount = Capacity * 3 / 4;

    /// <summary>Heap bytes of a new leaf.</summary>
    public const int FirstBytes = ObjectSize + (2 * (HeapSize.ArrayOverhead + (SmallestCapacity * 8)));

    private const int ObjectSize = 72;
    private const int SmallestCapacity = 4;

    private double[] _scores = new double[SmallestCapacity];
    private byte[][] _entries = new byte[SmallestCapacity][];

    public ScoreNode(bool isLeaf)
    {
        if (!isLeaf)
        {
            Children = new ScoreNode[Capacity];
            Sizes = new int[Capacity];
        }
    }

    /// <summary>Entries of a leaf, children of an inner node.</summary>
    public int Count { get; private set; }

    public bool IsLeaf => Children is null;

    /// <summary>The children of an inner node.</summary>
    public ScoreNode[]? Children { get; }

    /// <summary>How many entries lie below each child.</summary>
    public int[]? Sizes { get; }

    /// <summary>The leaf after this one.</summary>
    public ScoreNode? After { get; private set; }

    /// <summary>The leaf before this one.</summary>
    public ScoreNode? Before { get; private set; }

    /// <summary>Heap bytes of this node, unused positions included.</summary>
    public long Bytes => ObjectSize + HeapSize.OfArray(_scores.Length * sizeof(double)) + HeapSize.OfArray(_entries.Length * IntPtr.Size)
        + (IsLeaf ? 0 : HeapSize.OfArray(Capacity * IntPtr.Size) + HeapSize.OfArray(Capacity * sizeof(int)));

    /// <summary>Entries below this node.</summary>
    public int Size
    {
        get
        {
            var size = IsLeaf ? Count : 0;
            for (var i = 0; !IsLeaf && i < Count; i++)
            {
                size += Sizes![i];
            }

            return size;
        }
    }

    /// <summary>A new root over two nodes.</summary>
    public static ScoreNode Above(ScoreNode left, int leftSize, ScoreNode right, ref long bytes)
    {
        var root = new ScoreNode(isLeaf: false);
        bytes += root.Bytes;
        root.Put(0, left._scores[0], left._entries[0], left, leftSize, ref bytes);
        root.Put(1, right._scores[0], right._entries[0], right, right.Size, ref bytes);
        return root;
    }

    public double ScoreAt(int position) => _scores[position];

    public byte[] EntryAt(int position) => _entries[position];

    /// <summary>How many entries (or separators) lie before the bound.</summary>
    public int LowerBound(in ScoreBound bound)
    {
        var (low, high) = (0, Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (bound.IsAbove(_scores[middle], StringEntry.KeyOf(_entries[middle])))
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    /// <summary>The child in which the bound lies.</summary>
    public int ChildFor(in ScoreBound bound) => Math.Max(0, LowerBound(bound) - 1);

    /// <summary>The child that holds a rank, which becomes the rank inside it.</summary>
    public int ChildAt(ref int rank)
    {
        var child = 0;
        while (rank >= Sizes![child])
        {
            rank -= Sizes[child++];
        }

        return child;
    }

    /// <summary>Inserts below this node; the new right neighbour if it had to split. What nodes grow by is added to <paramref name="bytes"/>.</summary>
    public ScoreNode? Insert(in ScoreBound bound, double score, byte[] entry, bool isLast, ref long bytes)
    {
        if (IsLeaf)
        {
            var position = LowerBound(bound);
            if (Count < Capacity)
            {
                Put(position, score, entry, null, 0, ref bytes);
                return null;
            }

            // Scores often only ascend (times, counters): then full leaves stay full.
            var right = Split(isLast && position == Count ? Count : Count / 2, ref bytes);
            var left = position <= Count && right.Count > 0;
            (left ? this : right).Put(left ? position : position - Count, score, entry, null, 0, ref bytes);
            return right;
        }

        var child = ChildFor(bound);
        Sizes![child]++;
        var split = Children![child].Insert(bound, score, entry, isLast && child == Count - 1, ref bytes);
        if (split is null)
        {
            return null;
        }

        var size = split.Size;
        Sizes[child] -= size;
        if (Count < Capacity)
        {
            Put(child + 1, split._scores[0], split._entries[0], split, size, ref bytes);
            return null;
        }

        var neighbour = Split(isLast && child + 1 == Count ? Count - 1 : Count / 2, ref bytes);
        var into = child + 1 <= Count ? this : neighbour;
        into.Put(into == this ? child + 1 : child + 1 - Count, split._scores[0], split._entries[0], split, size, ref bytes);
        return neighbour;
    }

    /// <summary>Takes the entry at a rank out. What nodes grow by is added to <paramref name="bytes"/>.</summary>
    public void RemoveAt(int rank, ref long bytes)
    {
        if (IsLeaf)
        {
            Cut(rank);
            return;
        }

        var child = ChildAt(ref rank);
        Children![child].RemoveAt(rank, ref bytes);
        Sizes![child]--;
        if (Children[child].Count < Capacity / 4)
        {
            _ = TryMerge(child, ref bytes) || TryMerge(child - 1, ref bytes);
        }
    }

    /// <summary>Moves everything from a position on into a new node to the right.</summary>
    private ScoreNode Split(int from, ref long bytes)
    {
        var right = new ScoreNode(IsLeaf) { Count = Count - from };
        bytes += right.Bytes;
        right.Reserve(right.Count, ref bytes);
        Array.Copy(_scores, from, right._scores, 0, right.Count);
        Array.Copy(_entries, from, right._entries, 0, right.Count);
        Array.Clear(_entries, from, right.Count);
        if (IsLeaf)
        {
            (right.Before, right.After) = (this, After);
            _ = After is null ? null : After.Before = right;
            After = right;
        }
        else
        {
            Array.Copy(Children!, from, right.Children!, 0, right.Count);
            Array.Copy(Sizes!, from, right.Sizes!, 0, right.Count);
            Array.Clear(Children!, from, right.Count);
        }

        Count = from;
        return right;
    }

    /// <summary>Joins a child with its right neighbour if both have become small or one is empty.</summary>
    private bool TryMerge(int child, ref long bytes)
    {
        if (child < 0 || child + 1 >= Count)
        {
            return false;
        }

        var (left, right) = (Children![child], Children[child + 1]);
        if (left.Count > 0 && right.Count > 0 && left.Count + right.Count > MergedCount)
        {
            return false;
        }

        left.Reserve(left.Count + right.Count, ref bytes);
        bytes -= right.Bytes;
        Array.Copy(right._scores, 0, left._scores, left.Count, right.Count);
        Array.Copy(right._entries, 0, left._entries, left.Count, right.Count);
        if (left.IsLeaf)
        {
            left.After = right.After;
            _ = right.After is null ? null : right.After.Before = left;
        }
        else
        {
            Array.Copy(right.Children!, 0, left.Children!, left.Count, right.Count);
            Array.Copy(right.Sizes!, 0, left.Sizes!, left.Count, right.Count);
        }

        left.Count += right.Count;
        Sizes![child] += Sizes[child + 1];
        Cut(child + 1);
        return true;
    }

    private void Put(int position, double score, byte[] entry, ScoreNode? child, int size, ref long bytes)
    {
        Reserve(Count + 1, ref bytes);
        Open(_scores, position) = score;
        Open(_entries, position) = entry;
        if (!IsLeaf)
        {
            Open(Children!, position) = child!;
            Open(Sizes!, position) = size;
        }

        Count++;
    }

    private ref T Open<T>(T[] array, int position)
    {
        Array.Copy(array, position, array, position + 1, Count - position);
        return ref array[position];
    }

    private void Cut(int position)
    {
        Count--;
        Close(_scores, position);
        Close(_entries, position);
        if (!IsLeaf)
        {
            Close(Children!, position);
            Close(Sizes!, position);
        }
    }

    private void Close<T>(T[] array, int position)
    {
        Array.Copy(array, position + 1, array, position, Count - position);
        array[Count] = default!;
    }

    private void Reserve(int count, ref long bytes)
    {
        if (count > _scores.Length)
        {
            var capacity = count > Capacity / 2 ? Capacity : Math.Max(count, _scores.Length * 2);
            bytes -= Bytes;
            Array.Resize(ref _scores, capacity);
            Array.Resize(ref _entries, capacity);
            bytes += Bytes;
        }
    }
}

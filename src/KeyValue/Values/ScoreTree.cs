namespace Trefoil.KeyValue.Values;

/// <summary>The order of a large sorted set: a B-tree over (score, member) whose inner nodes count what lies below them.</summary>
/// <remarks>
/// Rank and range in O(log n), as with Redis' skip list, in a third of its room: a leaf holds scores and references side by side. Its shape
/// depends only on what was put in and taken out, so nothing here is random. A separator may outlive the entry it was taken from; it
/// still separates. Entries are those of the member index (<see cref="StringEntry"/>: member, score).
/// </remarks>
internal sealed class ScoreTree
{
    /// <summary>This object and its first node as it began.</summary>
    private const int ObjectSize = 40 + ScoreNode.FirstBytes;

    private ScoreNode _root = new(isLeaf: true);
    private long _bytes;

    /// <summary>Number of entries.</summary>
    public int Count { get; private set; }

    /// <summary>Heap bytes of the nodes.</summary>
    public long Bytes => ObjectSize + _bytes;

    /// <summary>Puts in an entry that is not here.</summary>
    public void Insert(double score, byte[] entry)
    {
        var bound = ScoreBound.At(score, StringEntry.KeyOf(entry));
        if (_root.Insert(bound, score, entry, isLast: true, ref _bytes) is { } right)
        {
            _root = ScoreNode.Above(_root, Count + 1 - right.Size, right, ref _bytes);
        }

        Count++;
    }

    /// <summary>Takes the entry at a rank out.</summary>
    public void RemoveAt(int rank)
    {
        _root.RemoveAt(rank, ref _bytes);
        Count--;
        while (!_root.IsLeaf && _root.Count == 1)
        {
            _bytes -= _root.Bytes;
            _root = _root.Children![0];
        }
    }

    /// <summary>How many entries lie before the bound: the rank of the first that does not.</summary>
    public int RankOf(in ScoreBound bound)
    {
        var rank = 0;
        var node = _root;
        while (!node.IsLeaf)
        {
            var child = node.ChildFor(bound);
            for (var i = 0; i < child; i++)
            {
                rank += node.Sizes![i];
            }

            node = node.Children![child];
        }

        return rank + node.LowerBound(bound);
    }

    /// <summary>The leaf that holds a rank (0..<see cref="Count"/> − 1), and where in it.</summary>
    public ScoreNode Leaf(int rank, out int position)
    {
        var node = _root;
        while (!node.IsLeaf)
        {
            node = node.Children![node.ChildAt(ref rank)];
        }

        position = rank;
        return node;
    }
}

namespace Trefoil.KeyValue.Values;

/// <summary>The large form of a sorted set: an index by member, an order by score. Both hold the same entries: member, 8 bytes of score.</summary>
internal sealed class IndexedScores
{
    /// <summary>This object and the tree's.</summary>
    private const int ObjectSize = 104;

    private readonly ScoreTree _order = new();
    private HashIndex _index;
    private long _entryBytes;

    public int Count => _index.Count;

    public long Bytes => ObjectSize + _index.Bytes + _order.Bytes + _entryBytes;

    public ScoreTree Order => _order;

    public bool TryGet(ReadOnlySpan<byte> member, out double score)
    {
        var found = _index.Find(KeyHash.Of(member), member);
        score = found.Found ? ScoreOf((byte[])found.Entry) : 0;
        return found.Found;
    }

    /// <summary>Sets a member's score; true if the member is new.</summary>
    public bool Set(ReadOnlySpan<byte> member, double score)
    {
        var hash = KeyHash.Of(member);
        var found = _index.Find(hash, member);
        if (found.Found)
        {
            var entry = (byte[])found.Entry;
            var before = ScoreOf(entry);
            if (BitConverter.DoubleToInt64Bits(before) != BitConverter.DoubleToInt64Bits(score))
            {
                _order.RemoveAt(_order.RankOf(ScoreBound.At(before, member)));
                StringEntry.Overwrite(entry, BitConverter.DoubleToInt64Bits(score));
                _order.Insert(score, entry);
            }

            return false;
        }

        var added = StringEntry.CreateMember(member, BitConverter.DoubleToInt64Bits(score));
        _index.Insert(hash, added);
        _order.Insert(score, added);
        _entryBytes += SizeOf(added);
        return true;
    }

    /// <summary>Removes a member; false if there was none.</summary>
    public bool Remove(ReadOnlySpan<byte> member)
    {
        var found = _index.Find(KeyHash.Of(member), member);
        if (!found.Found)
        {
            return false;
        }

        _order.RemoveAt(_order.RankOf(ScoreBound.At(ScoreOf((byte[])found.Entry), member)));
        _entryBytes -= SizeOf((byte[])found.Entry);
        _index.Remove(found);
        return true;
    }

    /// <summary>Removes <paramref name="count"/> members from a rank on.</summary>
    public void RemoveRange(int rank, int count)
    {
        for (; count > 0; count--)
        {
            var member = StringEntry.KeyOf(_order.Leaf(rank, out var position).EntryAt(position));
            var found = _index.Find(KeyHash.Of(member), member);
            _order.RemoveAt(rank);
            _entryBytes -= SizeOf((byte[])found.Entry);
            _index.Remove(found);
        }
    }

    /// <summary>As <see cref="HashIndex.Collect"/>.</summary>
    public ulong Collect(ulong from, int count, List<ScoredMember> found)
    {
        var entries = new List<object>();
        var next = _index.Collect(from, count, entries);
        found.AddRange(entries.Select(entry => new ScoredMember(StringEntry.KeyOf((byte[])entry).ToArray(), ScoreOf((byte[])entry))));
        return next;
    }

    private static double ScoreOf(byte[] entry) => BitConverter.Int64BitsToDouble(StringEntry.IntegerOf(entry));

    private static long SizeOf(byte[] entry) => HeapSize.OfArray(entry.Length);
}

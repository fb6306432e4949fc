namespace Trefoil.KeyValue.Values;

/// <summary>A sorted set: small ones packed in one array, larger ones indexed by member and ordered by a tree.</summary>
/// <remarks>
/// The limits are Redis' (zset-max-listpack-entries, zset-max-listpack-value); a set that outgrew the packed form never returns to it. All
/// questions of range come down to ranks: <see cref="RankOf(in ScoreBound)"/> of a bound, then <see cref="Range"/>. As Redis' listpack does,
/// the packed form turns -0 into 0. Not thread-safe: the slot's lock covers it.
/// </remarks>
internal sealed class SortedSetValue(byte[] key) : KeyedValue(key)
{
    /// <summary>Members at most in the packed form.</summary>
    public const int PackedMembers = 128;

    /// <summary>Bytes at most of a member in the packed form.</summary>
    public const int PackedLength = 64;

    private const int ObjectSize = 56;

    private PackedScores _packed;
    private IndexedScores? _indexed;

    /// <summary>Number of members.</summary>
    public int Count => _indexed?.Count ?? _packed.Count;

    public override EntryType Type => EntryType.SortedSet;

    public override long Bytes => ObjectSize + HeapSize.OfArray(Key.Length) + _packed.Bytes + (_indexed?.Bytes ?? 0);

    /// <summary>True while the packed form holds (OBJECT ENCODING says listpack, else skiplist).</summary>
    public bool IsPacked => _indexed is null;

    public override SortedSetValue Copy(byte[] key)
    {
        var copy = new SortedSetValue(key) { ExpireAtMs = ExpireAtMs };
        copy._indexed = IsPacked ? null : new IndexedScores();
        foreach (var member in this)
        {
            copy.Set(member.Member, member.Score);
        }

        return copy;
    }

    public bool TryGet(ReadOnlySpan<byte> member, out double score)
    {
        if (_indexed is not null)
        {
            return _indexed.TryGet(member, out score);
        }

        var offset = _packed.Find(member);
        score = offset >= 0 ? _packed.ScoreAt(offset) : 0;
        return offset >= 0;
    }

    /// <summary>Sets a member's score, which is no NaN; true if the member is new. The member may not lie in this set.</summary>
    public bool Set(ReadOnlySpan<byte> member, double score)
    {
        if (_indexed is not null)
        {
            return _indexed.Set(member, score);
        }

        var offset = _packed.Find(member);
        if (offset >= 0)
        {
            _packed.Remove(offset, 1);
        }
        else if (_packed.Count >= PackedMembers || member.Length > PackedLength)
        {
            Unpack();
            return _indexed!.Set(member, score);
        }

        _packed.Insert(score == 0 ? 0 : score, member);
        return offset < 0;
    }

    /// <summary>Removes a member; false if there was none.</summary>
    public bool Remove(ReadOnlySpan<byte> member)
    {
        if (_indexed is not null)
        {
            return _indexed.Remove(member);
        }

        var offset = _packed.Find(member);
        if (offset >= 0)
        {
            _packed.Remove(offset, 1);
        }

        return offset >= 0;
    }

    /// <summary>Removes <paramref name="count"/> members from a rank on.</summary>
    public void RemoveRange(int rank, int count)
    {
        if (_indexed is not null)
        {
            _indexed.RemoveRange(rank, count);
        }
        else
        {
            _packed.Remove(_packed.OffsetOf(rank), count);
        }
    }

    /// <summary>How many members lie before the bound.</summary>
    public int RankOf(in ScoreBound bound) => _indexed?.Order.RankOf(bound) ?? _packed.RankOf(bound, out _);

    /// <summary>The member at a rank (0..<see cref="Count"/> − 1).</summary>
    public ScoredMemberView At(int rank)
    {
        var range = Range(rank, 1, reverse: false);
        range.MoveNext();
        return range.Current;
    }

    /// <summary>All members, ascending.</summary>
    public ScoreRange GetEnumerator() => Range(0, Count, reverse: false);

    /// <summary>Walks <paramref name="count"/> members from a rank on, upwards, or downwards if <paramref name="reverse"/>; there are so many.</summary>
    public ScoreRange Range(int rank, int count, bool reverse)
    {
        if (count <= 0)
        {
            return default;
        }

        if (_indexed is null)
        {
            return new ScoreRange(ref _packed, rank, count, reverse);
        }

        var leaf = _indexed.Order.Leaf(rank, out var position);
        return new ScoreRange(leaf, position, count, reverse);
    }

    /// <summary>
    /// Members from <paramref name="cursor"/> on, at least <paramref name="count"/> if there are so many; a packed set is returned whole.
    /// Returns the next cursor, 0 at the end. Every member present from the first call to the last is returned.
    /// </summary>
    public ulong Scan(ulong cursor, int count, List<ScoredMember> found)
    {
        if (_indexed is not null)
        {
            var next = _indexed.Collect(cursor, count, found);
            return next > uint.MaxValue ? 0 : next;
        }

        foreach (var member in this)
        {
            found.Add(member.Copy());
        }

        return 0;
    }

    private void Unpack()
    {
        var indexed = new IndexedScores();
        foreach (var member in this)
        {
            indexed.Set(member.Member, member.Score);
        }

        _packed = default;
        _indexed = indexed;
    }
}

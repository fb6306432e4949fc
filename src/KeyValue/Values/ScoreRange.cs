namespace Trefoil.KeyValue.Values;

/// <summary>Walks members of a sorted set in order; valid until the next mutation.</summary>
internal ref struct ScoreRange
{
    private readonly ref PackedScores _packed;
    private readonly bool _reverse;

    /// <summary>Packed and downwards: where the members begin, since they can only be walked upwards.</summary>
    private readonly int[]? _offsets;
    private readonly bool _isPacked;
    private ScoreNode? _leaf;
    private int _position;
    private int _left;
    private bool _started;

    internal ScoreRange(ref PackedScores packed, int rank, int count, bool reverse)
    {
        _packed = ref packed;
        _isPacked = true;
        _left = count;
        _reverse = reverse;
        _position = reverse ? count : packed.OffsetOf(rank);
        if (reverse)
        {
            _offsets = new int[count];
            var offset = packed.OffsetOf(rank - count + 1);
            for (var i = 0; i < count; i++)
            {
                _offsets[i] = offset;
                offset = packed.Next(offset);
            }
        }
    }

    internal ScoreRange(ScoreNode leaf, int position, int count, bool reverse)
    {
        _leaf = leaf;
        _position = position;
        _left = count;
        _reverse = reverse;
    }

    /// <summary>The member under the enumerator.</summary>
    public readonly ScoredMemberView Current
    {
        get
        {
            if (!_isPacked)
            {
                return new ScoredMemberView { Member = StringEntry.KeyOf(_leaf!.EntryAt(_position)), Score = _leaf.ScoreAt(_position) };
            }

            var offset = _offsets is null ? _position : _offsets[_position];
            return new ScoredMemberView { Member = _packed.MemberAt(offset), Score = _packed.ScoreAt(offset) };
        }
    }

    /// <summary>For <c>foreach</c>.</summary>
    public readonly ScoreRange GetEnumerator() => this;

    /// <summary>Steps to the next member; false at the end.</summary>
    public bool MoveNext()
    {
        if (_left == 0)
        {
            return false;
        }

        _left--;
        if (_isPacked)
        {
            _position = _reverse ? _position - 1 : _started ? _packed.Next(_position) : _position;
        }
        else if (_started)
        {
            _position += _reverse ? -1 : 1;
            SkipToLeaf();
        }

        _started = true;
        return true;
    }

    private void SkipToLeaf()
    {
        while ((uint)_position >= (uint)_leaf!.Count)
        {
            _leaf = _reverse ? _leaf.Before : _leaf.After;
            _position = _reverse ? _leaf!.Count - 1 : 0;
        }
    }
}

using Trefoil.Primitives;

namespace Trefoil.KeyValue.Values;

/// <summary>A set: integers sorted in one array, few short members packed, larger ones indexed.</summary>
/// <remarks>
/// Redis 7.0 knows the first form (set-max-intset-entries) and the last; the packed one in between is Redis 7.2's (set-max-listpack-*) and
/// is not visible: OBJECT ENCODING says intset or hashtable, and the order of a set that is no intset is nobody's promise. A form once left
/// does not come back. Not thread-safe: the slot's lock covers it.
/// </remarks>
internal sealed class SetValue(byte[] key) : KeyedValue(key)
{
    /// <summary>Members at most in the form of sorted integers.</summary>
    public const int IntegerMembers = 512;

    /// <summary>Members at most in the packed form.</summary>
    public const int PackedMembers = 128;

    /// <summary>Bytes at most of a member in the packed form.</summary>
    public const int PackedLength = 64;

    private const int ObjectSize = 72;
    private const int IndexedSize = 48;

    private IntegerSet _integers;
    private PackedStrings _packed;
    private IndexedMembers? _indexed;

    /// <summary>Number of members.</summary>
    public int Count => _indexed?.Index.Count ?? _integers.Count + _packed.Count;

    public override EntryType Type => EntryType.Set;

    public override long Bytes => ObjectSize + HeapSize.OfArray(Key.Length) + _integers.Bytes + _packed.Bytes
        + (_indexed is null ? 0 : IndexedSize + _indexed.Bytes);

    /// <summary>True while all members are integers in ascending order (OBJECT ENCODING says intset, else hashtable).</summary>
    public bool IsIntegers => _indexed is null && _packed.Count == 0;

    public override SetValue Copy(byte[] key)
    {
        var copy = new SetValue(key) { ExpireAtMs = ExpireAtMs };
        copy._indexed = _indexed is null ? null : new IndexedMembers();
        var packed = _packed.Count > 0;
        foreach (var member in this)
        {
            if (packed)
            {
                copy._packed.Insert(copy._packed.End, member);
            }
            else
            {
                copy.Add(member);
            }
        }

        return copy;
    }

    public bool Contains(ReadOnlySpan<byte> member)
    {
        if (_indexed is not null)
        {
            return _indexed.Index.Find(KeyHash.Of(member), member).Found;
        }

        return IsIntegers ? IntegerText.TryParse(member, out var integer) && _integers.Contains(integer) : _packed.Find(member) >= 0;
    }

    /// <summary>Adds a member; false if it was there.</summary>
    public bool Add(ReadOnlySpan<byte> member)
    {
        if (IsIntegers)
        {
            if (IntegerText.TryParse(member, out var integer))
            {
                if (!_integers.Add(integer))
                {
                    return false;
                }

                if (_integers.Count > IntegerMembers)
                {
                    Convert(packed: false);
                }

                return true;
            }

            Convert(packed: _integers.Count < PackedMembers && member.Length <= PackedLength);
        }

        if (_indexed is null)
        {
            if (_packed.Find(member) >= 0)
            {
                return false;
            }

            if (_packed.Count < PackedMembers && member.Length <= PackedLength)
            {
                _packed.Insert(_packed.End, member);
                return true;
            }

            Convert(packed: false);
        }

        return _indexed!.Add(member);
    }

    /// <summary>Removes a member; false if there was none.</summary>
    public bool Remove(ReadOnlySpan<byte> member)
    {
        if (_indexed is not null)
        {
            return _indexed.Remove(member);
        }

        if (IsIntegers)
        {
            return IntegerText.TryParse(member, out var integer) && _integers.Remove(integer);
        }

        var offset = _packed.Find(member);
        if (offset >= 0)
        {
            _packed.Remove(offset, 1);
        }

        return offset >= 0;
    }

    /// <summary>All members: ascending while integers, else in no order that means anything.</summary>
    public Enumerator GetEnumerator() => new(this);

    /// <summary>A copy of a member at random; the set is not empty.</summary>
    public byte[] Random(Prng random)
    {
        if (_indexed is not null)
        {
            return StringEntry.KeyOf((byte[])_indexed.Index.Random(random)).ToArray();
        }

        if (!IsIntegers)
        {
            return _packed.At(_packed.OffsetOf(random.Below(_packed.Count))).ToArray();
        }

        Span<byte> digits = stackalloc byte[IntegerText.MaxLength];
        return digits[..IntegerText.Format(_integers[random.Below(_integers.Count)], digits)].ToArray();
    }

    /// <summary>
    /// Members from <paramref name="cursor"/> on, at least <paramref name="count"/> if there are so many; a small set is returned whole.
    /// Returns the next cursor, 0 at the end. Every member present from the first call to the last is returned.
    /// </summary>
    public ulong Scan(ulong cursor, int count, List<byte[]> found)
    {
        if (_indexed is null)
        {
            foreach (var member in this)
            {
                found.Add(member.ToArray());
            }

            return 0;
        }

        var entries = new List<object>();
        var next = _indexed.Index.Collect(cursor, count, entries);
        found.AddRange(entries.Select(entry => StringEntry.KeyOf((byte[])entry).ToArray()));
        return next > uint.MaxValue ? 0 : next;
    }

    private void Convert(bool packed)
    {
        var before = new SetValue([]) { _integers = _integers, _packed = _packed };
        _integers = default;
        _packed = default;
        _indexed = packed ? null : new IndexedMembers();
        foreach (var member in before)
        {
            if (packed)
            {
                _packed.Insert(_packed.End, member);
            }
            else
            {
                _indexed!.Add(member);
            }
        }
    }

    private sealed class IndexedMembers
    {
        public HashIndex Index;
        private long _entryBytes;

        public long Bytes => Index.Bytes + _entryBytes;

        public bool Add(ReadOnlySpan<byte> member)
        {
            var hash = KeyHash.Of(member);
            if (Index.Find(hash, member).Found)
            {
                return false;
            }

            var entry = StringEntry.CreateMember(member, []);
            Index.Insert(hash, entry);
            _entryBytes += HeapSize.OfArray(entry.Length);
            return true;
        }

        public bool Remove(ReadOnlySpan<byte> member)
        {
            var found = Index.Find(KeyHash.Of(member), member);
            if (!found.Found)
            {
                return false;
            }

            _entryBytes -= HeapSize.OfArray(((byte[])found.Entry).Length);
            Index.Remove(found);
            return true;
        }
    }

    /// <summary>Walks the members; valid until the next mutation. What <see cref="Current"/> gives is valid until the next step.</summary>
    public ref struct Enumerator
    {
        private readonly SetValue _set;
        private readonly List<object>? _entries;
        private readonly byte[]? _digits;
        private int _position = -1;
        private int _length;
        private int _offset = -1;

        internal Enumerator(SetValue set)
        {
            _set = set;
            if (set._indexed is not null)
            {
                _entries = new List<object>(set.Count);
                set._indexed.Index.Collect(0, int.MaxValue, _entries);
            }
            else if (set.IsIntegers)
            {
                _digits = new byte[IntegerText.MaxLength];
            }
        }

        /// <summary>The member under the enumerator.</summary>
        public readonly ReadOnlySpan<byte> Current => _entries is not null ? StringEntry.KeyOf((byte[])_entries[_position])
            : _digits is not null ? _digits.AsSpan(0, _length)
            : _set._packed.At(_offset);

        /// <summary>Steps to the next member; false at the end.</summary>
        public bool MoveNext()
        {
            if (++_position >= _set.Count)
            {
                return false;
            }

            if (_digits is not null)
            {
                _length = IntegerText.Format(_set._integers[_position], _digits);
            }
            else if (_entries is null)
            {
                _offset = _position == 0 ? 0 : _set._packed.Next(_offset);
            }

            return true;
        }
    }
}

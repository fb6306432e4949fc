using Trefoil.Primitives;

namespace Trefoil.KeyValue.Values;

/// <summary>A hash: small ones packed in one array in insertion order, larger ones indexed.</summary>
/// <remarks>
/// The limits are Redis' (hash-max-listpack-entries, hash-max-listpack-value), and so is what they imply: a small hash keeps the order in
/// which its fields came, which users have come to rely on; a hash that outgrew the packed form never returns to it.
/// Not thread-safe: the slot's lock covers it. Mutated only by the slot's table, which keeps the accounts.
/// </remarks>
internal sealed class HashValue(byte[] key) : KeyedValue(key)
{
    /// <summary>Fields at most in the packed form.</summary>
    public const int PackedFields = 512;

    /// <summary>Bytes at most of a field or value in the packed form.</summary>
    public const int PackedLength = 64;

    /// <summary>This object and its packed pairs', without their arrays.</summary>
    private const int ObjectSize = 112;

    private PackedPairs? _packed = new();
    private HashIndex _index;
    private long _indexedBytes;

    /// <summary>Number of fields.</summary>
    public int Count => _packed?.Count ?? _index.Count;

    public override EntryType Type => EntryType.Hash;

    public override long Bytes => ObjectSize + HeapSize.OfArray(Key.Length) + (_packed?.Bytes ?? _index.Bytes + _indexedBytes);

    /// <summary>True while the packed form holds (OBJECT ENCODING says listpack).</summary>
    public bool IsPacked => _packed is not null;

    public override HashValue Copy(byte[] key)
    {
        var copy = new HashValue(key) { ExpireAtMs = ExpireAtMs };
        copy._packed = IsPacked ? copy._packed : null;
        foreach (var field in this)
        {
            copy.Set(field.Field, field.Value);
        }

        return copy;
    }

    /// <summary>The value of <paramref name="field"/>, valid until the next mutation.</summary>
    public bool TryGet(ReadOnlySpan<byte> field, out ReadOnlySpan<byte> value)
    {
        if (_packed is not null)
        {
            return _packed.TryGet(field, out value);
        }

        var found = _index.Find(KeyHash.Of(field), field);
        value = found.Found ? StringEntry.ValueOf((byte[])found.Entry) : default;
        return found.Found;
    }

    /// <summary>Sets a field; true if it is new.</summary>
    public bool Set(ReadOnlySpan<byte> field, ReadOnlySpan<byte> value)
    {
        if (_packed is not null)
        {
            if (field.Length <= PackedLength && value.Length <= PackedLength && _packed.TrySet(field, value, PackedFields, out var created))
            {
                return created;
            }

            Unpack();
        }

        return SetIndexed(field, value);
    }

    /// <summary>Removes a field; false if there was none.</summary>
    public bool Remove(ReadOnlySpan<byte> field)
    {
        if (_packed is not null)
        {
            return _packed.Remove(field);
        }

        var found = _index.Find(KeyHash.Of(field), field);
        if (!found.Found)
        {
            return false;
        }

        _indexedBytes -= SizeOf((byte[])found.Entry);
        _index.Remove(found);
        return true;
    }

    /// <summary>All fields with their values: in insertion order while packed, else in no order that means anything.</summary>
    public FieldEnumerator GetEnumerator() => new(this);

    /// <summary>A field at random, for HRANDFIELD; the hash is not empty.</summary>
    public HashField Random(Prng random) => _packed is not null
        ? _packed.At(random.Below(_packed.Count))
        : HashField.Of((byte[])_index.Random(random));

    /// <summary>
    /// Fields from <paramref name="cursor"/> on, at least <paramref name="count"/> if there are so many; a packed hash is returned whole, as
    /// Redis does. Returns the next cursor, 0 at the end. Every field present from the first call to the last is returned.
    /// </summary>
    public ulong Scan(ulong cursor, int count, List<HashField> found)
    {
        if (_packed is not null)
        {
            found.AddRange(_packed.All());
            return 0;
        }

        var entries = new List<object>();
        var next = _index.Collect(cursor, count, entries);
        found.AddRange(entries.Select(entry => HashField.Of((byte[])entry)));
        return next > uint.MaxValue ? 0 : next;
    }

    private bool SetIndexed(ReadOnlySpan<byte> field, ReadOnlySpan<byte> value)
    {
        var hash = KeyHash.Of(field);
        var found = _index.Find(hash, field);
        if (!found.Found)
        {
            var added = StringEntry.CreateMember(field, value);
            _index.Insert(hash, added);
            _indexedBytes += SizeOf(added);
            return true;
        }

        var entry = (byte[])found.Entry;
        if (!StringEntry.TryOverwrite(entry, value, KeyedValue.NoExpiry))
        {
            var replaced = StringEntry.CreateMember(field, value);
            _indexedBytes += SizeOf(replaced) - SizeOf(entry);
            found.Entry = replaced;
        }

        return false;
    }

    private void Unpack()
    {
        var packed = _packed!;
        _packed = null;
        for (var pair = packed.First(); pair.Exists; pair = packed.Next(pair))
        {
            SetIndexed(packed.FieldOf(pair), packed.ValueOf(pair));
        }
    }

    private static long SizeOf(byte[] entry) => HeapSize.OfArray(entry.Length);

    /// <summary>Walks the fields; valid until the next mutation.</summary>
    public ref struct FieldEnumerator
    {
        private readonly PackedPairs? _packed;
        private readonly List<object>? _entries;
        private PackedPairs.Pair _pair;
        private int _position = -1;

        public FieldEnumerator(HashValue hash)
        {
            _packed = hash._packed;
            if (_packed is null)
            {
                _entries = new List<object>(hash._index.Count);
                hash._index.Collect(0, int.MaxValue, _entries);
            }
        }

        /// <summary>The field under the enumerator.</summary>
        public readonly HashFieldView Current => _packed is null
            ? HashFieldView.Of((byte[])_entries![_position])
            : new HashFieldView { Field = _packed.FieldOf(_pair), Value = _packed.ValueOf(_pair) };

        /// <summary>Steps to the next field; false at the end.</summary>
        public bool MoveNext()
        {
            _position++;
            if (_packed is null)
            {
                return _position < _entries!.Count;
            }

            _pair = _position == 0 ? _packed.First() : _packed.Next(_pair);
            return _pair.Exists;
        }
    }
}

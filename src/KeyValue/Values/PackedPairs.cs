namespace Trefoil.KeyValue.Values;

/// <summary>Field-value pairs one after the other in one array, found by walking: the small form of a hash.</summary>
/// <remarks>
/// <code>[field length 1][value length 1][field][value] ...</code>
/// Lengths fit a byte because longer texts are not packed. A few dozen short pairs are found faster by walking than through an index, and
/// take a fifth of the room.
/// </remarks>
internal sealed class PackedPairs
{
    private const int HeaderSize = 2;

    private byte[] _bytes = [];
    private int _used;

    public int Count { get; private set; }

    public long Bytes => HeapSize.OfArray(_bytes.Length);

    /// <summary>Where a pair begins; <see cref="Exists"/> is false past the last.</summary>
    public readonly record struct Pair(int At, bool Exists);

    public Pair First() => new(0, _used > 0);

    public Pair Next(Pair pair)
    {
        var next = pair.At + HeaderSize + _bytes[pair.At] + _bytes[pair.At + 1];
        return new Pair(next, next < _used);
    }

    public ReadOnlySpan<byte> FieldOf(Pair pair) => _bytes.AsSpan(pair.At + HeaderSize, _bytes[pair.At]);

    public Span<byte> ValueOf(Pair pair) => _bytes.AsSpan(pair.At + HeaderSize + _bytes[pair.At], _bytes[pair.At + 1]);

    public bool TryGet(ReadOnlySpan<byte> field, out ReadOnlySpan<byte> value)
    {
        var pair = Find(field);
        value = pair.Exists ? ValueOf(pair) : default;
        return pair.Exists;
    }

    /// <summary>Sets a pair; false, and nothing done, if it would be one more than <paramref name="limit"/>.</summary>
    public bool TrySet(ReadOnlySpan<byte> field, ReadOnlySpan<byte> value, int limit, out bool created)
    {
        var pair = Find(field);
        created = !pair.Exists;
        if (pair.Exists)
        {
            var place = Resize(pair, value.Length);
            value.CopyTo(place);
            return true;
        }

        if (Count >= limit)
        {
            return false;
        }

        var at = _used;
        Reserve(HeaderSize + field.Length + value.Length);
        _bytes[at] = (byte)field.Length;
        _bytes[at + 1] = (byte)value.Length;
        field.CopyTo(_bytes.AsSpan(at + HeaderSize));
        value.CopyTo(_bytes.AsSpan(at + HeaderSize + field.Length));
        Count++;
        return true;
    }

    public bool Remove(ReadOnlySpan<byte> field)
    {
        var pair = Find(field);
        if (!pair.Exists)
        {
            return false;
        }

        var end = Next(pair).At;
        _bytes.AsSpan(end, _used - end).CopyTo(_bytes.AsSpan(pair.At));
        _used -= end - pair.At;
        Count--;
        if (_used < _bytes.Length / 2)
        {
            Array.Resize(ref _bytes, _used);
        }

        return true;
    }

    public HashField At(int position)
    {
        var pair = First();
        for (; position > 0; position--)
        {
            pair = Next(pair);
        }

        return new HashField(FieldOf(pair).ToArray(), ValueOf(pair).ToArray());
    }

    public IEnumerable<HashField> All()
    {
        for (var pair = First(); pair.Exists; pair = Next(pair))
        {
            yield return new HashField(FieldOf(pair).ToArray(), ValueOf(pair).ToArray());
        }
    }

    private Pair Find(ReadOnlySpan<byte> field)
    {
        var pair = First();
        while (pair.Exists && !FieldOf(pair).SequenceEqual(field))
        {
            pair = Next(pair);
        }

        return pair;
    }

    /// <summary>Makes the pair's value <paramref name="length"/> bytes long, moving what follows it; returns its place.</summary>
    private Span<byte> Resize(Pair pair, int length)
    {
        var valueAt = pair.At + HeaderSize + _bytes[pair.At];
        var end = valueAt + _bytes[pair.At + 1];
        var tail = _used - end;
        var shift = length - (end - valueAt);
        if (shift > 0)
        {
            Reserve(shift);
        }
        else
        {
            _used += shift;
        }

        if (shift != 0)
        {
            _bytes.AsSpan(end, tail).CopyTo(_bytes.AsSpan(end + shift));
            _bytes[pair.At + 1] = (byte)length;
        }

        return _bytes.AsSpan(valueAt, length);
    }

    private void Reserve(int more)
    {
        var needed = _used + more;
        if (needed > _bytes.Length)
        {
            Array.Resize(ref _bytes, needed + (needed >> 3));
        }

        _used = needed;
    }
}

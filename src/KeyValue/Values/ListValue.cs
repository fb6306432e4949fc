namespace Trefoil.KeyValue.Values;

/// <summary>A list: packed strings while they fit one chunk, beyond that a ring of chunks.</summary>
/// <remarks>
/// What Redis' quicklist does, with the same limit (list-max-listpack-size -2: 8 KiB a chunk, a longer element alone in its own): both ends
/// are reached at once, a position by counting chunks from the nearer end. Not thread-safe: the slot's lock covers it.
/// </remarks>
internal sealed class ListValue(byte[] key) : KeyedValue(key)
{
    /// <summary>Bytes of a chunk at most, unless one element alone takes more.</summary>
    public const int ChunkBytes = 8192;

    private const int ObjectSize = 56;
    private const int ChunkSize = 32;

    private PackedStrings _packed;
    private ListChunks? _chunks;

    /// <summary>Number of elements.</summary>
    public int Count => _chunks?.Elements ?? _packed.Count;

    public override EntryType Type => EntryType.List;

    public override long Bytes => ObjectSize + HeapSize.OfArray(Key.Length) + _packed.Bytes + (_chunks?.Bytes ?? 0);

    public override ListValue Copy(byte[] key)
    {
        var copy = new ListValue(key) { ExpireAtMs = ExpireAtMs };
        foreach (var element in this)
        {
            copy.Insert(copy.Count, element);
        }

        return copy;
    }

    private int ChunkCount => _chunks?.Count ?? 1;

    /// <summary>The element at a position (0..<see cref="Count"/> − 1); valid until the next mutation.</summary>
    public ReadOnlySpan<byte> this[int index]
    {
        get
        {
            Locate(index, out var chunk, out var position);
            ref var strings = ref Strings(chunk);
            return strings.At(strings.OffsetOf(position));
        }
    }

    /// <summary>Puts an element before the one at <paramref name="index"/> (0..<see cref="Count"/>); it may not lie in this list.</summary>
    public void Insert(int index, ReadOnlySpan<byte> element)
    {
        int chunk, position;
        if (index == Count)
        {
            chunk = ChunkCount - 1;
            position = Strings(chunk).Count;
        }
        else
        {
            Locate(index, out chunk, out position);
        }

        if (Fits(chunk, element))
        {
            InsertIn(chunk, position, element);
            return;
        }

        // Full: make room before, behind, or in the middle of it.
        if (position == 0 && chunk > 0 && Fits(chunk - 1, element))
        {
            InsertIn(chunk - 1, Strings(chunk - 1).Count, element);
            return;
        }

        if (position > 0 && position < Strings(chunk).Count)
        {
            AddChunk(chunk + 1, Split(chunk, position));
            if (!Fits(chunk, element))
            {
                chunk++;
                position = 0;
            }
        }

        if (!Fits(chunk, element))
        {
            chunk += position > 0 ? 1 : 0;
            AddChunk(chunk, default);
            position = 0;
        }

        InsertIn(chunk, position, element);
    }

    /// <summary>Puts another element in the place of the one at <paramref name="index"/>.</summary>
    public void Replace(int index, ReadOnlySpan<byte> element)
    {
        Locate(index, out var chunk, out var position);
        ref var strings = ref Strings(chunk);
        var offset = strings.OffsetOf(position);
        var grown = PackedStrings.SizeOf(element.Length) - PackedStrings.SizeOf(strings.At(offset).Length);
        if (grown <= 0 || strings.Count == 1 || strings.End + grown <= ChunkBytes)
        {
            var before = strings.Bytes;
            strings.Replace(offset, element);
            Changed(0, strings.Bytes - before);
            return;
        }

        RemoveRange(index, 1);
        Insert(index, element);
    }

    /// <summary>Takes out <paramref name="count"/> elements from <paramref name="index"/> on.</summary>
    public void RemoveRange(int index, int count)
    {
        if (count == 0)
        {
            return;
        }

        Locate(index, out var chunk, out var position);
        while (count > 0)
        {
            ref var strings = ref Strings(chunk);
            var taken = Math.Min(count, strings.Count - position);
            if (taken == strings.Count && _chunks is not null)
            {
                RemoveChunk(chunk);
            }
            else
            {
                var before = strings.Bytes;
                strings.Remove(strings.OffsetOf(position), taken);
                Changed(-taken, strings.Bytes - before);
                chunk++;
            }

            position = 0;
            count -= taken;
        }
    }

    /// <summary>Walks all elements from the head.</summary>
    public Enumerator GetEnumerator() => new(this, 0, forward: true);

    /// <summary>Walks from the element at <paramref name="index"/> towards the tail, or towards the head.</summary>
    public Enumerator From(int index, bool forward) => new(this, index, forward);

    private ref PackedStrings Strings(int chunk) => ref _chunks is null ? ref _packed : ref _chunks[chunk].Strings;

    private bool Fits(int chunk, ReadOnlySpan<byte> element)
    {
        ref var strings = ref Strings(chunk);
        return strings.Count == 0 || strings.End + PackedStrings.SizeOf(element.Length) <= ChunkBytes;
    }

    private void InsertIn(int chunk, int position, ReadOnlySpan<byte> element)
    {
        ref var strings = ref Strings(chunk);
        var before = strings.Bytes;
        strings.Insert(strings.OffsetOf(position), element);
        Changed(1, strings.Bytes - before);
    }

    private PackedStrings Split(int chunk, int position)
    {
        ref var strings = ref Strings(chunk);
        var before = strings.Bytes;
        var rest = strings.Split(position);
        Changed(-rest.Count, strings.Bytes - before);
        return rest;
    }

    private void Changed(int elements, long bytes)
    {
        if (_chunks is not null)
        {
            _chunks.Elements += elements;
            _chunks.ChunkBytes += bytes;
        }
    }

    private void AddChunk(int at, PackedStrings strings)
    {
        if (_chunks is null)
        {
            _chunks = new ListChunks { Elements = _packed.Count, ChunkBytes = ChunkSize + _packed.Bytes };
            _chunks.Insert(0, new ListChunk { Strings = _packed });
            _packed = default;
        }

        _chunks.Insert(at, new ListChunk { Strings = strings });
        Changed(strings.Count, ChunkSize + strings.Bytes);
    }

    private void RemoveChunk(int at)
    {
        ref var strings = ref _chunks![at].Strings;
        if (_chunks.Count == 1)
        {
            _chunks = null;
            return;
        }

        Changed(-strings.Count, -ChunkSize - strings.Bytes);

        _chunks.RemoveAt(at);
    }

    private void Locate(int index, out int chunk, out int position)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count);
        chunk = 0;
        position = index;
        if (_chunks is null)
        {
            return;
        }

        if (index <= _chunks.Elements / 2)
        {
            while (position >= _chunks[chunk].Strings.Count)
            {
                position -= _chunks[chunk++].Strings.Count;
            }

            return;
        }

        chunk = _chunks.Count - 1;
        var first = _chunks.Elements - _chunks[chunk].Strings.Count;
        while (index < first)
        {
            first -= _chunks[--chunk].Strings.Count;
        }

        position = index - first;
    }

    /// <summary>Walks elements; valid until the next mutation.</summary>
    public ref struct Enumerator
    {
        private readonly ListValue _list;
        private readonly bool _forward;
        private int _chunk;
        private int _offset;
        private bool _started;

        internal Enumerator(ListValue list, int index, bool forward)
        {
            (_list, _forward) = (list, forward);
            if ((uint)index >= (uint)list.Count)
            {
                _chunk = list.ChunkCount;
                return;
            }

            list.Locate(index, out _chunk, out var position);
            _offset = list.Strings(_chunk).OffsetOf(position);
        }

        /// <summary>The element under the enumerator.</summary>
        public readonly ReadOnlySpan<byte> Current => _list.Strings(_chunk).At(_offset);

        /// <summary>For <c>foreach</c>.</summary>
        public readonly Enumerator GetEnumerator() => this;

        /// <summary>Steps to the next element; false at the end.</summary>
        public bool MoveNext()
        {
            if (!_started)
            {
                _started = true;
                return _chunk < _list.ChunkCount;
            }

            return _forward ? Forward() : Backward();
        }

        private bool Forward()
        {
            ref var strings = ref _list.Strings(_chunk);
            _offset = strings.Next(_offset);
            if (_offset < strings.End)
            {
                return true;
            }

            _offset = 0;
            return ++_chunk < _list.ChunkCount;
        }

        private bool Backward()
        {
            if (_offset == 0)
            {
                if (--_chunk < 0)
                {
                    return false;
                }

                _offset = _list.Strings(_chunk).End;
            }

            _offset = _list.Strings(_chunk).Previous(_offset);
            return true;
        }
    }
}

namespace Trefoil.KeyValue.Values;

/// <summary>A part of a long list.</summary>
internal sealed class ListChunk
{
    /// <summary>The elements; a field, because the struct is changed in place.</summary>
    public PackedStrings Strings;
}

/// <summary>The chunks of a long list in a ring: adding and removing at either end moves nothing.</summary>
internal sealed class ListChunks
{
    private const int ObjectSize = 48;

    private ListChunk[] _ring = new ListChunk[4];
    private int _first;

    /// <summary>Number of chunks.</summary>
    public int Count { get; private set; }

    /// <summary>Elements in all chunks; kept by the list.</summary>
    public int Elements { get; set; }

    /// <summary>Heap bytes of the chunks; kept by the list.</summary>
    public long ChunkBytes { get; set; }

    /// <summary>Heap bytes of all this.</summary>
    public long Bytes => ObjectSize + HeapSize.OfArray(_ring.Length * IntPtr.Size) + ChunkBytes;

    /// <summary>The chunk at a position.</summary>
    public ListChunk this[int position]
    {
        get => _ring[(_first + position) & (_ring.Length - 1)];
        private set => _ring[(_first + position) & (_ring.Length - 1)] = value;
    }

    /// <summary>Puts a chunk at a position (0..<see cref="Count"/>): the shorter side moves.</summary>
    public void Insert(int position, ListChunk chunk)
    {
        if (Count == _ring.Length)
        {
            Resize(Count * 2);
        }

        Count++;
        if (position < Count / 2)
        {
            _first = (_first - 1) & (_ring.Length - 1);
            for (var i = 0; i < position; i++)
            {
                this[i] = this[i + 1];
            }
        }
        else
        {
            for (var i = Count - 1; i > position; i--)
            {
                this[i] = this[i - 1];
            }
        }

        this[position] = chunk;
    }

    /// <summary>Takes the chunk at a position out.</summary>
    public void RemoveAt(int position)
    {
        if (position < Count / 2)
        {
            for (var i = position; i > 0; i--)
            {
                this[i] = this[i - 1];
            }

            this[0] = null!;
            _first = (_first + 1) & (_ring.Length - 1);
        }
        else
        {
            for (var i = position; i < Count - 1; i++)
            {
                this[i] = this[i + 1];
            }

            this[Count - 1] = null!;
        }

        Count--;
        if (Count < _ring.Length / 4)
        {
            Resize(_ring.Length / 2);
        }
    }

    private void Resize(int capacity)
    {
        var ring = new ListChunk[Math.Max(capacity, 4)];
        for (var i = 0; i < Count; i++)
        {
            ring[i] = this[i];
        }

        _ring = ring;
        _first = 0;
    }
}

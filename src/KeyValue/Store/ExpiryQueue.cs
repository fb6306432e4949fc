namespace Trefoil.KeyValue.Store;

/// <summary>A binary heap of (time, hash of the key): 12 bytes per expiry, the earliest on top.</summary>
/// <remarks>
/// Redis samples random keys and so keeps up to a quarter of what is expired; a heap finds exactly what is due and never looks at the
/// rest. Places are not removed when a key goes or gets another expiry: whoever dequeues one checks it against the key. It holds hashes
/// and not entries, because strings are replaced by new entries all the time.
/// </remarks>
internal sealed class ExpiryQueue
{
    /// <summary>Below this many places it is not worth looking for stale ones.</summary>
    public const int SmallestRebuild = 64;

    /// <summary>Bytes of a place.</summary>
    public const int PlaceSize = sizeof(long) + sizeof(uint);

    private const int ObjectSize = 40;

    private long[] _times = new long[4];
    private uint[] _hashes = new uint[4];

    public int Count { get; private set; }

    /// <summary>The earliest time; <see cref="long.MaxValue"/> if empty.</summary>
    public long NextMs => Count == 0 ? long.MaxValue : _times[0];

    /// <summary>Heap bytes, unused places included.</summary>
    public long Bytes => ObjectSize + Values.HeapSize.OfArray(_times.Length * sizeof(long)) + Values.HeapSize.OfArray(_hashes.Length * sizeof(uint));

    /// <summary>The hash at a place (0..<see cref="Count"/> − 1), in no order that means anything.</summary>
    public uint HashAt(int place) => _hashes[place];

    public void Enqueue(long atMs, uint hash)
    {
        if (Count == _times.Length)
        {
            var capacity = Count + Math.Max(4, Count >> 2);
            Array.Resize(ref _times, capacity);
            Array.Resize(ref _hashes, capacity);
        }

        var place = Count++;
        while (place > 0 && _times[(place - 1) >> 1] > atMs)
        {
            Move((place - 1) >> 1, place);
            place = (place - 1) >> 1;
        }

        _times[place] = atMs;
        _hashes[place] = hash;
    }

    /// <summary>Removes the earliest place and returns its hash.</summary>
    public uint Dequeue()
    {
        var hash = _hashes[0];
        Count--;
        var (lastTime, lastHash) = (_times[Count], _hashes[Count]);
        var place = 0;
        for (var child = 1; child < Count; child = (2 * place) + 1)
        {
            if (child + 1 < Count && _times[child + 1] < _times[child])
            {
                child++;
            }

            if (_times[child] >= lastTime)
            {
                break;
            }

            Move(child, place);
            place = child;
        }

        _times[place] = lastTime;
        _hashes[place] = lastHash;
        return hash;
    }

    private void Move(int from, int to)
    {
        _times[to] = _times[from];
        _hashes[to] = _hashes[from];
    }
}

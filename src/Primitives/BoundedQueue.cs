using System.Diagnostics.CodeAnalysis;

namespace Trefoil.Primitives;

/// <summary>A first-in first-out queue with a limit, in a ring that is allocated as it fills.</summary>
/// <remarks>At the limit <see cref="TryEnqueue"/> refuses and counts, and <see cref="EnqueueDroppingOldest"/> makes room. One owner.</remarks>
public sealed class BoundedQueue<T>
{
    private const int FirstCapacity = 16;
    private T[] _ring = [];
    private int _head;

    /// <summary>A queue of at most <paramref name="limit"/> items.</summary>
    public BoundedQueue(int limit)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        Limit = limit;
    }

    /// <summary>How many items it holds at most.</summary>
    public int Limit { get; }

    /// <summary>How many items it holds.</summary>
    public int Count { get; private set; }

    /// <summary>Items refused or dropped at the limit since the start.</summary>
    public long Dropped { get; private set; }

    /// <summary>The item <paramref name="index"/> places behind the oldest.</summary>
    public T this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
            return _ring[(_head + index) % _ring.Length];
        }
    }

    /// <summary>Adds the item; false, and counted, when full.</summary>
    public bool TryEnqueue(T item)
    {
        if (Count == Limit)
        {
            Dropped++;
            return false;
        }

        if (Count == _ring.Length)
        {
            Grow();
        }

        _ring[(_head + Count++) % _ring.Length] = item;
        return true;
    }

    /// <summary>Adds the item; when full the oldest one goes, and is counted.</summary>
    public void EnqueueDroppingOldest(T item)
    {
        if (Count == Limit)
        {
            TryDequeue(out _);
            Dropped++;
        }

        TryEnqueue(item);
    }

    /// <summary>Takes the oldest item; false when empty.</summary>
    public bool TryDequeue([MaybeNullWhen(false)] out T item)
    {
        if (Count == 0)
        {
            item = default;
            return false;
        }

        item = _ring[_head];
        _ring[_head] = default!; // so that the ring keeps nothing alive
        _head = (_head + 1) % _ring.Length;
        Count--;
        return true;
    }

    /// <summary>Forgets all items; they are not counted as dropped.</summary>
    public void Clear()
    {
        Array.Clear(_ring);
        (_head, Count) = (0, 0);
    }

    private void Grow()
    {
        var ring = new T[Math.Min(Limit, Math.Max(FirstCapacity, _ring.Length * 2))];
        for (var i = 0; i < Count; i++)
        {
            ring[i] = this[i];
        }

        (_ring, _head) = (ring, 0);
    }
}

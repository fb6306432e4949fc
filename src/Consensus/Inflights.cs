namespace Trefoil.Consensus;

/// <summary>The appends on their way to one follower: a sliding window bounded in messages and in bytes.</summary>
/// <remarks>One message may overshoot the byte limit, or an entry larger than it could never be sent.</remarks>
internal sealed class Inflights(int maxMessages, long maxBytes)
{
    private readonly Queue<(ulong Last, long Bytes)> _window = new();
    private long _bytes;

    public int Count => _window.Count;

    public bool IsFull => _window.Count >= maxMessages || _bytes >= maxBytes;

    /// <summary>Adds an append that ends at index <paramref name="last"/>.</summary>
    public void Add(ulong last, long bytes)
    {
        _window.Enqueue((last, bytes));
        _bytes += bytes;
    }

    /// <summary>Frees every append that ends at or below <paramref name="index"/>.</summary>
    public void FreeTo(ulong index)
    {
        while (_window.TryPeek(out var first) && first.Last <= index)
        {
            FreeFirst();
        }
    }

    /// <summary>Frees the oldest: its answer may be lost, and a full window would wait for it for ever.</summary>
    public void FreeFirst()
    {
        if (_window.TryDequeue(out var first))
        {
            _bytes -= first.Bytes;
        }
    }

    public void Clear()
    {
        _window.Clear();
        _bytes = 0;
    }
}

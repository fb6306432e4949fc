namespace Trefoil.ControlPlane;

/// <summary>The most recent committed entries, for peers that missed a few: without gaps, bounded, oldest dropped first.</summary>
/// <param name="capacity">Entries kept; a peer further behind gets a whole topology instead.</param>
internal sealed class DeltaWindow(int capacity)
{
    private readonly Queue<Delta> _entries = new();
    private Delta? _last;
    private ulong _first = 1;

    /// <summary>Adds the entry that follows the last; any other index starts the window anew.</summary>
    public void Add(Delta delta)
    {
        if (delta.Index != _first + (ulong)_entries.Count)
        {
            _entries.Clear();
            _first = delta.Index;
        }

        _entries.Enqueue(delta);
        _last = delta;
        if (_entries.Count > capacity)
        {
            _entries.Dequeue();
            _first++;
        }
    }

    /// <summary>Forgets everything: the topology was replaced as a whole.</summary>
    public void Clear() => _entries.Clear();

    /// <summary>All entries after <paramref name="version"/>, or null when the window does not reach back that far.</summary>
    public IReadOnlyList<Delta>? After(ulong version)
    {
        var end = _first + (ulong)_entries.Count - 1;
        if (_entries.Count == 0 || version + 1 < _first)
        {
            return null;
        }

        if (version >= end)
        {
            return [];
        }

        if (version + 1 == end)
        {
            return [_last!]; // What nearly every commit asks for, so without a walk over the window.
        }

        return [.. _entries.Skip((int)(version + 1 - _first))];
    }
}

using Trefoil.KeyValue.Blocking;
using Trefoil.KeyValue.Values;

namespace Trefoil.KeyValue.Store;

/// <summary>Who waits for which keys of one slot, and which of these keys have changed since somebody looked. Guarded by the slot's lock.</summary>
internal sealed class KeyWaits
{
    private readonly Dictionary<byte[], List<BlockedPop>> _waiting = new(ByteComparer.Instance);
    private readonly Queue<byte[]> _ready = new();

    public bool IsEmpty => _waiting.Count == 0;

    public bool HasReady => _ready.Count > 0;

    /// <summary>Puts a pop behind those that wait for the same keys already.</summary>
    public void Add(BlockedPop blocked)
    {
        foreach (var key in blocked.Keys)
        {
            if (!_waiting.TryGetValue(key, out var line))
            {
                _waiting.Add(key, line = []);
            }

            // The same key may be named twice.
            if (line.Count == 0 || line[^1] != blocked)
            {
                line.Add(blocked);
            }
        }
    }

    public void Remove(BlockedPop blocked)
    {
        foreach (var key in blocked.Keys)
        {
            if (_waiting.TryGetValue(key, out var line) && line.Remove(blocked) && line.Count == 0)
            {
                _waiting.Remove(key);
            }
        }
    }

    /// <summary>A key has changed: ready, if somebody waits for it.</summary>
    public void Changed(ReadOnlySpan<byte> key)
    {
        if (_waiting.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(key, out var own, out _) && !_ready.Contains(own))
        {
            _ready.Enqueue(own);
        }
    }

    /// <summary>As if every key that somebody waits for had changed.</summary>
    public void AllReady()
    {
        _ready.Clear();
        foreach (var key in _waiting.Keys)
        {
            _ready.Enqueue(key);
        }
    }

    public byte[]? NextReady() => _ready.TryDequeue(out var key) ? key : null;

    /// <summary>A copy: who is served leaves.</summary>
    public BlockedPop[] Of(byte[] key) => _waiting.TryGetValue(key, out var line) ? [.. line] : [];
}

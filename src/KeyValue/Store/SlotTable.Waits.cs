using Trefoil.KeyValue.Blocking;

namespace Trefoil.KeyValue.Store;

/// <summary>Keys that blocked clients wait for. As with watches, effects are what makes a key ready; a slot that nobody waits for pays a null check.</summary>
public sealed partial class SlotTable
{
    private KeyWaits? _waits;

    /// <summary>Somebody waits for a key that has changed: to be served before the lock is given back.</summary>
    internal bool HasReadyKeys => _waits is { HasReady: true };

    internal void Await(BlockedPop blocked) => (_waits ??= new KeyWaits()).Add(blocked);

    internal void Forget(BlockedPop blocked)
    {
        _waits?.Remove(blocked);
        if (_waits is { IsEmpty: true })
        {
            _waits = null;
        }
    }

    /// <summary>What kept a pop from its key is gone: all keys that somebody waits for are looked at again.</summary>
    internal void Recheck() => _waits?.AllReady();

    /// <summary>The key that changed first, no longer ready; null if there is none.</summary>
    internal byte[]? NextReadyKey() => _waits?.NextReady();

    /// <summary>Who waits for a key, first come first.</summary>
    internal BlockedPop[] WaitingFor(byte[] key) => _waits?.Of(key) ?? [];
}

namespace Trefoil.KeyValue.Store;

/// <summary>Keys that clients watch. Every change is an effect, so effects are what break a watch; a slot that nobody watches pays a null check.</summary>
public sealed partial class SlotTable
{
    private List<KeyWatch>? _watches;

    internal void Watch(KeyWatch watch) => (_watches ??= []).Add(watch);

    internal void Unwatch(KeyWatch watch)
    {
        if (_watches?.Remove(watch) == true && _watches.Count == 0)
        {
            _watches = null;
        }
    }

    private void BreakWatches(ReadOnlySpan<byte> key)
    {
        foreach (var watch in _watches!)
        {
            watch.IsBroken |= key.SequenceEqual(watch.Key);
        }
    }

    /// <summary>All keys go: those that are here change.</summary>
    private void BreakWatches()
    {
        foreach (var watch in _watches!)
        {
            watch.IsBroken |= _index.Find(Values.KeyHash.Of(watch.Key), watch.Key).Found;
        }
    }
}

using Trefoil.KeyValue.Effects;
using Trefoil.KeyValue.Persistence;
using Trefoil.KeyValue.Values;

namespace Trefoil.KeyValue.Store;

/// <summary>Whole values from elsewhere: RESTORE, snapshots, the log.</summary>
public sealed partial class SlotTable
{
    /// <summary>
    /// Puts an entry that carries its key and expiry in the place of whatever the key held. <paramref name="typeAndBody"/> is its RDB form
    /// (<see cref="ValueCodec.Read"/>), which is what is recorded; it may be empty while nothing is.
    /// </summary>
    internal void Restore(object entry, ReadOnlySpan<byte> typeAndBody)
    {
        var key = KeyedValue.KeyOf(entry);
        Record(EffectKind.Restore, key, KeyedValue.ExpiryOf(entry), typeAndBody);
        var hash = KeyHash.Of(key);
        Put(hash, _index.Find(hash, key), entry);

        // It is another value, not a newer one of the same: how often the old one was used says nothing.
        KeyedValue.SetClock(entry, _owner.Clock.Initial);
    }

    private bool ApplyRestore(ref EffectReader effect)
    {
        var expireAtMs = effect.Number();
        var typeAndBody = effect.Bytes();
        if (ValueCodec.Read(typeAndBody, effect.Key, expireAtMs) is not { } entry)
        {
            return false;
        }

        Restore(entry, typeAndBody);
        return true;
    }
}

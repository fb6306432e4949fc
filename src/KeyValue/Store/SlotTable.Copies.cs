using Trefoil.KeyValue.Effects;
using Trefoil.KeyValue.Values;

namespace Trefoil.KeyValue.Store;

/// <summary>Whole values under another key of the slot. The record names the two keys, not the contents: a replay finds them as they were.</summary>
public sealed partial class SlotTable
{
    /// <summary>Gives what <paramref name="key"/> holds another key, in the place of whatever that held; false if there is no such key.</summary>
    /// <remarks>A value that is an object only changes its key, so size does not matter. The two keys differ.</remarks>
    internal bool Rename(ReadOnlySpan<byte> key, ReadOnlySpan<byte> to, long nowMs)
    {
        var found = Locate(KeyHash.Of(key), key, nowMs);
        if (!found.Found)
        {
            return false;
        }

        Record(EffectKind.Rename, key, to);
        Changed(to);
        var entry = found.Entry;
        var clock = KeyedValue.ClockOf(entry);
        Take(found);
        if (entry is KeyedValue value)
        {
            value.Rename(to.ToArray());
        }
        else
        {
            entry = StringEntry.With((byte[])entry, to, StringEntry.ExpiryOf((byte[])entry));
        }

        var hash = KeyHash.Of(to);
        Put(hash, _index.Find(hash, to), entry);
        KeyedValue.SetClock(entry, clock);
        return true;
    }

    /// <summary>Makes <paramref name="to"/> hold a copy of what <paramref name="key"/> holds, whatever it held; false if there is no such key.</summary>
    internal bool Copy(ReadOnlySpan<byte> key, ReadOnlySpan<byte> to, long nowMs)
    {
        var found = Locate(KeyHash.Of(key), key, nowMs);
        if (!found.Found)
        {
            return false;
        }

        Record(EffectKind.Copy, to, key);
        var copy = found.Entry is KeyedValue value
            ? (object)value.Copy(to.ToArray())
            : StringEntry.With((byte[])found.Entry, to, StringEntry.ExpiryOf((byte[])found.Entry));
        var hash = KeyHash.Of(to);
        Put(hash, _index.Find(hash, to), copy);
        return true;
    }
}

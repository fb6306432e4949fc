using Trefoil.KeyValue.Effects;
using Trefoil.KeyValue.Values;

namespace Trefoil.KeyValue.Store;

/// <summary>Changes inside hashes. An empty hash does not exist.</summary>
public sealed partial class SlotTable
{
    /// <summary>Sets a field of the hash at <paramref name="key"/>, which is created if the key does not exist; true if the field is new.</summary>
    /// <remarks>The key holds a hash or nothing: the caller has looked.</remarks>
    internal bool SetField(ReadOnlySpan<byte> key, HashValue? hash, ReadOnlySpan<byte> field, ReadOnlySpan<byte> value)
    {
        Record(EffectKind.SetField, key, field, value);
        if (hash is null)
        {
            hash = new HashValue(key.ToArray());
            hash.Set(field, value);
            Put(KeyHash.Of(key), default, hash);
            return true;
        }

        var before = hash.Bytes;
        var created = hash.Set(field, value);
        Bytes += hash.Bytes - before;
        return created;
    }

    /// <summary>Removes a field; with the last one goes the key. False if there was no such field.</summary>
    internal bool RemoveField(HashValue hash, ReadOnlySpan<byte> field)
    {
        var before = hash.Bytes;
        if (!hash.Remove(field))
        {
            return false;
        }

        Record(EffectKind.RemoveField, hash.Key, field);
        Bytes += hash.Bytes - before;
        if (hash.Count == 0)
        {
            Take(_index.Find(KeyHash.Of(hash.Key), hash.Key));
        }

        return true;
    }
}

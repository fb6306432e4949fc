using Trefoil.KeyValue.Values;
using Trefoil.Primitives;

namespace Trefoil.KeyValue.Store;

/// <summary>Walking the keys of a slot.</summary>
public sealed partial class SlotTable
{
    /// <summary>Copies of up to <paramref name="limit"/> keys, expired ones that nobody met yet included (CLUSTER GETKEYSINSLOT).</summary>
    public List<byte[]> Keys(int limit)
    {
        var entries = new List<object>(Math.Min(limit, Count));
        if (limit > 0)
        {
            _index.Collect(0, limit, entries);
        }

        return entries.Take(limit).Select(entry => KeyedValue.KeyOf(entry).ToArray()).ToList();
    }

    /// <summary>
    /// Appends entries from hash <paramref name="from"/> on until <paramref name="found"/> has <paramref name="count"/>; returns the hash to
    /// go on from, 2³² at the end. Expired entries are among them.
    /// </summary>
    internal ulong Collect(ulong from, int count, List<object> found) => _index.Collect(from, count, found);

    /// <summary>All entries, expired ones that nobody met yet included; valid under the lock until the next mutation.</summary>
    internal IEnumerable<KeyEntry> Entries()
    {
        var entries = new List<object>(Count);
        _index.Collect(0, int.MaxValue, entries);
        return entries.Select(entry => new KeyEntry(entry));
    }

    /// <summary>A key at random; the table is not empty.</summary>
    internal KeyEntry RandomEntry(Prng random) => new(_index.Random(random));
}

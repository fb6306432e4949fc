using Trefoil.KeyValue.Values;
using Trefoil.Primitives;

namespace Trefoil.KeyValue.Store;

/// <summary>Walking all keys: SCAN, KEYS, RANDOMKEY.</summary>
public sealed partial class Keyspace
{
    /// <summary>Expired keys that RANDOMKEY steps over before it gives up and returns one anyway (Redis' limit).</summary>
    private const int RandomTries = 100;

    private readonly Prng _random;

    /// <summary>Receives one key, under its slot's lock; what it is given is valid for the call.</summary>
    internal delegate void KeyVisitor(KeyEntry entry);

    /// <summary>A generator derived from this keyspace's seed, for one command's draws.</summary>
    internal Prng ForkRandom()
    {
        lock (_random)
        {
            return _random.Fork();
        }
    }

    /// <summary>
    /// Visits keys from <paramref name="cursor"/> on, at least <paramref name="count"/> if there are so many, and returns the next cursor,
    /// 0 at the end. A cursor is (slot, hash to go on from): every key present from the first call to the last is visited, whatever
    /// grew meanwhile. Keys that have expired, and hidden ones, are stepped over.
    /// </summary>
    internal ulong Scan(ulong cursor, int count, long nowMs, KeyVisitor visit)
    {
        var found = new List<object>();
        var left = count;
        var from = cursor & uint.MaxValue;
        for (var slot = cursor >> 32; slot < HashSlot.Count; slot++, from = 0)
        {
            if (_tables[slot] is not { } table || CountIn((int)slot) == 0 || IsHidden((int)slot))
            {
                continue;
            }

            lock (table)
            {
                found.Clear();
                var next = table.Collect(from, left, found);
                foreach (var entry in found)
                {
                    VisitLive(entry, nowMs, visit);
                }

                if (next <= uint.MaxValue)
                {
                    return (slot << 32) | next;
                }
            }

            left -= found.Count;
            if (left <= 0)
            {
                return slot + 1 < HashSlot.Count ? (slot + 1) << 32 : 0;
            }
        }

        return 0;
    }

    /// <summary>Visits all keys (KEYS), slot by slot.</summary>
    internal void VisitAll(long nowMs, KeyVisitor visit) => Scan(0, int.MaxValue, nowMs, visit);

    /// <summary>A key at random as a copy, each with the same chance as far as the slots are concerned; null if there is none.</summary>
    internal byte[]? RandomKey(long nowMs)
    {
        var random = ForkRandom();
        byte[]? key = null;
        for (var attempt = 0; attempt < RandomTries; attempt++)
        {
            if (RandomTable(random) is not { } table)
            {
                return key;
            }

            lock (table)
            {
                if (table.Count == 0)
                {
                    continue;
                }

                var entry = table.RandomEntry(random);
                key = entry.Key.ToArray();
                if (entry.ExpireAtMs > nowMs)
                {
                    return key;
                }
            }
        }

        return key;
    }

    /// <summary>A slot with keys, weighted by how many it has.</summary>
    private SlotTable? RandomTable(Prng random) => Draw(_counts, random) is >= 0 and var slot ? _tables[slot] : null;

    private static void VisitLive(object entry, long nowMs, KeyVisitor visit)
    {
        if (KeyedValue.ExpiryOf(entry) > nowMs)
        {
            visit(new KeyEntry(entry));
        }
    }
}

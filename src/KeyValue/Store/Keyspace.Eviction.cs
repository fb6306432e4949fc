using Trefoil.Primitives;

namespace Trefoil.KeyValue.Store;

/// <summary>What memory the keys take, and making it less.</summary>
public sealed partial class Keyspace
{
    /// <summary>Draws of a slot that bring nothing before it counts as settled that there is nothing to evict.</summary>
    private const int EmptyDraws = 32;

    /// <summary>The arrays per slot: tables, counts, times.</summary>
    private const int FixedBytes = HashSlot.Count * (8 + 8 + 4 + 4);

    private readonly Lock _evicting = new();
    private readonly EvictionPool _pool = new();
    private readonly Prng _eviction;
    private EvictionPolicy _pooledFor;
    private long _bytes;
    private int _tableCount;

    /// <summary>Heap bytes of all keys and values, as accounted per slot.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Heap bytes of the tables themselves, which stay when their keys go.</summary>
    public long OverheadBytes => FixedBytes + ((long)Volatile.Read(ref _tableCount) * SlotTable.ObjectSize);

    /// <summary>What stands beside keys about their use.</summary>
    internal AccessClock Clock { get; } = new();

    /// <summary>
    /// Removes one key that the policy finds dispensable, looking at <paramref name="samples"/> more; false if there is none. The caller holds no
    /// slot's lock.
    /// </summary>
    internal bool EvictOne(EvictionPolicy policy, int samples)
    {
        lock (_evicting)
        {
            if (policy.IsRandom())
            {
                return EvictAny(policy);
            }

            if (_pooledFor != policy)
            {
                _pool.Clear();
                _pooledFor = policy;
            }

            for (var attempt = 0; attempt < EmptyDraws; attempt++)
            {
                if (!TryFill(policy, samples))
                {
                    return false;
                }

                while (_pool.Count > 0)
                {
                    var candidate = _pool.Take();
                    var table = Table(candidate.Slot);
                    lock (table)
                    {
                        if (table.Evict(policy, candidate, _pool.Count > 0 ? _pool.BestScore : 0))
                        {
                            return true;
                        }
                    }
                }
            }

            return false;
        }
    }

    /// <summary>Every key counts as if it had been made now.</summary>
    internal void RestartClocks()
    {
        foreach (var table in _tables.OfType<SlotTable>())
        {
            lock (table)
            {
                table.RestartClocks();
            }
        }
    }

    internal void BytesChanged(long delta) => Interlocked.Add(ref _bytes, delta);

    internal void ExpiringChanged(int slot, int delta) => _expiring.Add(slot, delta);

    /// <summary>Looks at so many keys; false if there is none to look at.</summary>
    private bool TryFill(EvictionPolicy policy, int samples)
    {
        var counts = policy.IsVolatile() ? _expiring : _counts;
        for (var draws = 0; samples > 0 && draws < EmptyDraws; draws++)
        {
            var slot = Draw(counts, _eviction);
            if (slot < 0)
            {
                return _pool.Count > 0;
            }

            var table = Table(slot);
            lock (table)
            {
                samples -= table.Sample(policy, samples, _eviction, _pool);
            }
        }

        return true;
    }

    private bool EvictAny(EvictionPolicy policy)
    {
        var counts = policy.IsVolatile() ? _expiring : _counts;
        for (var draws = 0; draws < EmptyDraws; draws++)
        {
            var slot = Draw(counts, _eviction);
            if (slot < 0)
            {
                return false;
            }

            var table = Table(slot);
            lock (table)
            {
                if (table.EvictAny(policy, _eviction))
                {
                    return true;
                }
            }
        }

        return false;
    }
}

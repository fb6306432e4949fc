using Trefoil.KeyValue.Effects;
using Trefoil.KeyValue.Persistence;
using Trefoil.Primitives;

namespace Trefoil.KeyValue.Store;

/// <summary>The keys of this node: one <see cref="SlotTable"/> per slot.</summary>
/// <remarks>
/// Tables come into being when first asked for and stay: their identity is the slot's lock. Members here that walk tables take each
/// lock in turn; no caller may hold one. The counts per slot stand in one array, so that questions about all slots read 64 KiB and not
/// 16384 objects.
/// </remarks>
public sealed partial class Keyspace
{
    private readonly SlotTable?[] _tables = new SlotTable?[HashSlot.Count];
    private readonly SlotCounts _counts = new();
    private readonly SlotCounts _expiring = new();
    private (long Expired, long Evicted, long Hits, long Misses) _before;
    private long _flushes;

    /// <summary>An empty keyspace; <paramref name="seed"/> decides what RANDOMKEY and HRANDFIELD draw.</summary>
    public Keyspace(ulong seed = 0x7265666f696c)
    {
        _random = new Prng(seed);
        _eviction = _random.Fork();
    }

    /// <summary>Where changes are recorded; null while recovery applies what was recorded before, and in a store that forgets.</summary>
    internal KeyLog? Log { get; set; }

    /// <summary>LSN of the newest record, 0 if nothing is recorded.</summary>
    internal ulong LastLsn => Log?.LastLsn ?? 0;

    /// <summary>Replies that depend on records up to this LSN may leave.</summary>
    internal ulong ReleasedLsn => Log?.ReleasedLsn ?? ulong.MaxValue;

    /// <summary>Number of keys of this node (DBSIZE): those in hidden slots are another node's.</summary>
    public long Count => Visible(_counts);

    /// <summary>Those of them that have an expiry.</summary>
    public long ExpiringCount => Visible(_expiring);

    /// <summary>Number of keys in all slots.</summary>
    public long TotalCount => _counts.Total;

    /// <summary>Counts every <see cref="Clear()"/> that removed something or could have.</summary>
    internal long Flushes => Volatile.Read(ref _flushes);

    /// <summary>Keys removed because their time had come, since start or <see cref="ResetStatistics"/>.</summary>
    public long ExpiredCount => Sum(table => table.ExpiredCount) - _before.Expired;

    /// <summary>Keys removed to make room, since then.</summary>
    public long EvictedCount => Sum(table => table.EvictedCount) - _before.Evicted;

    /// <summary>Lookups by read commands that found their key, since then.</summary>
    public long Hits => Sum(table => table.Hits) - _before.Hits;

    /// <summary>Lookups by read commands that did not, since then.</summary>
    public long Misses => Sum(table => table.Misses) - _before.Misses;

    /// <summary>Begins to count anew. The tables' own counters run on, so nobody's lock is needed.</summary>
    public void ResetStatistics() => _before = (
        _before.Expired + ExpiredCount, _before.Evicted + EvictedCount, _before.Hits + Hits, _before.Misses + Misses);

    /// <summary>Number of keys once every command that is running now has finished: takes each slot's lock in turn.</summary>
    /// <remarks>Whoever refuses writes first and counts afterwards sees every key there will be.</remarks>
    public long CountSettled()
    {
        var count = 0L;
        for (var slot = 0; slot < _tables.Length; slot++)
        {
            if (Volatile.Read(ref _tables[slot]) is { } table)
            {
                lock (table)
                {
                    count += CountIn(slot);
                }
            }
        }

        return count;
    }

    /// <summary>The table of <paramref name="slot"/> (0..16383); also the slot's lock.</summary>
    public SlotTable Table(int slot) => Volatile.Read(ref _tables[slot]) ?? CreateTable(slot);

    /// <summary>As <see cref="Table"/>, or null if nothing was ever in the slot.</summary>
    internal SlotTable? ExistingTable(int slot) => Volatile.Read(ref _tables[slot]);

    /// <summary>Number of keys in <paramref name="slot"/>, without its lock.</summary>
    public int CountIn(int slot) => _counts[slot];

    /// <summary>Removes every key, as one change. The tables let go of their contents; freeing them is the collector's work, off the hot path.</summary>
    /// <remarks>A store that follows keeps them: whoever asked was a primary until just now.</remarks>
    public void Clear()
    {
        // All locks, in slot order: the log says that no slot has a key, so none may get one between its clearing and the record.
        var tables = LockAll();
        if (!IsFollowing)
        {
            Clear(tables);
        }

        Unlock(tables);
    }

    /// <summary>
    /// Makes the effects of one record true, unless its slot is already in a newer state (<see cref="SlotTable.LastLsn"/>). False if the record
    /// is of no format that this version knows.
    /// </summary>
    internal bool Apply(ulong lsn, ReadOnlySpan<byte> record)
    {
        var effect = new EffectReader(record);
        if (effect.IsClearAll)
        {
            ClearBefore(lsn);
            return true;
        }

        if (effect.Failed)
        {
            return false;
        }

        var table = Table(effect.Slot);
        if (table.LastLsn >= lsn)
        {
            return true;
        }

        while (effect.Next())
        {
            if (!table.Apply(ref effect))
            {
                return false;
            }
        }

        table.LastLsn = lsn;
        return !effect.Failed;
    }

    private void Clear(SlotTable[] tables)
    {
        _flushes++;
        var lsn = Log?.Enter() ?? 0;
        Log?.Effects.ClearAll();
        foreach (var table in tables)
        {
            table.Clear();
            table.LastLsn = lsn;
        }

        Log?.Exit();
    }

    private void ClearBefore(ulong lsn)
    {
        foreach (var table in _tables)
        {
            if (table is not null && table.LastLsn < lsn)
            {
                table.Clear();
                table.LastLsn = lsn;
            }
        }
    }

    internal void CountChanged(int slot, int delta) => _counts.Add(slot, delta);

    private SlotTable CreateTable(int slot)
    {
        var created = new SlotTable(this, slot);
        if (Interlocked.CompareExchange(ref _tables[slot], created, null) is { } other)
        {
            return other;
        }

        Interlocked.Increment(ref _tableCount);
        return created;
    }

    /// <summary>Read without locks: each number is right, their sum is of no single instant.</summary>
    private long Sum(Func<SlotTable, long> of)
    {
        var sum = 0L;
        foreach (var table in _tables)
        {
            sum += table is null ? 0 : of(table);
        }

        return sum;
    }
}

using Trefoil.KeyValue.Effects;
using Trefoil.KeyValue.Values;
using Trefoil.Primitives;

namespace Trefoil.KeyValue.Store;

/// <summary>Keys that go because memory is full.</summary>
public sealed partial class SlotTable
{
    /// <summary>Keys removed to make room.</summary>
    public long EvictedCount { get; private set; }

    /// <summary>Accesses leave no trace: CLIENT NO-TOUCH. Set by whoever holds the lock before it runs a command.</summary>
    internal bool IsUntouched { get; set; }

    /// <summary>Offers up to <paramref name="count"/> keys, drawn at random, as candidates; returns how many it looked at.</summary>
    internal int Sample(EvictionPolicy policy, int count, Prng random, EvictionPool pool)
    {
        if (policy.IsVolatile())
        {
            return SampleExpiring(policy, count, random, pool);
        }

        if (_index.Count == 0 || IsQuiet)
        {
            return 0;
        }

        // Neighbours in a page are as random as any: pages are sorted by hash.
        var page = _index.RandomPage(random);
        var position = random.Below(page.Count);
        var looked = Math.Min(count, page.Count);
        for (var i = 0; i < looked; i++)
        {
            Offer(policy, page.Hashes[position], page.Entries[position]!, pool);
            position = position + 1 == page.Count ? 0 : position + 1;
        }

        return looked;
    }

    /// <summary>Removes the key of a candidate, as a recorded removal; false if it is gone, or has been used since and another one is better.</summary>
    internal bool Evict(EvictionPolicy policy, EvictionPool.Candidate candidate, long nextBest)
    {
        var found = _index.FindFirst(candidate.Hash);
        if (!found.Found || _owner.IsFollowing || IsQuiet)
        {
            return false;
        }

        if (policy.IsVolatile() && KeyedValue.ExpiryOf(found.Entry) == KeyedValue.NoExpiry)
        {
            return false;
        }

        var score = ScoreOf(policy, found.Entry);
        if (score < candidate.Score && score < nextBest)
        {
            return false;
        }

        Evict(found);
        return true;
    }

    /// <summary>Removes a key drawn at random; false if there is none, or none may go.</summary>
    internal bool EvictAny(EvictionPolicy policy, Prng random)
    {
        if (_owner.IsFollowing || IsQuiet)
        {
            return false;
        }

        if (!policy.IsVolatile())
        {
            if (_index.Count == 0)
            {
                return false;
            }

            var page = _index.RandomPage(random);
            Evict(new HashIndex.Location(page, random.Below(page.Count)));
            return true;
        }

        var found = RandomExpiring(random);
        if (found.Found)
        {
            Evict(found);
        }

        return found.Found;
    }

    /// <summary>Gives the key this access clock, whatever its last use was (RESTORE with IDLETIME or FREQ).</summary>
    internal void SetClock(ReadOnlySpan<byte> key, uint clock)
    {
        var found = _index.Find(KeyHash.Of(key), key);
        if (found.Found)
        {
            KeyedValue.SetClock(found.Entry, clock);
        }
    }

    /// <summary>Every key counts as if it had been made now.</summary>
    internal void RestartClocks()
    {
        var entries = new List<object>(Count);
        _index.Collect(0, int.MaxValue, entries);
        entries.ForEach(entry => KeyedValue.SetClock(entry, _owner.Clock.Initial));
    }

    /// <summary>Heap bytes of a key, its value, its place in the index and its time; 0 if there is no such key. No use of it, no hit, no miss.</summary>
    internal long BytesOf(ReadOnlySpan<byte> key, long nowMs)
    {
        var found = Locate(KeyHash.Of(key), key, nowMs);
        return !found.Found ? 0
            : KeyedValue.BytesOf(found.Entry) + HashPage.PositionSize + (KeyedValue.ExpiryOf(found.Entry) == KeyedValue.NoExpiry ? 0 : ExpiryQueue.PlaceSize);
    }

    private void Touch(object entry)
    {
        if (!IsUntouched)
        {
            _owner.Clock.Touch(entry);
        }
    }

    /// <summary>A value is about to take the place of another: a use of the key, unless that was counted when it was looked up.</summary>
    private void Overwriting(HashIndex.Location found, bool looked)
    {
        if (found.Found && !looked)
        {
            Touch(found.Entry);
        }
    }

    private int SampleExpiring(EvictionPolicy policy, int count, Prng random, EvictionPool pool)
    {
        // A slot with one such key is one sample, however often it is drawn.
        count = IsQuiet ? 0 : Math.Min(count, ExpiringCount);
        var looked = 0;
        for (var i = 0; i < count && RandomExpiring(random) is { Found: true } found; i++)
        {
            Offer(policy, found.Page!.Hashes[found.Position], found.Entry, pool);
            looked++;
        }

        return looked;
    }

    /// <summary>
    /// A key with an expiry. Places in the queue may be stale, but outnumber the others at most two to one (and 64): drawing again soon
    /// finds one that is not.
    /// </summary>
    private HashIndex.Location RandomExpiring(Prng random)
    {
        if (_expiries is null || ExpiringCount == 0)
        {
            return default;
        }

        for (var attempt = 0; attempt < 3 * ExpiryQueue.SmallestRebuild; attempt++)
        {
            var found = _index.FindFirst(_expiries.HashAt(random.Below(_expiries.Count)));
            if (found.Found && KeyedValue.ExpiryOf(found.Entry) != KeyedValue.NoExpiry)
            {
                return found;
            }
        }

        return default;
    }

    private void Offer(EvictionPolicy policy, uint hash, object entry, EvictionPool pool) =>
        pool.Offer(new EvictionPool.Candidate(ScoreOf(policy, entry), _slot, hash));

    private long ScoreOf(EvictionPolicy policy, object entry) => policy switch
    {
        EvictionPolicy.VolatileTtl => KeyedValue.NoExpiry - KeyedValue.ExpiryOf(entry),
        EvictionPolicy.AllKeysLfu or EvictionPolicy.VolatileLfu => byte.MaxValue - _owner.Clock.Frequency(KeyedValue.ClockOf(entry)),
        _ => _owner.Clock.IdleSeconds(KeyedValue.ClockOf(entry)),
    };

    private void Evict(HashIndex.Location found)
    {
        EvictedCount++;
        Record(EffectKind.Remove, KeyedValue.KeyOf(found.Entry));
        Take(found);
    }
}

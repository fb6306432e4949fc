using Trefoil.KeyValue.Effects;
using Trefoil.KeyValue.Values;

namespace Trefoil.KeyValue.Store;

/// <summary>When keys of this slot expire. A slot without expiries has no queue and is never visited by the cycle.</summary>
public sealed partial class SlotTable
{
    private ExpiryQueue? _expiries;

    /// <summary>Keys that have an expiry.</summary>
    public int ExpiringCount
    {
        get;
        private set
        {
            if (value != field)
            {
                _owner.ExpiringChanged(_slot, value - field);
                field = value;
            }
        }
    }

    /// <summary>Places in the queue, stale ones included; 0 without a queue.</summary>
    internal int QueuedExpiries => _expiries?.Count ?? 0;

    /// <summary>Keys removed because their time had come.</summary>
    public long ExpiredCount { get; private set; }

    /// <summary>Sets or, with <see cref="KeyedValue.NoExpiry"/>, takes away the expiry of a key; false if there is no such key.</summary>
    internal bool SetExpiry(ReadOnlySpan<byte> key, long expireAtMs, long nowMs)
    {
        var hash = KeyHash.Of(key);
        var found = Locate(hash, key, nowMs);
        if (!found.Found)
        {
            return false;
        }

        Record(EffectKind.SetExpiry, key, expireAtMs);
        if (found.Entry is KeyedValue value)
        {
            var before = value.ExpireAtMs;
            value.ExpireAtMs = expireAtMs;
            ExpiryChanged(hash, before, expireAtMs);
            return true;
        }

        var entry = (byte[])found.Entry;
        var old = StringEntry.ExpiryOf(entry);
        if (StringEntry.TryOverwriteExpiry(entry, expireAtMs))
        {
            ExpiryChanged(hash, old, expireAtMs);
        }
        else if (old != expireAtMs)
        {
            Put(hash, found, StringEntry.With(entry, StringEntry.KeyOf(entry), expireAtMs));
        }

        return true;
    }

    /// <summary>Removes keys whose time has come, the earliest first, <paramref name="limit"/> at most; returns how many.</summary>
    internal int RemoveExpired(long nowMs, int limit)
    {
        if (_owner.IsFollowing || IsQuiet)
        {
            return 0;
        }

        var removed = 0;
        var candidates = new List<object>(1);
        while (removed < limit && _expiries is not null && _expiries.NextMs <= nowMs)
        {
            candidates.Clear();
            _index.CollectEqual(_expiries.Dequeue(), candidates);
            foreach (var entry in candidates)
            {
                if (KeyedValue.ExpiryOf(entry) <= nowMs)
                {
                    var key = KeyedValue.KeyOf(entry);
                    Expire(_index.Find(KeyHash.Of(key), key));
                    removed++;
                }
            }
        }

        _owner.NextExpiryChanged(_slot, _expiries?.NextMs ?? KeyedValue.NoExpiry);
        return removed;
    }

    private void Expire(HashIndex.Location found)
    {
        ExpiredCount++;
        Record(EffectKind.Remove, KeyedValue.KeyOf(found.Entry));
        Take(found);
    }

    private void ExpiryChanged(uint hash, long before, long after)
    {
        if (before == after)
        {
            return;
        }

        ExpiringCount += (before == KeyedValue.NoExpiry ? 1 : 0) - (after == KeyedValue.NoExpiry ? 1 : 0);
        if (after != KeyedValue.NoExpiry)
        {
            var bytes = _expiries?.Bytes ?? 0;
            _expiries ??= new ExpiryQueue();
            _expiries.Enqueue(after, hash);
            DropStaleExpiries();
            Bytes += _expiries.Bytes - bytes;
            _owner.NextExpiryChanged(_slot, _expiries.NextMs);
        }
        else if (ExpiringCount == 0)
        {
            ForgetExpiries();
        }
    }

    private void ExpiryGone(long expireAtMs)
    {
        if (expireAtMs != KeyedValue.NoExpiry && --ExpiringCount == 0)
        {
            ForgetExpiries();
        }
    }

    private void ForgetExpiries()
    {
        ExpiringCount = 0;
        if (_expiries is not null)
        {
            Bytes -= _expiries.Bytes;
            _expiries = null;
            _owner.NextExpiryChanged(_slot, KeyedValue.NoExpiry);
        }
    }

    /// <summary>
    /// The queue keeps a place for every expiry ever set until its time comes. When places that no longer mean anything outnumber the
    /// others it is built anew, so that a key whose expiry is renewed for ever costs two places, not one per renewal.
    /// </summary>
    private void DropStaleExpiries()
    {
        if (_expiries!.Count <= ExpiryQueue.SmallestRebuild + (2 * ExpiringCount))
        {
            return;
        }

        var entries = new List<object>(_index.Count);
        _index.Collect(0, int.MaxValue, entries);
        var fresh = new ExpiryQueue();
        foreach (var entry in entries)
        {
            var at = KeyedValue.ExpiryOf(entry);
            if (at != KeyedValue.NoExpiry)
            {
                fresh.Enqueue(at, KeyHash.Of(KeyedValue.KeyOf(entry)));
            }
        }

        _expiries = fresh;
    }
}

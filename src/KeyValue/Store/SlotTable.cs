using Trefoil.KeyValue.Effects;
using Trefoil.KeyValue.Values;

namespace Trefoil.KeyValue.Store;

/// <summary>The keys of one slot: the unit of locking, counting, accounting and scanning.</summary>
/// <remarks>
/// The object is its own lock: whoever calls a member other than the counts holds it. Every change of contents passes through
/// <see cref="SetString"/>, <see cref="SetInteger"/>, <see cref="WriteRange"/>, the mutators of hashes, lists, sets and sorted sets,
/// <see cref="SetExpiry"/>, <see cref="Remove"/>, the expiries and <see cref="Clear"/>. Each is an effect (what became true, not
/// what was asked for), so each can become one log record.
/// </remarks>
public sealed partial class SlotTable
{
    private readonly Keyspace _owner;
    private readonly int _slot;
    private HashIndex _index;

    internal SlotTable(Keyspace owner, int slot)
    {
        _owner = owner;
        _slot = slot;
    }

    /// <summary>Number of keys, expired ones that nobody met yet included.</summary>
    public int Count => _index.Count;

    /// <summary>Heap bytes of this object.</summary>
    internal const int ObjectSize = 152;

    /// <summary>Heap bytes of keys, values, the index and the queue of expiries: all that goes when the keys go.</summary>
    public long Bytes
    {
        get;
        private set
        {
            if (value != field)
            {
                _owner.BytesChanged(value - field);
                field = value;
            }
        }
    }

    /// <summary>Lookups by read commands that found their key.</summary>
    public long Hits { get; private set; }

    /// <summary>Lookups by read commands that did not.</summary>
    public long Misses { get; private set; }

    /// <summary>Looks a key up for a command that changes it or asks about it; an expired key is removed first.</summary>
    internal KeyEntry Find(ReadOnlySpan<byte> key, long nowMs)
    {
        var found = Locate(KeyHash.Of(key), key, nowMs);
        if (!found.Found)
        {
            return default;
        }

        var entry = found.Entry;
        Touch(entry);
        return new KeyEntry(entry);
    }

    /// <summary>Whether there is such a key; an expired one is removed and counts as absent.</summary>
    internal bool Contains(ReadOnlySpan<byte> key, long nowMs) => Locate(KeyHash.Of(key), key, nowMs).Found;

    /// <summary>As <see cref="Find"/>, counted as a hit or miss: for commands that read values.</summary>
    internal KeyEntry Read(ReadOnlySpan<byte> key, long nowMs)
    {
        var entry = Find(key, nowMs);
        Tally(entry.Exists);
        return entry;
    }

    /// <summary>As <see cref="Read"/>, but no use of the key: for commands that ask about it (TTL, TYPE, EXISTS, OBJECT).</summary>
    internal KeyEntry Peek(ReadOnlySpan<byte> key, long nowMs)
    {
        var found = Locate(KeyHash.Of(key), key, nowMs);
        Tally(found.Found);
        return found.Found ? new KeyEntry(found.Entry) : default;
    }

    /// <summary>As <see cref="Find"/>, but no use of the key: for a command that has counted its use already, and for DEBUG.</summary>
    internal KeyEntry Look(ReadOnlySpan<byte> key, long nowMs)
    {
        var found = Locate(KeyHash.Of(key), key, nowMs);
        return found.Found ? new KeyEntry(found.Entry) : default;
    }

    /// <summary>Makes the key hold this string, whatever it held; <see cref="KeyedValue.NoExpiry"/> for no expiry.</summary>
    /// <remarks><paramref name="looked"/>: the command has looked the key up before and so counted its use.</remarks>
    internal void SetString(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, long expireAtMs, bool looked = false)
    {
        if (IntegerText.TryParse(value, out var integer))
        {
            SetInteger(key, integer, expireAtMs, looked);
            return;
        }

        Record(EffectKind.SetString, key, expireAtMs, value);
        var hash = KeyHash.Of(key);
        var found = _index.Find(hash, key);
        Overwriting(found, looked);
        if (found.Found && found.Entry is byte[] entry)
        {
            var before = StringEntry.ExpiryOf(entry);
            if (StringEntry.TryOverwrite(entry, value, expireAtMs))
            {
                ExpiryChanged(hash, before, expireAtMs);
                return;
            }
        }

        Put(hash, found, StringEntry.Create(key, value, expireAtMs));
    }

    /// <summary>Makes the key hold this integer, kept as eight bytes.</summary>
    internal void SetInteger(ReadOnlySpan<byte> key, long value, long expireAtMs, bool looked = false)
    {
        Record(EffectKind.SetInteger, key, expireAtMs, value);
        var hash = KeyHash.Of(key);
        var found = _index.Find(hash, key);
        Overwriting(found, looked);
        if (found.Found && found.Entry is byte[] entry && StringEntry.IsInteger(entry) && StringEntry.ExpiryOf(entry) == expireAtMs)
        {
            StringEntry.Overwrite(entry, value);
            return;
        }

        Put(hash, found, StringEntry.Create(key, value, expireAtMs));
    }

    /// <summary>
    /// Adds <paramref name="delta"/> to the integer that the key holds (0 if it does not exist); its expiry stays.
    /// One lookup, because counters are a reason to use a cache at all.
    /// </summary>
    internal IncrementOutcome Increment(ReadOnlySpan<byte> key, long delta, long nowMs, out long result)
    {
        result = 0;
        var hash = KeyHash.Of(key);
        var found = Locate(hash, key, nowMs);
        if (!found.Found)
        {
            result = delta;
            Record(EffectKind.SetInteger, key, KeyedValue.NoExpiry, result);
            Put(hash, found, StringEntry.Create(key, delta, KeyedValue.NoExpiry));
            return IncrementOutcome.Done;
        }

        if (found.Entry is not byte[] entry)
        {
            return IncrementOutcome.WrongType;
        }

        Touch(entry);
        long before;
        var isInteger = StringEntry.IsInteger(entry);
        if (isInteger)
        {
            before = StringEntry.IntegerOf(entry);
        }
        else if (!IntegerText.TryParse(StringEntry.ValueOf(entry), out before))
        {
            return IncrementOutcome.NotInteger;
        }

        result = unchecked(before + delta);
        if (((before ^ result) & (delta ^ result)) < 0)
        {
            return IncrementOutcome.Overflow;
        }

        Record(EffectKind.SetInteger, key, StringEntry.ExpiryOf(entry), result);
        if (isInteger)
        {
            StringEntry.Overwrite(entry, result);
        }
        else
        {
            Put(hash, found, StringEntry.Create(key, result, StringEntry.ExpiryOf(entry)));
        }

        return IncrementOutcome.Done;
    }

    /// <summary>
    /// Writes <paramref name="bytes"/> at <paramref name="offset"/> of the string, which grows with zero bytes as needed and is created if
    /// the key does not exist; its expiry stays. The key holds a string or nothing. Returns the new length.
    /// </summary>
    internal int WriteRange(ReadOnlySpan<byte> key, int offset, ReadOnlySpan<byte> bytes, long nowMs)
    {
        var hash = KeyHash.Of(key);
        var found = Locate(hash, key, nowMs);
        Span<byte> digits = stackalloc byte[IntegerText.MaxLength];
        var before = new KeyEntry(found.Found ? found.Entry : null);
        var old = before.Exists ? before.Text(digits) : default;
        var length = Math.Max(old.Length, offset + bytes.Length);

        var entry = found.Found ? (byte[])found.Entry : null;
        var inPlace = entry is not null && !before.IsInteger && (length == old.Length || StringEntry.TryGrow(entry, length));
        if (!inPlace)
        {
            // The first write makes an exact value, as most strings are written once; only a value that grows again gets slack.
            entry = found.Found
                ? StringEntry.CreateGrowing(key, length, before.ExpireAtMs)
                : StringEntry.CreateZeroed(key, length, before.ExpireAtMs);
            old.CopyTo(StringEntry.ValueOf(entry));
            Put(hash, found, entry);
        }

        StringEntry.MarkInParts(entry!);
        bytes.CopyTo(StringEntry.ValueOf(entry!)[offset..]);
        Record(EffectKind.WriteRange, key, offset, bytes);
        return length;
    }

    /// <summary>Removes a key; false if there was none (an expired one counts as none).</summary>
    internal bool Remove(ReadOnlySpan<byte> key, long nowMs)
    {
        var found = Locate(KeyHash.Of(key), key, nowMs);
        if (!found.Found)
        {
            return false;
        }

        Record(EffectKind.Remove, key);
        Take(found);
        return true;
    }

    /// <summary>Removes all keys. Their memory is the collector's: nothing is walked here.</summary>
    internal void Clear()
    {
        if (_watches is not null)
        {
            BreakWatches();
        }

        _owner.CountChanged(_slot, -_index.Count);
        _index = default;
        ForgetExpiries();
        Bytes = 0;
    }

    private HashIndex.Location Locate(uint hash, ReadOnlySpan<byte> key, long nowMs)
    {
        var found = _index.Find(hash, key);
        if (found.Found && KeyedValue.ExpiryOf(found.Entry) <= nowMs)
        {
            // On a replica it hides until its primary says that it is gone, and so it does while the slot changes its owner.
            if (!_owner.IsFollowing && !IsQuiet)
            {
                Expire(found);
            }

            return default;
        }

        return found;
    }

    /// <summary>Inserts the entry, or puts it in the place of the one that was found.</summary>
    private void Put(uint hash, HashIndex.Location found, object entry)
    {
        var before = KeyedValue.NoExpiry;
        var clock = _owner.Clock;
        if (found.Found)
        {
            before = KeyedValue.ExpiryOf(found.Entry);
            Bytes += KeyedValue.BytesOf(entry) - KeyedValue.BytesOf(found.Entry);
            KeyedValue.SetClock(entry, clock.CountsAccesses ? KeyedValue.ClockOf(found.Entry) : clock.Initial);
            found.Entry = entry;
        }
        else
        {
            var index = _index.Bytes;
            _index.Insert(hash, entry);
            Bytes += KeyedValue.BytesOf(entry) + _index.Bytes - index;
            KeyedValue.SetClock(entry, clock.Initial);
            _owner.CountChanged(_slot, 1);
        }

        ExpiryChanged(hash, before, KeyedValue.ExpiryOf(entry));
    }

    private void Take(HashIndex.Location found)
    {
        var entry = found.Entry;
        var index = _index.Bytes;
        _index.Remove(found);
        Bytes -= KeyedValue.BytesOf(entry) + index - _index.Bytes;
        _owner.CountChanged(_slot, -1);
        ExpiryGone(KeyedValue.ExpiryOf(entry));
    }

    private void Tally(bool found)
    {
        if (found)
        {
            Hits++;
        }
        else
        {
            Misses++;
        }
    }
}

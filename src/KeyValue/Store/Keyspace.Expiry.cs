using Trefoil.KeyValue.Values;
using Trefoil.Primitives;

namespace Trefoil.KeyValue.Store;

/// <summary>The active half of expiry: removing keys that nobody asks for any more.</summary>
public sealed partial class Keyspace
{
    /// <summary>Keys removed per turn at a slot's lock, so that a slot full of expired keys delays its clients by microseconds.</summary>
    private const int ExpiredPerTurn = 64;

    private readonly long[] _nextExpiries = NoExpiries();
    private int _expirySlot;

    /// <summary>
    /// Removes keys whose expiry is at or before <paramref name="nowMs"/> (unix milliseconds) until none is left or
    /// <paramref name="budget"/> is spent by <paramref name="time"/> (the machine's own unless given); goes on next time where it stopped. One caller
    /// at a time. Returns how many it removed.
    /// </summary>
    public int ExpireCycle(long nowMs, TimeSpan budget, TimeProvider? time = null)
    {
        time ??= TimeProvider.System;
        var start = time.GetTimestamp();
        var removed = 0;
        if (IsFollowing)
        {
            return 0;
        }

        for (var visited = 0; visited < HashSlot.Count; visited++)
        {
            // Where nothing can expire, which is in most places of most nodes, ten times a second should cost nothing.
            if (_expiring.ZerosFrom(_expirySlot) is var zeros and > 0)
            {
                _expirySlot = (_expirySlot + zeros) % HashSlot.Count;
                visited += zeros - 1;
                continue;
            }

            while (Volatile.Read(ref _nextExpiries[_expirySlot]) <= nowMs)
            {
                var table = Table(_expirySlot);
                int gone;
                lock (table)
                {
                    gone = table.RemoveExpired(nowMs, ExpiredPerTurn);
                }

                removed += gone;
                if (IsFollowing || time.GetElapsedTime(start) >= budget)
                {
                    return removed;
                }

                if (table.IsHeld || IsHidden(_expirySlot))
                {
                    break;
                }
            }

            _expirySlot = (_expirySlot + 1) % HashSlot.Count;
        }

        return removed;
    }

    internal void NextExpiryChanged(int slot, long atMs) => Volatile.Write(ref _nextExpiries[slot], atMs);

    private static long[] NoExpiries()
    {
        var times = new long[HashSlot.Count];
        Array.Fill(times, KeyedValue.NoExpiry);
        return times;
    }
}

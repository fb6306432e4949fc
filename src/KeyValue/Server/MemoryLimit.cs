using System.Diagnostics;
using Trefoil.KeyValue.Diagnostics;
using Trefoil.KeyValue.Store;

namespace Trefoil.KeyValue.Server;

/// <summary>Keeps what is stored within <c>maxmemory</c>: removes keys as the policy says, or has growing commands refused.</summary>
/// <remarks>
/// What counts is accounted, not asked of the collector: keys, values, their indexes and tables (exact, adjusted by every change), buffers of
/// clients (looked at once a second). The collector's own room (garbage not collected yet, holes) is no part of it: nobody could evict that.
/// While memory suffices a command pays one comparison.
/// </remarks>
internal sealed class MemoryLimit(KeyValueServer server)
{
    /// <summary>Keys removed between two looks at the clock.</summary>
    private const int KeysPerLook = 16;

    private const int BufferLookMs = 1000;

    private static readonly TimeSpan TickBudget = TimeSpan.FromMilliseconds(5);

    private long _bufferBytes;
    private long _buffersLookedMs;
    private long _exceededSince;

    /// <summary>Bytes that count.</summary>
    public long Used => server.Store.Bytes + server.Store.OverheadBytes + Volatile.Read(ref _bufferBytes);

    /// <summary>Buffers of clients, as of the last look.</summary>
    public long BufferBytes => Volatile.Read(ref _bufferBytes);

    /// <summary>Most bytes that a tick has seen.</summary>
    public long Peak { get; private set; }

    /// <summary>More is used than there may be.</summary>
    public bool IsExceeded => server.Settings.MaxMemory > 0 && Used > server.Settings.MaxMemory;

    /// <summary>Milliseconds during which the limit has been exceeded, since start.</summary>
    public long ExceededMs { get; private set; }

    /// <summary>Milliseconds since the limit was last kept; 0 while it is.</summary>
    public long ExceededForMs => _exceededSince == 0 ? 0 : (long)Stopwatch.GetElapsedTime(_exceededSince).TotalMilliseconds;

    /// <summary>Removes keys until the limit is kept, or there was no more time. False if it is not kept and nothing more can go.</summary>
    /// <remarks>
    /// At a shut gate nothing is evicted, on a replica by nobody but its primary; what would grow is parked. Frozen slots keep their keys for the moment
    /// that they are: if nothing else can go, the limit waits for them.
    /// </remarks>
    public bool TryMakeRoom() =>
        !server.Gate.MayRun || TryMakeRoom(CommandBudget(server.Settings.EvictionTenacity)) || (CanEvict && server.Holds.AnyFrozen);

    /// <summary>For whoever is no client and has time: false if too much is used and nothing more can go.</summary>
    public bool TryMakeAllRoom()
    {
        while (IsExceeded)
        {
            if (!TryMakeRoom(TickBudget))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>About ten times a second.</summary>
    public void Tick(long nowMs)
    {
        if (nowMs - _buffersLookedMs >= BufferLookMs)
        {
            _buffersLookedMs = nowMs;
            Volatile.Write(ref _bufferBytes, server.Clients.All.Sum(client => (long)client.QueryCapacity + client.Output.Capacity));
        }

        if (IsExceeded)
        {
            _ = !server.Gate.MayRun || TryMakeRoom(TickBudget);
        }
        else
        {
            Kept();
        }

        Peak = Math.Max(Peak, Used);
    }

    /// <summary>Begins anew what CONFIG RESETSTAT resets.</summary>
    public void ResetStatistics() => ExceededMs = 0;

    private bool CanEvict => server.Settings.MaxMemoryPolicy != EvictionPolicy.NoEviction;

    /// <summary>Redis' scale: linear to half a millisecond, then 15 % more with each step. What is missing at its end is left to the next ones and the tick.</summary>
    private static TimeSpan CommandBudget(int tenacity) => tenacity switch
    {
        <= 10 => TimeSpan.FromMicroseconds(50 * tenacity),
        < 100 => TimeSpan.FromMicroseconds(500 * Math.Pow(1.15, tenacity - 10)),
        _ => TimeSpan.MaxValue,
    };

    private bool TryMakeRoom(TimeSpan budget)
    {
        var settings = server.Settings;
        if (_exceededSince == 0)
        {
            _exceededSince = Stopwatch.GetTimestamp();
        }

        if (!CanEvict)
        {
            return false;
        }

        var start = Stopwatch.GetTimestamp();
        var ran = Evict(settings, start, budget);
        if (server.Latency.ThresholdMs > 0)
        {
            server.Latency.Observe(LatencyMonitor.EvictionCycle, (long)Stopwatch.GetElapsedTime(start).TotalMilliseconds, server.NowMs);
        }

        return ran;
    }

    private bool Evict(ServerSettings settings, long start, TimeSpan budget)
    {
        for (var removed = 1; server.Store.EvictOne(settings.MaxMemoryPolicy, settings.MaxMemorySamples); removed++)
        {
            if (!IsExceeded)
            {
                Kept();
                return true;
            }

            if (removed % KeysPerLook == 0 && Stopwatch.GetElapsedTime(start) >= budget)
            {
                return true;
            }
        }

        return false;
    }

    private void Kept()
    {
        if (_exceededSince != 0)
        {
            ExceededMs += ExceededForMs;
            _exceededSince = 0;
        }
    }
}

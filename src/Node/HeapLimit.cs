using Microsoft.Extensions.Logging;

namespace Trefoil.Node;

/// <summary>Tells the collector how large the heap may become, from <c>maxmemory</c>.</summary>
/// <remarks>
/// What is accounted is live data; the heap also holds garbage and holes. Left alone the collector takes what the machine has, so a node with a
/// maxmemory of half of it could still drive the machine into swapping. The limit is half as much again as maxmemory, for garbage and
/// holes, and one gibibyte for what passes through (the largest request is 512 MiB, and stands in a buffer and in its entry). Near
/// the limit the collector works harder; it is never one that data alone can reach. .NET's environment variables are read before the process
/// knows its configuration, hence <see cref="GC.RefreshMemoryLimit"/>. A limit of the machine or container that is lower stays.
/// </remarks>
internal sealed class HeapLimit(ILogger log)
{
    private const long Passing = 1L << 30;
    private readonly long _machine = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
    private bool _isSet;

    /// <summary>Bytes of heap for this <c>maxmemory</c>; 0: no limit.</summary>
    public static long For(long maxMemory) => maxMemory <= 0 ? 0 : maxMemory > (long.MaxValue - Passing) / 3 * 2 ? long.MaxValue : maxMemory + (maxMemory / 2) + Passing;

    public void Apply(long maxMemory)
    {
        var bytes = For(maxMemory);
        if (bytes == 0 || bytes >= _machine)
        {
            bytes = 0;
        }

        if (bytes == 0 && !_isSet)
        {
            return;
        }

        if (!TryRefresh(bytes))
        {
            // More is committed than that: give back what is garbage, and try once more.
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            if (!TryRefresh(bytes))
            {
                NodeLog.HeapLimitRefused(log, bytes >> 20, GC.GetGCMemoryInfo().TotalCommittedBytes >> 20);
                return;
            }
        }

        _isSet = bytes > 0;
        NodeLog.HeapLimited(log, bytes >> 20);
    }

    private static bool TryRefresh(long bytes)
    {
        try
        {
            AppContext.SetData("GCHeapHardLimit", (ulong)bytes);
            GC.RefreshMemoryLimit();
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}

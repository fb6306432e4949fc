using Trefoil.KeyValue.Diagnostics;

namespace Trefoil.KeyValue.Commands;

/// <summary>What one command did so far, for INFO commandstats. Written by the I/O thread; readers may see it a moment late.</summary>
internal sealed class CommandStatistics
{
    /// <summary>Calls that ran.</summary>
    public long Calls { get; private set; }

    /// <summary>Ticks of <see cref="TimeProvider.GetTimestamp"/> spent in them.</summary>
    public long Ticks { get; private set; }

    /// <summary>Refused before they ran (arity, redirect, authentication).</summary>
    public long Rejected { get; set; }

    /// <summary>Ran and answered with an error.</summary>
    public long Failed { get; set; }

    /// <summary>How long calls took, once one was recorded.</summary>
    public LatencyHistogram? Latencies { get; private set; }

    /// <summary>Counts a call of this many ticks.</summary>
    public void Ran(long ticks, long nanosecondsPerTick)
    {
        Calls++;
        Ticks += ticks;
        if (nanosecondsPerTick > 0)
        {
            (Latencies ??= new LatencyHistogram()).Record(ticks * nanosecondsPerTick);
        }
    }

    public void Reset()
    {
        Calls = Ticks = Rejected = Failed = 0;
        Latencies = null;
    }
}

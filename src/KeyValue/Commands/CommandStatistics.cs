namespace Trefoil.KeyValue.Commands;

/// <summary>What one command did so far, for INFO commandstats. Written by the I/O thread; readers may see it a moment late.</summary>
internal sealed class CommandStatistics
{
    /// <summary>Calls that ran.</summary>
    public long Calls { get; set; }

    /// <summary>Ticks of <see cref="TimeProvider.GetTimestamp"/> spent in them.</summary>
    public long Ticks { get; set; }

    /// <summary>Refused before they ran (arity, redirect, authentication).</summary>
    public long Rejected { get; set; }

    /// <summary>Ran and answered with an error.</summary>
    public long Failed { get; set; }

    public void Reset() => Calls = Ticks = Rejected = Failed = 0;
}

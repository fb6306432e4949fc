using Trefoil.KeyValue.Replication;

namespace Trefoil.Node.Replicas;

/// <summary>The clock of leases as a time provider: what the control thread counts by, so that leases and gate speak of the same ticks.</summary>
internal sealed class BootTime : TimeProvider
{
    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <inheritdoc/>
    public override long GetTimestamp() => ServingGate.BootTicks();
}

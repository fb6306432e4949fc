#pragma warning disable RS0030 // This is where time comes from: it asks nobody else's.
namespace Trefoil.Simulator.Keys;

/// <summary>The clocks of one simulated machine, as the key-value engine asks for them.</summary>
/// <param name="now">Time since the machine's beginning; never goes back.</param>
/// <param name="wallMs">Milliseconds since 1970 as the machine believes.</param>
/// <remarks>No timer ever fires: the simulator calls what is due, and a command that would wait for one has no place in it.</remarks>
internal sealed class MachineTime(Func<TimeSpan> now, Func<long> wallMs) : TimeProvider
{
    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <inheritdoc/>
    public override long GetTimestamp() => now().Ticks;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeMilliseconds(wallMs());

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => new NoTimer();

    private sealed class NoTimer : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => default;
    }
}

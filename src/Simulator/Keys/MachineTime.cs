#pragma warning disable RS0030 // This is where time comes from: it asks nobody else's.
namespace Trefoil.Simulator.Keys;

/// <summary>The clocks of one simulated machine, as the key-value engine asks for them.</summary>
/// <param name="now">Time since the machine's beginning; never goes back.</param>
/// <param name="wallMs">Milliseconds since 1970 as the machine believes.</param>
/// <param name="later">Runs something after a delay, if the process still lives.</param>
internal sealed class MachineTime(Func<TimeSpan> now, Func<long> wallMs, Action<TimeSpan, Action> later) : TimeProvider
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
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new MachineTimer(later, () => callback(state), dueTime, period);

    /// <summary>Rings as an event of the world.</summary>
    private sealed class MachineTimer : ITimer
    {
        private readonly Action<TimeSpan, Action> _later;
        private readonly Action _ring;
        private int _winding;

        public MachineTimer(Action<TimeSpan, Action> later, Action ring, TimeSpan dueTime, TimeSpan period)
        {
            (_later, _ring) = (later, ring);
            Change(dueTime, period);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            var winding = ++_winding;
            if (dueTime >= TimeSpan.Zero)
            {
                _later(dueTime, () => Ring(winding, period));
            }

            return true;
        }

        public void Dispose() => _winding++;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }

        private void Ring(int winding, TimeSpan period)
        {
            if (winding == _winding)
            {
                if (period > TimeSpan.Zero)
                {
                    _later(period, () => Ring(winding, period));
                }

                _ring();
            }
        }
    }
}

using Trefoil.Primitives;

namespace Trefoil.Simulator;

/// <summary>What one machine believes of time. Nothing that a node decides may see the world's own.</summary>
/// <remarks>
/// <para>Two clocks, as in production: CLOCK_BOOTTIME, which began at some boot long before the run, runs a little fast or slow, and neither stops
/// nor goes back, whatever ends a process; and the wall clock, which besides is set, forwards and backwards, by people and by NTP.</para>
/// <para>Leases allow 10 % between two clocks (correctness.md, 3): with rates within ±<see cref="MaxDriftPpm"/> two differ by 8.4 % at most.</para>
/// </remarks>
internal sealed class SimulatedClock
{
    /// <summary>The most that a clock gains or loses, in millionths.</summary>
    public const int MaxDriftPpm = 40_000;

    private readonly Func<TimeSpan> _world;
    private readonly long _offset;
    private TimeSpan _wall;

    /// <summary>Draws a clock: since when it runs, by how much it is wrong, and how fast it becomes more so.</summary>
    /// <param name="world">The world's time, which only this class may ask for on a node's behalf.</param>
    /// <param name="plan">How wrong clocks are in this run.</param>
    /// <param name="random">Decides.</param>
    public SimulatedClock(Func<TimeSpan> world, FaultPlan plan, Prng random)
    {
        _world = world;
        _offset = random.Between(TimeSpan.FromSeconds(1), TimeSpan.FromDays(1000)).Ticks;
        _wall = random.Between(TimeSpan.Zero, plan.WallOffset * 2) - plan.WallOffset;
        var most = Math.Min(MaxDriftPpm, plan.ClockDriftPpm);
        DriftPpm = most == 0 ? 0 : random.Below((2 * most) + 1) - most;
    }

    /// <summary>By how much it is fast (or slow, below 0), in millionths.</summary>
    public int DriftPpm { get; }

    /// <summary>CLOCK_BOOTTIME of this machine.</summary>
    public TimeSpan Now => TimeSpan.FromTicks(LocalAt(_world().Ticks));

    /// <summary>Milliseconds since 1970, as this machine believes.</summary>
    public long WallMs => ((Simulation.WallClockStart * TimeSpan.TicksPerMillisecond) + Run(_world().Ticks) + _wall.Ticks) / TimeSpan.TicksPerMillisecond;

    /// <summary>The latest that <see cref="WallMs"/> has shown so far.</summary>
    public long HighestWallMs
    {
        get => Math.Max(field, WallMs);
        private set => field = Math.Max(field, value);
    }

    /// <summary>When this clock is there: the first tick of the world at which <see cref="Now"/> is not before it. What was before the run: zero.</summary>
    public TimeSpan WorldAt(TimeSpan local)
    {
        if (local == TimeSpan.MaxValue)
        {
            return local;
        }

        var run = local.Ticks - _offset;
        if (run <= 0)
        {
            return TimeSpan.Zero;
        }

        var ticks = DriftPpm == 0 ? run : (long)((Int128)run * 1_000_000 / (1_000_000 + DriftPpm));
        while (ticks > 0 && LocalAt(ticks - 1) >= local.Ticks)
        {
            ticks--;
        }

        while (LocalAt(ticks) < local.Ticks)
        {
            ticks++;
        }

        return TimeSpan.FromTicks(ticks);
    }

    /// <summary>Somebody sets the wall clock, by this much; CLOCK_BOOTTIME does not notice.</summary>
    public void Jump(TimeSpan by)
    {
        HighestWallMs = WallMs;
        _wall += by;
    }

    private long LocalAt(long world) => _offset + Run(world);

    private long Run(long world) => DriftPpm == 0 ? world : world + (long)((Int128)world * DriftPpm / 1_000_000);
}

using Trefoil.ControlPlane;
using Trefoil.Primitives;
using Trefoil.Simulator;
using Xunit;

namespace Trefoil.Unit.Simulator;

public sealed class SimulatedClockTests
{
    private static readonly FaultPlan Wrong = new()
    {
        Control = new ControlConfig(),
        ClockDriftPpm = SimulatedClock.MaxDriftPpm,
        WallOffset = TimeSpan.FromHours(1),
    };

    private TimeSpan _world;

    [Fact]
    public void A_time_of_the_clock_is_found_in_the_world_to_the_tick()
    {
        var random = new Prng(1);
        for (var i = 0; i < 1000; i++)
        {
            var clock = Draw(random);
            var at = random.Between(TimeSpan.Zero, TimeSpan.FromHours(1));
            _world = at;
            var local = clock.Now;
            var found = clock.WorldAt(local);

            _world = found;
            Assert.True(clock.Now >= local);
            _world = found - TimeSpan.FromTicks(1);
            Assert.True(found <= at && (found == TimeSpan.Zero || clock.Now < local));
        }
    }

    [Fact]
    public void Two_clocks_stay_within_what_leases_allow_and_yet_differ()
    {
        var random = new Prng(2);
        var lengths = Enumerable.Range(0, 200).Select(_ =>
        {
            var clock = Draw(random);
            _world = TimeSpan.Zero;
            var from = clock.Now;
            _world = TimeSpan.FromHours(1);
            return (clock.Now - from).TotalSeconds;
        }).ToList();

        Assert.InRange(lengths.Max() / lengths.Min(), 1.05, 1.09);
    }

    [Fact]
    public void The_wall_clock_jumps_and_the_other_does_not()
    {
        var clock = Draw(new Prng(3));
        _world = TimeSpan.FromSeconds(10);
        var (now, wall) = (clock.Now, clock.WallMs);

        clock.Jump(TimeSpan.FromHours(-2));

        Assert.Equal(now, clock.Now);
        Assert.Equal(wall - 7_200_000, clock.WallMs);
    }

    [Fact]
    public void What_never_comes_never_comes_in_the_world_either() =>
        Assert.Equal(TimeSpan.MaxValue, Draw(new Prng(4)).WorldAt(TimeSpan.MaxValue));

    private SimulatedClock Draw(Prng random) => new(() => _world, Wrong, random);
}

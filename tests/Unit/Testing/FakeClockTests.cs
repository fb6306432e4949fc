using Xunit;

namespace Trefoil.Unit.Testing;

public sealed class FakeClockTests
{
    [Fact]
    public void Timers_fire_in_order_and_each_at_its_own_moment()
    {
        var clock = new FakeClock();
        var fired = new List<string>();
        using var late = clock.CreateTimer(_ => fired.Add($"late {clock.Elapsed.TotalSeconds}"), null, TimeSpan.FromSeconds(5), Timeout.InfiniteTimeSpan);
        using var often = clock.CreateTimer(_ => fired.Add($"often {clock.Elapsed.TotalSeconds}"), null, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(2));

        clock.Advance(TimeSpan.FromSeconds(6));

        Assert.Equal(["often 2", "often 4", "late 5", "often 6"], fired);
        Assert.Equal(TimeSpan.FromSeconds(6), clock.Elapsed);
    }

    [Fact]
    public async Task A_delay_ends_when_its_time_has_come_and_not_before()
    {
        var clock = new FakeClock();
        using var source = new CancellationTokenSource(TimeSpan.FromSeconds(3), clock);
        var ended = new TaskCompletionSource();
        await using var registration = source.Token.Register(ended.SetResult);

        clock.Advance(TimeSpan.FromSeconds(2.9));
        Assert.False(ended.Task.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(0.1));

        await ended.Task;
    }

    [Fact]
    public void A_stopped_timer_stays_silent()
    {
        var clock = new FakeClock();
        var fired = 0;
        var timer = clock.CreateTimer(_ => fired++, null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
        clock.Advance(TimeSpan.FromSeconds(2));
        timer.Dispose();

        clock.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(2, fired);
    }
}

using Trefoil.Membership;
using Trefoil.Primitives;
using Xunit;

namespace Trefoil.Unit.Membership;

/// <summary>The formula of Lifeguard, section IV-B; the first table is memberlist's (suspicion_test.go).</summary>
public sealed class SuspicionTimeoutTests
{
    [Theory]
    [InlineData(0, 3, 0, 2, 30, 30.0)]
    [InlineData(1, 3, 2, 2, 30, 14.0)]
    [InlineData(2, 3, 3, 2, 30, 4.81)]
    [InlineData(3, 3, 4, 2, 30, 0.0)]
    [InlineData(4, 3, 5, 2, 30, 0.0)]
    [InlineData(5, 3, 10, 2, 30, 0.0)]
    [InlineData(0, 0, 0, 4, 24, 4.0)]
    [InlineData(0, 0, 1, 4, 24, 3.0)]
    [InlineData(9, 0, 0, 4, 24, 4.0)]
    public void What_is_left_of_a_suspicion(int confirmed, int expected, int elapsed, int min, int max, double left)
    {
        var remaining = SuspicionTimeout.Remaining(confirmed, expected, S(elapsed), S(min), S(max));

        Assert.Equal(left, remaining.TotalSeconds, 0.01);
    }

    [Theory]
    [InlineData(1, 4.0)]
    [InlineData(5, 4.0)]
    [InlineData(10, 4.0)]
    [InlineData(50, 6.80)]
    [InlineData(100, 8.0)]
    [InlineData(1000, 12.0)]
    public void The_least_grows_with_the_logarithm_of_the_members(int members, double seconds) =>
        Assert.Equal(seconds, SuspicionTimeout.Min(SwimConfig.Lan, members).TotalSeconds, 0.01);

    [Theory]
    [InlineData(2, 0)]
    [InlineData(3, 0)]
    [InlineData(4, 2)]
    [InlineData(100, 2)]
    public void Confirmations_are_awaited_only_where_others_exist_to_give_them(int members, int expected) =>
        Assert.Equal(expected, SuspicionTimeout.ExpectedConfirmations(SwimConfig.Lan, members));

    [Fact]
    public void Only_new_accusers_count_and_only_as_many_as_are_awaited()
    {
        var suspicion = new Suspicion(Accuser(1), 2, S(100), S(4), S(24));
        Assert.Equal(S(124), suspicion.Deadline);

        Assert.False(suspicion.Confirm(Accuser(1)));
        Assert.True(suspicion.Confirm(Accuser(2)));
        Assert.False(suspicion.Confirm(Accuser(2)));
        Assert.Equal(100 + 24 - (20 * Math.Log(2) / Math.Log(3)), suspicion.Deadline.TotalSeconds, 0.01);
        Assert.True(suspicion.Confirm(Accuser(3)));
        Assert.Equal(S(104), suspicion.Deadline);
        Assert.False(suspicion.Confirm(Accuser(4)));
    }

    private static TimeSpan S(int seconds) => TimeSpan.FromSeconds(seconds);

    private static NodeId Accuser(ulong number) => new(0, number);
}

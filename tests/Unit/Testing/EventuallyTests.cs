using Xunit;

namespace Trefoil.Unit.Testing;

public sealed class EventuallyTests
{
    [Fact]
    public async Task It_returns_once_the_condition_holds()
    {
        var looks = 0;

        await Eventually.True("three looks", () => ++looks == 3, TimeSpan.FromSeconds(10));

        Assert.Equal(3, looks);
    }

    [Fact]
    public async Task It_names_the_phase_that_did_not_come_about()
    {
        var failure = await Assert.ThrowsAsync<TimeoutException>(() =>
            Eventually.True("all nodes agree", () => false, TimeSpan.FromMilliseconds(50)));

        Assert.StartsWith("all nodes agree: not so after", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_value_that_never_came_reports_the_last_failure()
    {
        var failure = await Assert.ThrowsAsync<TimeoutException>(() => Eventually.Value<string>(
            "port answers", () => throw new IOException("refused"), TimeSpan.FromMilliseconds(50)));

        Assert.Contains("refused", failure.Message, StringComparison.Ordinal);
    }
}

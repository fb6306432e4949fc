using System.Net;
using Trefoil.KeyValue.Migration;
using Trefoil.Unit.Testing;
using Xunit;

namespace Trefoil.Unit.KeyValue.Migration;

public sealed class TargetLinksTests
{
    private readonly FakeClock _clock = new();

    [Fact]
    public void A_link_serves_its_target_again_until_it_was_idle_for_ten_seconds()
    {
        using var links = new TargetLinks(_clock);
        var link = new SocketLink("a", "1", _clock);
        links.Give(link);
        Assert.Null(links.Take("a", "2"));
        Assert.Null(links.Take("b", "1"));
        _clock.Advance(TimeSpan.FromSeconds(9));
        links.Tick();
        Assert.Same(link, links.Take("a", "1"));
        Assert.Null(links.Take("a", "1"));

        links.Give(link);
        _clock.Advance(TimeSpan.FromSeconds(10));
        links.Tick();
        Assert.Null(links.Take("a", "1"));
    }

    [Fact]
    public void One_link_too_many_closes_the_one_that_was_idle_longest()
    {
        using var links = new TargetLinks(_clock);
        for (var i = 0; i <= TargetLinks.MaxIdle; i++)
        {
            links.Give(new SocketLink("a", $"{i}", _clock));
        }

        Assert.Equal(TargetLinks.MaxIdle, links.IdleCount);
        Assert.Null(links.Take("a", "0"));
        Assert.NotNull(links.Take("a", "1"));
    }

    [Fact]
    public async Task A_target_that_is_silent_has_timed_out_and_one_that_hangs_up_has_not()
    {
        using var listener = Loopback.Listen();
        var port = $"{((IPEndPoint)listener.LocalEndpoint).Port}";
        using var link = new SocketLink("127.0.0.1", port, _clock);
        Assert.True(await link.ConnectAsync(TimeSpan.FromSeconds(1), CancellationToken.None));
        using var other = await listener.AcceptSocketAsync(TestContext.Current.CancellationToken);

        var silence = link.ReceiveAsync(TimeSpan.FromSeconds(1), CancellationToken.None);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(await silence);
        Assert.True(link.TimedOut);

        other.Dispose();
        Assert.Null(await link.ReceiveAsync(TimeSpan.FromSeconds(1), CancellationToken.None));
        Assert.False(link.TimedOut);
    }
}

using Trefoil.Cluster.Failover.Load;
using Trefoil.Cluster.Harness;
using Trefoil.Primitives;
using Xunit;

namespace Trefoil.Cluster.Failover.Network;

/// <summary>The laboratory itself: what is cut is cut, one way or both, and nothing else is.</summary>
public sealed class NetworkLabTests
{
    [Fact]
    public async Task Cuts_are_between_the_hosts_and_the_ways_that_were_named_and_heal()
    {
        await using var lab = await NetworkLab.CreateAsync(4);
        using var server = Tool.Start(
            "ip", "netns", "exec", lab.NameOf(1), "redis-server", "--port", "7000", "--bind", NetworkLab.AddressOf(1), "--save", "", "--protected-mode", "no");
        server.BeginOutputReadLine();
        try
        {
            await Eventually.Equals("the server is reached", "PONG PONG", () => Task.FromResult(Pings(lab)), TimeSpan.FromSeconds(20));

            await lab.CutAsync([1], [2]);
            Assert.Equal(" PONG", Pings(lab));
            await lab.HealAsync();
            await lab.CutOneWayAsync(1, 3);
            Assert.Equal("PONG ", Pings(lab));
            await lab.HealAsync();
            await lab.IsolateAsync(1);
            Assert.Equal(" ", Pings(lab));
            await lab.HealAsync();
            await lab.LoseAsync(99, [1, 2]);
            Assert.Equal(" PONG", Pings(lab));
            await lab.HealAsync();
            await lab.LoseAsync(20, [1, 2]);
            var answers = Enumerable.Range(0, 3).Count(_ => Ping(lab, 2) == "PONG");
            Assert.True(answers > 0, "a fifth lost is not all lost: TCP repeats");
            await lab.HealAsync();
            Assert.Equal("PONG PONG", Pings(lab));
        }
        finally
        {
            server.Kill();
            await server.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task Nothing_is_left_of_a_laboratory()
    {
        string name;
        await using (var lab = await NetworkLab.CreateAsync(2))
        {
            name = lab.NameOf(0)[..^3];
            Assert.Contains(name, (await Tool.RunAsync("ip", "netns", "list")).Output, StringComparison.Ordinal);
        }

        Assert.DoesNotContain(name, (await Tool.RunAsync("ip", "netns", "list")).Output, StringComparison.Ordinal);
    }

    private static string Pings(NetworkLab lab) => $"{Ping(lab, 2)} {Ping(lab, 3)}";

    private static string Ping(NetworkLab lab, int from)
    {
        var options = new LoadOptions { ConnectTimeout = TimeSpan.FromSeconds(2) };
        using var connection = LoadConnection.Open(new HostPort(NetworkLab.AddressOf(1), 7000), () => lab.Tcp(from), options);
        return connection?.Call(["PING"]) is [var reply] ? reply.Text ?? "" : "";
    }
}

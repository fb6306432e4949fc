using Trefoil.Cluster.Failover.Clusters;
using Trefoil.Cluster.Failover.Load;
using Trefoil.Cluster.Harness;
using Trefoil.Primitives;
using Xunit;

namespace Trefoil.Cluster.Failover;

/// <summary>The judge is judged first: Redis Cluster, whose replication is asynchronous, loses acknowledged writes in ways that are known.</summary>
public sealed class HarnessTests
{
    [Fact]
    public async Task Writes_that_redis_acknowledged_and_lost_are_counted_and_named()
    {
        await using var cluster = await RedisCluster.UpAsync();
        using var load = new FailoverLoad(cluster, new LoadOptions { Padding = 16 * 1024 });
        await load.WritesAsync(20, TimeSpan.FromSeconds(30));
        var shard = load.Shards[0];
        var primary = cluster.NodeAt(shard.LastAcknowledger!.Value);
        var replica = cluster.ReplicaOf(primary);

        using var registers = new RegisterLoad(cluster, primary);
        registers.Start(4, cluster.MakeSocket);

        // Once the kernel's buffers between the two are full, what is acknowledged is nowhere but in the primary.
        await cluster.PauseAsync(replica);
        await load.WritesAsync(2500, TimeSpan.FromSeconds(60));
        await cluster.KillAsync(primary);
        await cluster.ResumeAsync(replica);
        await KillRounds.BackAsync(shard);
        await registers.WritesAsync(50, TimeSpan.FromSeconds(30));
        await load.StopAsync();
        await registers.StopAsync();

        var verification = load.Verify();

        Assert.Contains("not linearizable", registers.Check(), StringComparison.Ordinal);
        TestContext.Current.TestOutputHelper?.WriteLine($"{verification.Acknowledged} acknowledged, {verification.Unknown} unknown, lost: {verification.Lost}");
        Assert.True(verification.Lost.Count > 100, $"only {verification.Lost.Count} lost: {verification.Lost}");
        Assert.Contains(":set:", verification.Lost.ToString(), StringComparison.Ordinal);
        Assert.True(load.Regressions.Count > 0, "nobody saw the loss while it ran");
        Assert.Equal(0, verification.Wrong.Count);
    }

    [Fact]
    public async Task Without_a_fault_nothing_is_lost_wrong_or_late()
    {
        await using var cluster = await RedisCluster.UpAsync();
        using var load = new FailoverLoad(cluster, new LoadOptions());
        using var registers = new RegisterLoad(cluster, 1);
        registers.Start(4, cluster.MakeSocket);
        var began = System.Diagnostics.Stopwatch.GetTimestamp();
        await load.WritesAsync(500, TimeSpan.FromSeconds(60));
        var ended = System.Diagnostics.Stopwatch.GetTimestamp();
        await load.StopAsync();
        await registers.StopAsync();
        Assert.True(registers.Operations > 100, $"{registers.Operations} operations on registers");
        Assert.Equal("", registers.Check());

        var verification = load.Verify();

        Assert.Equal("none", verification.Lost.ToString());
        Assert.Equal("none", verification.Wrong.ToString());
        Assert.Equal("none", load.Regressions.ToString());
        Assert.Equal("none", load.Torn.ToString());
        Assert.True(verification.Acknowledged >= 1000, $"{verification.Acknowledged} acknowledged");
        Assert.All(load.Shards, s => Assert.Equal("", s.FailuresIn(began, ended)));
    }

    [Fact]
    [Trait(Soak.Trait, Soak.Only)]
    public async Task A_killed_primary_of_redis_is_an_outage_of_its_shard()
    {
        await using var cluster = await RedisCluster.UpAsync();
        using var load = new FailoverLoad(cluster, new LoadOptions());

        var figures = await new KillRounds(cluster, load).KillAsync(Soak.Times(1, 10), Print);

        Print($"{cluster.Name}: {FaultFigures.Summary(figures)}");
        Assert.All(figures, f => Assert.True(f.Outage > TimeSpan.FromSeconds(1), $"an outage below Redis' own time-out: {f}"));
        await load.StopAsync();
        Print($"lost: {load.Verify().Lost}");
    }

    [Fact]
    public void Two_nodes_that_acknowledge_in_turn_are_noticed_and_a_change_of_hands_is_not()
    {
        var (first, second) = (new HostPort("a", 1), new HostPort("b", 2));
        var once = new ShardHistory(0);
        var twice = new ShardHistory(1);
        foreach (var (call, node) in new[] { (10L, first), (20L, first), (30L, second), (40L, second) })
        {
            once.Acknowledge(new Answer(Outcome.Done, [], node, call, call + 5));
            twice.Acknowledge(new Answer(Outcome.Done, [], node, call, call + 5));
        }

        twice.Acknowledge(new Answer(Outcome.Done, [], first, 50, 55));

        Assert.Null(once.TwoAcknowledgersIn(0, long.MaxValue));
        Assert.Equal("shard 1: b:2 acknowledged a write while a:1 did before and after it", twice.TwoAcknowledgersIn(0, long.MaxValue));
    }

    private static void Print(string line) => TestContext.Current.TestOutputHelper?.WriteLine(line);
}

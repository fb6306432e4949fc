using Trefoil.Cluster.Failover.Clusters;
using Trefoil.Cluster.Failover.Load;
using Trefoil.Cluster.Harness;
using Xunit;
using static Trefoil.Cluster.Failover.Judgement;

namespace Trefoil.Cluster.Failover;

/// <summary>kill -9 of primaries under load, in real processes at default settings.</summary>
public sealed class KillTests
{
    private static readonly TimeSpan LongestMedian = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan LongestOfOthers = TimeSpan.FromSeconds(0.3);
    private static readonly TimeSpan Watch = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    /// <summary>A test run kills each primary once, soak twenty times in turn.</summary>
    [Fact]
    [Trait(Soak.Trait, "yes")]
    public async Task Killing_each_primary_in_turn_loses_no_acknowledged_write_and_disturbs_no_other_shard()
    {
        await using var cluster = await TrefoilCluster.UpAsync("quorum");
        using var load = new FailoverLoad(cluster, new LoadOptions());

        var figures = await new KillRounds(cluster, load).KillAsync(Soak.Times(3, 20), Print);

        Print($"{cluster.Name}: {FaultFigures.Summary(figures)}");
        await NothingIsLostAsync(load);
        Assert.True(FaultFigures.Median(figures) <= Bound(LongestMedian, busy: TimeSpan.FromSeconds(10)), FaultFigures.Summary(figures));
        Assert.All(figures, f => Assert.Equal("", f.OthersFailures));
        Assert.All(figures, f => Assert.True(f.Others <= Bound(LongestOfOthers, busy: TimeSpan.FromSeconds(2)), f.ToString()));
    }

    [Fact]
    public async Task A_node_that_missed_writes_is_not_promoted_when_the_survivor_that_has_them_is_killed()
    {
        await using var cluster = await TrefoilCluster.UpAsync("quorum");
        using var load = new FailoverLoad(cluster, new LoadOptions());
        var shard = load.Shards[0];
        var first = (await new KillRounds(cluster, load).MeasureAsync(shard, cluster.KillAsync)).Node;
        var survivor = cluster.NodeAt(shard.LastAcknowledger!.Value);
        Assert.NotEqual(first, survivor);

        await cluster.KillAsync(survivor);
        await cluster.StartAsync(first);
        var acknowledged = shard.Acknowledged;
        using (var watch = new PeriodicTimer(Watch))
        {
            await watch.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }

        Assert.Equal(acknowledged, shard.Acknowledged);
        await cluster.StartAsync(survivor);
        await KillRounds.BackAsync(shard);
        Assert.Equal(survivor, cluster.NodeAt(shard.LastAcknowledger!.Value));
        await cluster.ReplicasSyncedAsync();
        await NothingIsLostAsync(load);
    }

    [Fact]
    [Trait(Soak.Trait, Soak.Only)]
    public async Task All_nodes_of_a_shard_killed_at_once_come_back_with_everything()
    {
        await using var cluster = await TrefoilCluster.UpAsync("quorum");
        using var load = new FailoverLoad(cluster, new LoadOptions());
        await load.WritesAsync(50, Deadline);
        var primary = cluster.NodeAt(load.Shards[1].LastAcknowledger!.Value);
        var replica = cluster.ReplicaOf(primary);

        await Task.WhenAll(cluster.KillAsync(primary), cluster.KillAsync(replica));
        await cluster.StartAsync(primary);
        await cluster.StartAsync(replica);

        await KillRounds.BackAsync(load.Shards[1]);
        await cluster.ReplicasSyncedAsync();
        await NothingIsLostAsync(load);
    }

    [Fact]
    public async Task A_mode_changed_while_clients_write_holds_from_then_on()
    {
        await using var cluster = await TrefoilCluster.UpAsync("asynchronous");
        using var load = new FailoverLoad(cluster, new LoadOptions());
        await load.WritesAsync(50, Deadline);

        foreach (var mode in new[] { "synchronous", "asynchronous", "quorum" })
        {
            Assert.Equal("OK", cluster.Say(4, "CONFIG", "SET", "replication-mode", mode));
            await Eventually.See(
                "every shard acts by it", mode,
                () => Task.FromResult(string.Join(' ', Enumerable.Range(1, 6).Select(n => cluster.Field(n, "replication", "replication_mode")).Distinct())),
                seen => seen == mode, Deadline);
            await load.WritesAsync(50, Deadline);
        }

        await new KillRounds(cluster, load).KillAsync(1, Print);
        await NothingIsLostAsync(load);
    }

    /// <summary>The most that may be lost is what was acknowledged while the replica did not keep up; killing alone rarely loses anything.</summary>
    [Fact]
    [Trait(Soak.Trait, Soak.Only)]
    public async Task Asynchronous_mode_counts_what_a_killed_primary_takes_with_it_and_it_is_little()
    {
        await using var cluster = await TrefoilCluster.UpAsync("asynchronous");
        using var load = new FailoverLoad(cluster, new LoadOptions());
        var rounds = Soak.Times(3, 20);

        var figures = await new KillRounds(cluster, load).KillAsync(rounds, Print);

        Print($"{cluster.Name}: {FaultFigures.Summary(figures)}");
        await load.StopAsync();
        var found = load.Verify();
        Print($"{found.Acknowledged} writes acknowledged, {found.Unknown} unknown, lost: {found.Lost}; reads that went back: {load.Regressions.Count}");
        Assert.Equal("none", found.Wrong.ToString());
        Assert.Equal("none", load.Torn.ToString());
        Assert.True(found.Lost.Count <= 100 * rounds, $"{found.Lost.Count} lost in {rounds} kills");
    }
}

using System.Diagnostics;
using Trefoil.Cluster.Failover.Clusters;
using Trefoil.Cluster.Failover.Load;
using Trefoil.Cluster.Harness;
using Xunit;
using static Trefoil.Cluster.Failover.Judgement;

namespace Trefoil.Cluster.Failover;

/// <summary>CLUSTER FAILOVER, and the requests of an operator that make no sense.</summary>
public sealed class ManualFailoverTests
{
    /// <summary>The goal is 200 ms; the bound leaves room for a machine that does other things, too. The figures are printed.</summary>
    private static readonly TimeSpan LongestOutage = TimeSpan.FromMilliseconds(500);

    [Theory]
    [InlineData("asynchronous")]
    [InlineData("quorum")]
    [Trait(Soak.Trait, "yes")]
    public async Task A_failover_that_was_asked_for_loses_nothing_and_hardly_shows(string mode)
    {
        await using var cluster = await TrefoilCluster.UpAsync(mode);
        using var load = new FailoverLoad(cluster, new LoadOptions { Pause = TimeSpan.FromMilliseconds(4) });
        var figures = new List<FaultFigures>();
        for (var round = 0; round < Soak.Times(4, 20); round++)
        {
            var shard = load.Shards[round % load.Shards.Count];
            figures.Add(await new KillRounds(cluster, load).MeasureAsync(shard, async primary =>
            {
                var replica = cluster.ReplicaOf(primary);
                await AskAsync(cluster, replica);
                await Eventually.See(
                    "the replica takes over", $"node {replica}", () => Task.FromResult(cluster.NodeAt(shard.LastAcknowledger!.Value)),
                    node => node == replica, TimeSpan.FromSeconds(20));
            }));
            Print(figures[^1].ToString());
            await cluster.ReplicasSyncedAsync();
        }

        Print($"{cluster.Name}, CLUSTER FAILOVER: {FaultFigures.Summary(figures)}");
        await NothingIsLostAsync(load);
        Assert.True(FaultFigures.Median(figures) <= Bound(LongestOutage, busy: TimeSpan.FromSeconds(2)), FaultFigures.Summary(figures));
    }

    [Fact]
    public async Task What_makes_no_sense_is_refused_in_the_words_of_redis_and_changes_nothing()
    {
        await using var cluster = await TrefoilCluster.UpAsync("quorum");
        var view = cluster.View(1);
        var before = Picture(cluster);
        string Id(int node) => view.Single(n => n.Address == cluster.At(node)).Id;
        var unknown = new string('7', 40);

        Assert.Equal("ERR Can't replicate myself", cluster.Say(4, "CLUSTER", "REPLICATE", Id(4)));
        Assert.Equal($"ERR Unknown node {unknown}", cluster.Say(4, "CLUSTER", "REPLICATE", unknown));
        Assert.Equal("ERR I can only replicate a master, not a replica.", cluster.Say(4, "CLUSTER", "REPLICATE", Id(5)));
        Assert.Equal("ERR To set a master the node must be empty and without assigned slots.", cluster.Say(1, "CLUSTER", "REPLICATE", Id(2)));
        Assert.Equal("ERR You should send CLUSTER FAILOVER to a replica", cluster.Say(1, "CLUSTER", "FAILOVER"));
        Assert.Equal("ERR You should send CLUSTER FAILOVER to a replica", cluster.Say(1, "CLUSTER", "FAILOVER", "TAKEOVER"));
        Assert.Equal("ERR syntax error", cluster.Say(4, "CLUSTER", "FAILOVER", "NOW"));
        Assert.Equal("ERR The specified node is not a master", cluster.Say(1, "CLUSTER", "REPLICAS", Id(4)));
        Assert.Equal($"ERR Unknown node {unknown}", cluster.Say(1, "CLUSTER", "REPLICAS", unknown));

        Assert.Equal(before, Picture(cluster));
    }

    [Fact]
    public async Task A_takeover_without_a_majority_is_refused_and_names_the_way_out()
    {
        await using var cluster = await TrefoilCluster.UpAsync("quorum");
        var replica = cluster.ReplicaOf(1);

        // All at once: with a majority left, the replica would be promoted in good order.
        await Task.WhenAll(Enumerable.Range(1, 6).Where(n => n != replica).Select(cluster.KillAsync));

        var began = Stopwatch.GetTimestamp();
        var answer = cluster.Say(replica, "CLUSTER", "FAILOVER", "TAKEOVER");

        Print($"after {Stopwatch.GetElapsedTime(began).TotalMilliseconds:0} ms: {answer}");
        Assert.Contains("trefoil cluster recover --unsafe", answer, StringComparison.Ordinal);
        Assert.Equal("slave", cluster.Field(replica, "replication", "role"));
    }

    /// <summary>On a busy machine an election may come first; then the operator is told so, and asks again once the replica counts again.</summary>
    private static async Task AskAsync(TrefoilCluster cluster, int replica)
    {
        for (var attempt = 1; cluster.Say(replica, "CLUSTER", "FAILOVER") is var answer and not "OK"; attempt++)
        {
            Print($"refused: {answer}");
            Assert.True(attempt < 3 && answer == "ERR another epoch began first", answer);
            await cluster.ReplicasSyncedAsync();
        }
    }

    /// <summary>Who has which role, primary and slots, as every node shows it.</summary>
    private static string Picture(TrefoilCluster cluster) => string.Join(
        '\n', Enumerable.Range(1, cluster.Addresses.Count).Select(asked => string.Join(
            '\n', cluster.View(asked).OrderBy(n => n.Id, StringComparer.Ordinal).Select(n => $"{asked}: {n.Id} {n.PrimaryId} {n.Slots}"))));
}

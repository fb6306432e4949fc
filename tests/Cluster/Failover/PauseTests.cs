using Trefoil.Cluster.Failover.Clusters;
using Trefoil.Cluster.Failover.Load;
using Trefoil.Cluster.Harness;
using Xunit;
using static Trefoil.Cluster.Failover.Judgement;

namespace Trefoil.Cluster.Failover;

/// <summary>SIGSTOP for five seconds: a process that holds its connections, misses its lease, and goes on as if nothing had been.</summary>
public sealed class PauseTests
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    /// <summary>A stopped process does not refuse, it is silent: what clients then wait for is their own time-out, which is not what is measured here.</summary>
    private static readonly LoadOptions Impatient = new() { ReplyTimeout = TimeSpan.FromMilliseconds(300), ConnectTimeout = TimeSpan.FromMilliseconds(200) };

    [Fact]
    public async Task A_primary_that_stops_for_five_seconds_is_replaced_and_acknowledges_nothing_when_it_wakes()
    {
        await using var cluster = await TrefoilCluster.UpAsync("quorum");
        using var load = new FailoverLoad(cluster, Impatient);
        await load.WritesAsync(20, TimeSpan.FromSeconds(30));
        using var registers = new RegisterLoad(cluster, cluster.NodeAt(load.Shards[0].LastAcknowledger!.Value));
        registers.Start(8, cluster.MakeSocket);

        var figure = await new KillRounds(cluster, load).MeasureAsync(load.Shards[0], node => PauseAsync(cluster, node));

        Print($"{cluster.Name}, SIGSTOP of a primary: {figure}");
        Assert.NotEqual(figure.Node, cluster.NodeAt(load.Shards[0].LastAcknowledger!.Value));
        await cluster.ReplicasSyncedAsync();
        await registers.WritesAsync(50, TimeSpan.FromSeconds(30));
        await IsLinearizableAsync(registers);
        await NothingIsLostAsync(load);
    }

    [Fact]
    [Trait(Soak.Trait, Soak.Only)]
    public async Task A_leader_that_stops_for_five_seconds_costs_no_other_shard_anything()
    {
        await using var cluster = await TrefoilCluster.UpAsync("quorum");
        using var load = new FailoverLoad(cluster, Impatient);
        await load.WritesAsync(20, TimeSpan.FromSeconds(30));
        var leader = cluster.Leader();
        var shard = load.Shards.FirstOrDefault(s => cluster.NodeAt(s.LastAcknowledger!.Value) == leader) ?? load.Shards[0];

        var figure = await new KillRounds(cluster, load).MeasureAsync(shard, _ => PauseAsync(cluster, leader));

        Print($"{cluster.Name}, SIGSTOP of the leader, node {leader}: {figure}");
        Assert.Equal("", figure.OthersFailures);
        await cluster.ReplicasSyncedAsync();
        await NothingIsLostAsync(load);
    }

    /// <summary>Leases, elections and membership have threads of their own, so a command that blocks all others is no reason to be replaced.</summary>
    [Fact]
    public async Task A_primary_busy_with_one_command_for_five_seconds_keeps_its_place()
    {
        await using var cluster = await TrefoilCluster.UpAsync("quorum");
        using var load = new FailoverLoad(cluster, new LoadOptions());

        var figure = await new KillRounds(cluster, load).MeasureAsync(load.Shards[0], node =>
        {
            Assert.Equal("OK", cluster.Say(node, "DEBUG", "SLEEP", "5"));
            return Task.CompletedTask;
        });

        Print($"{cluster.Name}, DEBUG SLEEP 5: {figure}");
        Assert.Equal(figure.Node, cluster.NodeAt(load.Shards[0].LastAcknowledger!.Value));
        Assert.Equal("", figure.OthersFailures);
        await NothingIsLostAsync(load);
    }

    private static async Task PauseAsync(TrefoilCluster cluster, int node)
    {
        await cluster.PauseAsync(node);
        using (var timer = new PeriodicTimer(Pause))
        {
            await timer.WaitForNextTickAsync();
        }

        await cluster.ResumeAsync(node);
    }
}

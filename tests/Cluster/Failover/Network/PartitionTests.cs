using Trefoil.Cluster.Failover.Clusters;
using Trefoil.Cluster.Failover.Load;
using Trefoil.Cluster.Harness;
using Xunit;
using static Trefoil.Cluster.Failover.Judgement;

namespace Trefoil.Cluster.Failover.Network;

/// <summary>Packets that do not arrive, in quorum mode, with clients on either side: nothing acknowledged is lost, and registers stay registers.</summary>
public sealed class PartitionTests
{
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(8);

    /// <summary>What is cut off is silent: clients of the usual patience would measure their own time-outs.</summary>
    private static readonly LoadOptions Impatient = new()
    {
        WritersPerShard = 1,
        Pause = TimeSpan.FromMilliseconds(15),
        ReplyTimeout = TimeSpan.FromMilliseconds(400),
        ConnectTimeout = TimeSpan.FromMilliseconds(200),
    };

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    [Fact]
    public Task A_primary_cut_off_from_everyone_but_its_own_clients_acknowledges_nothing_once_another_does() =>
        BreakAsync("isolated primary", (cluster, primary) => cluster.Lab.IsolateAsync(primary));

    [Fact]
    [Trait(Soak.Trait, Soak.Only)]
    public Task A_primary_that_hears_nobody_but_is_heard_loses_its_place_and_no_write() =>
        BreakAsync("deaf primary", async (cluster, primary) =>
        {
            foreach (var other in Enumerable.Range(1, cluster.Addresses.Count).Where(n => n != primary))
            {
                await cluster.Lab.CutOneWayAsync(other, primary);
            }
        });

    [Fact]
    [Trait(Soak.Trait, Soak.Only)]
    public Task A_primary_that_hears_all_but_is_not_heard_loses_its_place_and_no_write() =>
        BreakAsync("mute primary", async (cluster, primary) =>
        {
            foreach (var other in Enumerable.Range(1, cluster.Addresses.Count).Where(n => n != primary))
            {
                await cluster.Lab.CutOneWayAsync(primary, other);
            }
        });

    [Fact]
    [Trait(Soak.Trait, Soak.Only)]
    public Task A_primary_cut_off_from_its_replicas_only_goes_on_with_the_leaders_consent() =>
        BreakAsync("primary and replicas cut apart", (cluster, primary) => cluster.Lab.CutAsync(
            [primary], [.. Enumerable.Range(1, cluster.Addresses.Count).Where(n => cluster.IsReplicaOf(n, primary))]), staysPrimary: true);

    [Fact]
    [Trait(Soak.Trait, Soak.Only)]
    public Task A_leader_cut_off_from_everyone_is_replaced() =>
        BreakAsync("isolated leader", (cluster, _) => cluster.Lab.IsolateAsync(cluster.Leader()), staysPrimary: null);

    [Fact]
    public Task A_node_that_is_leader_and_primary_cut_off_from_everyone_is_replaced_as_both() =>
        BreakAsync("isolated leader and primary", (cluster, primary) => cluster.Lab.IsolateAsync(primary), onLeader: true);

    [Fact]
    [Trait(Soak.Trait, Soak.Only)]
    public Task Three_of_ten_packets_lost_between_the_nodes_lose_no_write() =>
        BreakAsync("30 % loss", (cluster, _) => cluster.Lab.LoseAsync(30, [.. Enumerable.Range(1, cluster.Addresses.Count)]), staysPrimary: null, serves: false);

    [Fact]
    [Trait(Soak.Trait, Soak.Only)]
    public Task A_minority_with_a_primary_and_its_clients_stops_and_the_majority_goes_on() =>
        BreakAsync("full partition", (cluster, primary) =>
        {
            // Of three voters the majority side keeps two, and of the primary's three members, too.
            var others = Enumerable.Range(1, cluster.Addresses.Count).Where(n => n != primary);
            int[] minority = [primary, others.First(n => !cluster.IsVoter(n) && !cluster.IsReplicaOf(n, primary))];
            return cluster.Lab.CutAsync(minority, [.. Enumerable.Range(0, cluster.Lab.Hosts).Except(minority)]);
        });

    /// <param name="name">For figures.</param>
    /// <param name="fault">Breaks the network, given the primary of the first shard.</param>
    /// <param name="staysPrimary">Whether that primary is to be the same afterwards; null: either will do.</param>
    /// <param name="serves">Whether the shard is to acknowledge writes again before the network is whole.</param>
    /// <param name="onLeader">Whether the primary is to be the Raft leader as well.</param>
    private static async Task BreakAsync(string name, Func<NetworkCluster, int, Task> fault, bool? staysPrimary = false, bool serves = true, bool onLeader = false)
    {
        await using var cluster = await NetworkCluster.UpAsync("quorum", nodes: 5);
        using var load = new FailoverLoad(cluster, Impatient);
        await load.WritesAsync(20, Deadline);
        var leader = cluster.Leader();
        var primary = onLeader ? await LeadingPrimaryAsync(cluster) : load.Shards.Select(s => cluster.NodeAt(s.LastAcknowledger!.Value)).First(n => n != leader);
        var shard = load.Shards.First(s => cluster.NodeAt(s.LastAcknowledger!.Value) == primary);
        using var registers = new RegisterLoad(cluster, primary);
        registers.Start(4, cluster.MakeSocket);
        registers.Start(4, () => cluster.Lab.Tcp(primary), pinned: cluster.At(primary));
        var aside = new LoadOptions { Name = "aside", WritersPerShard = 2, Pause = TimeSpan.FromMilliseconds(15) };
        using var side = new FailoverLoad([cluster.At(primary)], aside, () => cluster.Lab.Tcp(primary), pinned: cluster.At(primary));
        await registers.WritesAsync(50, Deadline);

        var began = System.Diagnostics.Stopwatch.GetTimestamp();
        var figure = await new KillRounds(cluster, load).MeasureAsync(shard, async _ =>
        {
            await fault(cluster, primary);
            using var timer = new PeriodicTimer(Duration);
            await timer.WaitForNextTickAsync();
            if (!serves)
            {
                Print($"{name}: {string.Join(", ", load.Shards.Select(s => s.AcknowledgedSince(began)))} writes acknowledged in the shards meanwhile");
                await cluster.Lab.HealAsync();
            }
        });
        var after = cluster.NodeAt(shard.LastAcknowledger!.Value);
        await cluster.Lab.HealAsync();

        Print($"{cluster.Name}, {name}: {figure}");
        await cluster.ReplicasSyncedAsync(perPrimary: null);
        await registers.WritesAsync(20, Deadline);
        Assert.True(staysPrimary is not { } stays || stays == (after == primary), $"node {primary} was the primary, node {after} is");
        await IsLinearizableAsync(registers);
        if (staysPrimary == false)
        {
            // It changed hands once, so whoever acknowledged after another began to is a second primary.
            Assert.Null(registers.Writes.TwoAcknowledgersIn(0, long.MaxValue));
        }

        await NothingIsLostAsync(side);
        await NothingIsLostAsync(load);
    }

    /// <summary>Makes the leader a primary if it is none.</summary>
    private static async Task<int> LeadingPrimaryAsync(NetworkCluster cluster)
    {
        var leader = cluster.Leader();
        if (cluster.Field(leader, "replication", "role") == "slave")
        {
            Assert.Equal("OK", cluster.Say(leader, "CLUSTER", "FAILOVER"));
            await Harness.Eventually.See(
                "the leader is a primary", "master", () => Task.FromResult(cluster.Field(leader, "replication", "role")), role => role == "master", Deadline);
            await cluster.ReplicasSyncedAsync(perPrimary: null);
        }

        return leader;
    }
}

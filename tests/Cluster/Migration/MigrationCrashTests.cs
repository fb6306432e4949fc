using Trefoil.Cluster.Failover.Clusters;
using Trefoil.Cluster.Failover.Load;
using Trefoil.Cluster.Harness;
using Trefoil.Cluster.Migration.Load;
using Xunit;
using static Trefoil.Cluster.Failover.Judgement;

namespace Trefoil.Cluster.Migration;

/// <summary>kill -9 while slots move, with replicas and under load: the migration completes or is aborted, and nothing is lost or there twice.</summary>
public sealed class MigrationCrashTests
{
    private const int First = 0;
    private const int Slots = 200;

    /// <summary>Slow enough that whoever is killed is killed during the copy, at a place that is another one every time.</summary>
    private const int Rate = 400_000;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(90);

    private enum Role
    {
        Source,
        Target,
        Leader,
    }

    /// <summary>A test run kills each role once, on one cluster.</summary>
    [Fact]
    public Task Whoever_is_killed_while_slots_move_nothing_is_lost_and_nothing_is_there_twice() => KillAsync(rounds: 3);

    [Fact]
    [Trait(Soak.Trait, Soak.Only)]
    public Task Whoever_is_killed_however_often_nothing_is_lost_and_nothing_is_there_twice() => KillAsync(rounds: 30);

    private static async Task KillAsync(int rounds)
    {
        await using var cluster = await TrefoilCluster.UpAsync("quorum");
        await cluster.ReplicasSyncedAsync();
        var stock = new Stock(First, Slots, perSlot: 10, valueBytes: 1000);
        stock.Fill(cluster, cluster.OwnersAt(1)(First));
        using var load = new FailoverLoad(cluster, new LoadOptions());
        await load.WritesAsync(20, Deadline);
        var random = new Random(rounds);

        for (var round = 0; round < rounds; round++)
        {
            var source = cluster.OwnersAt(1)(First);
            var target = cluster.View(1).Where(n => n.IsPrimary).Select(n => cluster.NodeAt(n.Address)).First(n => n != source);
            Assert.Equal("OK", cluster.Say(source, "CONFIG", "SET", "slot-migration-rate", $"{Rate}"));
            Assert.Equal("OK", cluster.Move(source, target, First, First + Slots - 1));
            var copied = random.Next(Slots / 2);
            var name = (await cluster.SeeAsync(
                source, "it copies", m => m.TryGetValue("slots_copied", out var slots) && int.Parse(slots) > copied, Deadline))["name"];

            var role = (Role)(round % 3);
            var victim = role == Role.Source ? source : role == Role.Target ? target : cluster.Leader();
            await cluster.KillAsync(victim);
            await load.WritesAsync(20, Deadline);
            await cluster.StartAsync(victim);
            await cluster.ReplicasSyncedAsync();
            Assert.Equal("OK", cluster.Say(victim, "CONFIG", "SET", "slot-migration-rate", "0"));

            var ended = await EndedAsync(cluster, name);
            Print($"round {round + 1}, {role} (node {victim}) killed after {copied} slots: {SlotMoves.Show(ended)}");
            Assert.Contains(ended["state"], (string[])["success", "failed"]);
            await SlotJudgement.EachOnceAsync(cluster, stock);
        }

        await NothingIsLostAsync(load);
        await SlotJudgement.EverythingIsThereOnceAsync(cluster, stock);
    }

    /// <summary>As whoever still knows of it tells it: that is either shard.</summary>
    private static async Task<IReadOnlyDictionary<string, string>> EndedAsync(TrefoilCluster cluster, string name) => (await Eventually.See(
        "the migration ends and is cleaned up", name,
        () => Task.FromResult(cluster.Addresses.SelectMany((_, i) => cluster.Migrations(i + 1)).Where(m => m["name"] == name).ToList()),
        seen => seen.Exists(m => m["state"] is "success" or "failed" or "cancelled") && seen.TrueForAll(m => m["clean"] == "1"), Deadline))[0];
}

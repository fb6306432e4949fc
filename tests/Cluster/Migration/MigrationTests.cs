using System.Diagnostics;
using System.Globalization;
using Trefoil.Cluster.Failover.Clusters;
using Trefoil.Cluster.Migration.Load;
using Xunit;
using static Trefoil.Cluster.Failover.Judgement;

namespace Trefoil.Cluster.Migration;

/// <summary>CLUSTER MIGRATESLOTS between real processes that live.</summary>
public sealed class MigrationTests(SharedCluster shared) : IClassFixture<SharedCluster>
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    /// <summary>The bound of the specification, and one for a machine that others use, too.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(50);

    private TrefoilCluster Cluster => shared.Cluster;

    [Fact]
    public async Task Slots_that_move_under_load_show_no_error_and_every_client_is_told_of_each_once()
    {
        var (stock, source) = shared.Fill(first: 0, slots: 300, perSlot: 60);
        using var load = new MovingLoad(Cluster, stock, clients: 3, probes: 3, pause: TimeSpan.FromMilliseconds(2));
        await load.RequestsAsync(500, Deadline);
        var target = Other(source);

        var began = Stopwatch.GetTimestamp();
        Assert.Equal("OK", Cluster.Move(source, target, stock.First, stock.First + stock.Slots - 1));
        var ended = await Cluster.EndedAsync(source, Deadline);
        await load.RequestsAsync(1000, Deadline);
        var until = Stopwatch.GetTimestamp();
        await load.StopAsync();

        Assert.Equal("success", ended["state"]);
        Print($"{load.Done} requests, {load.Moved} MOVED, the longest pause of a slot {load.LongestPause(began, until).TotalMilliseconds:0} ms, as the source counts it {Cluster.Newest(source)["longest_pause_ms"]} ms");
        Assert.Equal((0, 0), (load.TriedAgain, load.Asked));
        Assert.True(load.Moved > 100, $"only {load.Moved} MOVED: the load hardly met the move");
        Assert.True(load.MostMovedOfASlot <= 1, $"a client was told {load.MostMovedOfASlot} times of one slot");
        load.Verify();
        Assert.Equal("none", load.Errors.ToString());
        Assert.True(load.LongestPause(began, until) <= Bound(LongestPause * 4, busy: TimeSpan.FromSeconds(2)), "a slot paused for too long");
        await Cluster.CleanAsync(source, Deadline);
        await EverythingIsThereOnceAsync(stock);
    }

    [Fact]
    public async Task Migrations_between_different_pairs_run_at_once()
    {
        var owners = Cluster.OwnersAt(1);
        var firsts = new[] { 1000, 7000, 13000 };
        var stocks = firsts.Select(first => shared.Fill(first, slots: 100, perSlot: 50)).ToArray();
        Assert.Equal(3, stocks.Select(s => s.Owner).Distinct().Count());

        for (var i = 0; i < stocks.Length; i++)
        {
            Assert.Equal("OK", Cluster.Move(stocks[i].Owner, stocks[(i + 1) % stocks.Length].Owner, firsts[i], firsts[i] + 99));
        }

        foreach (var (stock, owner) in stocks)
        {
            var ranges = $"{stock.First}-{stock.First + stock.Slots - 1}";
            await Cluster.SeeAsync(
                owner, $"{ranges} move", _ => Cluster.Migrations(owner).Any(m => m["slot_ranges"] == ranges && m["state"] == "success" && m["clean"] == "1"), Deadline);
            Assert.NotEqual(owner, Cluster.OwnersAt(owner)(stock.First));
        }

        await EverythingIsThereOnceAsync([.. stocks.Select(s => s.Stock)]);
        Assert.NotEqual(owners(1000), Cluster.OwnersAt(1)(1000));
    }

    [Fact]
    public async Task A_limit_of_the_rate_holds_until_it_is_lifted_and_a_cancelled_migration_leaves_everything_where_it_was()
    {
        var (stock, source) = shared.Fill(first: 2000, slots: 200, perSlot: 10, valueBytes: 1000);
        var target = Other(source);
        const int rate = 200_000;
        Assert.Equal("OK", Cluster.Say(source, "CONFIG", "SET", "slot-migration-rate", $"{rate}"));
        try
        {
            var clock = Stopwatch.StartNew();
            Assert.Equal("OK", Cluster.Move(source, target, 2000, 2199));
            var seen = await Cluster.SeeAsync(source, "it copies", m => Number(m, "slots_copied") > 20, Deadline);
            Assert.True(Number(seen, "bytes_sent") <= rate * (clock.Elapsed.TotalSeconds + 1), $"after {clock.Elapsed.TotalSeconds:0.0} s: {SlotMoves.Show(seen)}");

            Assert.Equal("OK", Cluster.Say(source, "CLUSTER", "CANCELSLOTMIGRATIONS"));
            Assert.Equal("cancelled", (await Cluster.CleanAsync(source, Deadline))["state"]);
            Assert.Equal("ERR No migrations ongoing", Cluster.Say(source, "CLUSTER", "CANCELSLOTMIGRATIONS"));
            Assert.Equal(source, Cluster.OwnersAt(1)(2000));
            await EverythingIsThereOnceAsync(stock);

            Assert.Equal("OK", Cluster.Move(source, target, 2000, 2199));
            await Cluster.SeeAsync(source, "it copies again", m => Number(m, "slots_copied") > 0, Deadline);
        }
        finally
        {
            Assert.Equal("OK", Cluster.Say(source, "CONFIG", "SET", "slot-migration-rate", "0"));
        }

        Assert.Equal("success", (await Cluster.CleanAsync(source, Deadline))["state"]);
        await EverythingIsThereOnceAsync(stock);
    }

    [Fact]
    public async Task A_target_without_room_ends_the_migration_with_a_reason_and_keeps_nothing_of_it()
    {
        var (stock, source) = shared.Fill(first: 3000, slots: 50, perSlot: 20, valueBytes: 10_000);
        var target = Other(source);
        var used = long.Parse(Cluster.Field(target, "memory", "used_memory"), CultureInfo.InvariantCulture);
        Assert.Equal("OK", Cluster.Say(target, "CONFIG", "SET", "maxmemory", (used + 2_000_000).ToString(CultureInfo.InvariantCulture)));
        try
        {
            Assert.Equal("OK", Cluster.Move(source, target, 3000, 3049));
            var ended = await Cluster.CleanAsync(source, Deadline);
            Assert.Equal("failed", ended["state"]);
            Assert.StartsWith("OOM", ended["message"], StringComparison.Ordinal);
            Assert.Equal(source, Cluster.OwnersAt(1)(3000));
            await EverythingIsThereOnceAsync(stock);
        }
        finally
        {
            Assert.Equal("OK", Cluster.Say(target, "CONFIG", "SET", "maxmemory", "0"));
        }

        Assert.Equal("OK", Cluster.Move(source, target, 3000, 3049));
        Assert.Equal("success", (await Cluster.CleanAsync(source, Deadline))["state"]);
        await EverythingIsThereOnceAsync(stock);
    }

    [Fact]
    public void What_makes_no_sense_is_refused_and_changes_nothing()
    {
        var owners = Cluster.OwnersAt(1);
        var source = owners(5000);
        var foreign = Enumerable.Range(0, 16384).First(slot => owners(slot) != source);
        var replica = Cluster.ReplicaOf(source);
        var (self, other, unknown) = (Cluster.Id(source), Cluster.Id(Other(source)), new string('7', 40));
        var before = Picture();

        string Ask(params string[] words) => Cluster.Say(source, ["CLUSTER", "MIGRATESLOTS", .. words]);
        Assert.Equal("ERR Slots are not served by this node.", Ask("SLOTSRANGE", $"{foreign}", $"{foreign}", "NODE", other));
        Assert.Equal($"ERR Unknown node name: {unknown}", Ask("SLOTSRANGE", "5000", "5001", "NODE", unknown));
        Assert.Equal("ERR Invalid node name: abc", Ask("SLOTSRANGE", "5000", "5001", "NODE", "abc"));
        Assert.Equal("ERR Target node can not be this node.", Ask("SLOTSRANGE", "5000", "5001", "NODE", self));
        Assert.EndsWith(Cluster.Id(replica), Ask("SLOTSRANGE", "5000", "5001", "NODE", Cluster.Id(replica)), StringComparison.Ordinal);
        Assert.Equal("ERR Slot range 5001-5002 overlaps with previous range 5000-5001", Ask("SLOTSRANGE", "5000", "5001", "5001", "5002", "NODE", other));
        Assert.Equal("ERR Slot range 5000-5000 overlaps with previous range 5000-5000", Ask("SLOTSRANGE", "5000", "5000", "5000", "5000", "NODE", other));
        Assert.Equal("ERR Slot ranges in migrations overlap", Ask("SLOTSRANGE", "5000", "5001", "NODE", other, "SLOTSRANGE", "5001", "5001", "NODE", other));
        Assert.Equal("ERR Start slot number 5001 is greater than end slot number 5000", Ask("SLOTSRANGE", "5001", "5000", "NODE", other));
        Assert.Equal("ERR Invalid or out of range slot", Ask("SLOTSRANGE", "5000", "16384", "NODE", other));
        Assert.Equal("ERR No end slot for final slot range", Ask("SLOTSRANGE", "5000"));
        Assert.Equal("ERR syntax error", Ask("SLOTSRANGE", "5000", "5001", "TO", other));
        Assert.Equal(
            "ERR Slot migration can only be used on primary nodes.", Cluster.Say(replica, "CLUSTER", "MIGRATESLOTS", "SLOTSRANGE", "5000", "5001", "NODE", other));

        Assert.Equal(before, Picture());
    }

    /// <summary>A primary that is not this one.</summary>
    private int Other(int primary) => Cluster.View(1).Where(n => n.IsPrimary).Select(n => Cluster.NodeAt(n.Address)).First(n => n != primary);

    /// <summary>Owners and migrations, as every node shows them.</summary>
    private string Picture() => string.Join(
        '\n', Cluster.Addresses.Select((_, i) => string.Join('\n', Cluster.View(i + 1).OrderBy(n => n.Id, StringComparer.Ordinal).Select(n => $"{n.Id} {n.Slots}")) + Cluster.Migrations(i + 1).Count));

    private Task EverythingIsThereOnceAsync(params Stock[] stocks) => SlotJudgement.EverythingIsThereOnceAsync(Cluster, stocks);

    private static long Number(IReadOnlyDictionary<string, string> fields, string name) =>
        long.TryParse(fields.GetValueOrDefault(name), CultureInfo.InvariantCulture, out var number) ? number : 0;
}

using Trefoil.Cluster.Differential;
using Trefoil.Cluster.Harness;
using Xunit;

namespace Trefoil.Cluster.Scenarios;

/// <summary>What redis-cli --cluster repairs, keeps and copies: open slots of every kind, uncovered slots, settings, backups, imports.</summary>
public sealed class OperatorTests(ThreeNodes nodes) : IClassFixture<ThreeNodes>, IAsyncLifetime
{
    // The slot of {b} belongs to node 1; that of {a} to node 3.
    private const string Slot = "3300";

    private LocalCluster Cluster => nodes.Cluster;

    /// <summary>Keys of another test could be in the slots of this one.</summary>
    public async ValueTask InitializeAsync()
    {
        foreach (var node in Cluster.Indexes)
        {
            Assert.Equal("OK", await Cluster.CallAsync(node, "flushall"));
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task An_open_slot_is_closed_whoever_holds_which_keys()
    {
        var (one, two) = (await IdAsync(1), await IdAsync(2));
        await FixedAsync("migrating only, without keys", [1, "migrating", two]);
        await FixedAsync("importing only, without keys", [2, "importing", one]);
        await FixedAsync("importing on a third node", [3, "importing", one]);
        await FixedAsync("both ends, without keys", [1, "migrating", two], [2, "importing", one]);

        Assert.Equal(two, await OwnerAsync());
        Assert.Equal("OK", await Cluster.CallAsync(3, "cluster", "setslot", Slot, "node", one));

        await SetAsync("{b}1", "one");
        await SetAsync("{b}2", "two");
        await FixedAsync("migrating only, with keys", [1, "migrating", two]);
        await FixedAsync("importing only, keys at the owner", [2, "importing", one]);

        await MarkAsync(2, "importing", one);
        await MarkAsync(1, "migrating", two);
        Assert.Equal("OK", await Cluster.CallAsync(1, "migrate", "127.0.0.1", $"{Cluster.Resp(2)}", "", "0", "5000", "keys", "{b}1"));
        await FixedAsync("keys on both sides");
        Assert.Equal("one two", await GetAsync("{b}1") + " " + await GetAsync("{b}2"));

        await FixedAsync("two importers", [2, "importing", one], [3, "importing", one]);
        Assert.Equal("one two", await GetAsync("{b}1") + " " + await GetAsync("{b}2"));
        Assert.Equal(one, await OwnerAsync());
    }

    [Fact]
    public async Task An_uncovered_slot_gets_an_owner_again_and_its_keys_are_served()
    {
        await SetAsync("{c}1", "kept");
        Assert.Equal("OK", await Cluster.CallAsync(2, "cluster", "delslots", "7365"));
        var check = await ClusterAsync("check");
        Assert.Contains("[ERR] Not all 16384 slots are covered by nodes.", check.Output, StringComparison.Ordinal);

        // This question --cluster-yes does not answer.
        (await Tool.RunWithInputAsync("yes\n", "redis-cli", "--cluster", "fix", At(1))).Ok();

        (await ClusterAsync("check")).Ok();
        Assert.Equal("kept", await GetAsync("{c}1"));
    }

    [Fact]
    public async Task No_node_takes_a_slot_whose_owner_still_holds_keys()
    {
        await SetAsync("{a}key", "here");
        var (one, three) = (await IdAsync(1), await IdAsync(3));
        foreach (var asked in Cluster.Indexes)
        {
            Assert.Equal(
                "ERR Can't assign hashslot 15495 to a different node while I still hold keys for this hash slot.",
                await Cluster.CallAsync(asked, "cluster", "setslot", "15495", "node", one));
        }

        Assert.Equal("1", (await Tool.RedisCliAsync(Cluster.Resp(3), "del", "{a}key")).Output.Trim());
        Assert.Equal("OK", await Cluster.CallAsync(2, "cluster", "setslot", "15495", "node", one));
        Assert.Equal("OK", await Cluster.CallAsync(2, "cluster", "setslot", "15495", "node", three));
    }

    [Fact]
    public async Task Set_timeout_survives_a_restart()
    {
        var set = (await Tool.RunAsync("redis-cli", "--cluster", "set-timeout", At(1), "3210")).Ok().Output;
        Assert.Contains("New node timeout set. 3 OK, 0 ERR.", set, StringComparison.Ordinal);
        await Cluster.KillAsync(2);
        await Cluster.RestartAsync(2);
        Assert.Equal("cluster-node-timeout\n3210", await Cluster.CallAsync(2, "config", "get", "cluster-node-timeout"));
        foreach (var node in Cluster.Indexes)
        {
            await Eventually.Equals($"node {node} sees a whole cluster", "ok", () => Cluster.FieldAsync(node, "cluster_state", "cluster", "info"), TimeSpan.FromSeconds(20));
            await Eventually.Equals($"node {node} sees nobody fail", "", () => SuspectsAsync(node), TimeSpan.FromSeconds(20));
        }
    }

    [Fact]
    public async Task Keys_of_a_real_redis_are_imported()
    {
        using var redis = await RedisServer.StartAsync(cluster: false);
        var input = string.Concat(Enumerable.Range(0, 300).Select(i => $"set imported:{i} value:{i}\nhset imported:h{i} f {i}\n")) + "set imported:ttl x ex 1000\n";
        (await Tool.RunWithInputAsync(input, "redis-cli", "-p", $"{redis.Port}")).Ok();

        (await Tool.RunAsync("redis-cli", "--cluster", "import", At(1), "--cluster-from", $"127.0.0.1:{redis.Port}", "--cluster-copy")).Ok();

        Assert.Equal("value:17", await GetAsync("imported:17"));
        Assert.Equal("299", (await Tool.RunAsync("redis-cli", "-c", "-p", $"{Cluster.Resp(1)}", "hget", "imported:h299", "f")).Output.Trim());
        var left = (await Tool.RunAsync("redis-cli", "-c", "-p", $"{Cluster.Resp(1)}", "ttl", "imported:ttl")).Output.Trim();
        Assert.InRange(int.Parse(left, System.Globalization.CultureInfo.InvariantCulture), 900, 1000);
    }

    [Fact]
    public async Task A_backup_is_an_rdb_file_per_node_that_a_real_redis_loads()
    {
        var large = new string('x', 3_000_000); // more than one piece of the stream
        var input = string.Concat(Enumerable.Range(0, 500).Select(i => $"set saved:{i} value:{i}\nrpush saved:l{i} a {i}\n")) + $"set saved:large {large}\nset saved:ttl x ex 1000\n";
        (await Tool.RunWithInputAsync(input, "redis-cli", "-c", "-p", $"{Cluster.Resp(1)}")).Ok();
        var directory = Directory.CreateTempSubdirectory("trefoil-backup-");
        try
        {
            (await Tool.RunAsync("redis-cli", "--cluster", "backup", At(1), directory.FullName)).Ok();

            var files = directory.GetFiles("*.rdb");
            Assert.Equal(3, files.Length);
            var saved = 0L;
            foreach (var file in files)
            {
                var check = (await Tool.RunAsync("redis-check-rdb", file.FullName)).Ok().Output;
                Assert.Contains("Checksum OK", check, StringComparison.Ordinal);
                using var redis = await RedisServer.StartAsync(file.FullName);
                saved += long.Parse((await Tool.RedisCliAsync(redis.Port, "eval", "return #redis.call('keys', 'saved:*')", "0")).Ok().Output, System.Globalization.CultureInfo.InvariantCulture);
            }

            Assert.Equal(1002, saved);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    /// <summary>Sets marks, and sees that one fix leaves no slot open and every slot covered.</summary>
    private async Task FixedAsync(string what, params object[][] marks)
    {
        foreach (var mark in marks)
        {
            await MarkAsync((int)mark[0], (string)mark[1], (string)mark[2]);
        }

        var open = (await ClusterAsync("check")).Output;
        Assert.True(open.Contains($"slots are open: {Slot}", StringComparison.Ordinal), $"{what}:\n{open}");
        var fix = (await ClusterAsync("fix")).Ok().Output;
        var check = (await ClusterAsync("check")).Output;
        Assert.True(
            check.Contains("[OK] All 16384 slots covered.", StringComparison.Ordinal) && !check.Contains("[WARNING]", StringComparison.Ordinal),
            $"{what}:\n{fix}\n{check}");
    }

    private async Task MarkAsync(int node, string kind, string peer) =>
        Assert.Equal("OK", await Cluster.CallAsync(node, "cluster", "setslot", Slot, kind, peer));

    private Task<ToolResult> ClusterAsync(string verb) => Tool.RunAsync("redis-cli", "--cluster", verb, At(1), "--cluster-yes");

    private async Task<string> OwnerAsync()
    {
        var lines = (await Cluster.CallAsync(1, "cluster", "slots")).Split('\n');
        for (var i = 0; i + 4 < lines.Length; i++)
        {
            if (int.TryParse(lines[i], out var start) && int.TryParse(lines[i + 1], out var end) && start <= 3300 && end >= 3300 && lines[i + 2] == "127.0.0.1")
            {
                return lines[i + 4];
            }
        }

        return "nobody";
    }

    private async Task<string> SuspectsAsync(int node) =>
        string.Join('\n', (await Cluster.CallAsync(node, "cluster", "nodes")).Split('\n').Where(line => line.Contains("fail", StringComparison.Ordinal)));

    private Task<string> IdAsync(int node) => Cluster.CallAsync(node, "cluster", "myid");

    private string At(int node) => $"127.0.0.1:{Cluster.Resp(node)}";

    private async Task SetAsync(string key, string value) =>
        Assert.Equal("OK", (await Tool.RunAsync("redis-cli", "-c", "-p", $"{Cluster.Resp(1)}", "set", key, value)).Output.Trim());

    private async Task<string> GetAsync(string key) =>
        (await Tool.RunAsync("redis-cli", "-c", "-p", $"{Cluster.Resp(1)}", "get", key)).Output.Trim();
}

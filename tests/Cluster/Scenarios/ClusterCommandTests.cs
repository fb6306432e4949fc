using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Trefoil.Client;
using Trefoil.Cluster.Harness;
using Trefoil.Primitives;
using Xunit;
using static Trefoil.Cluster.Harness.RedisCliCluster;

namespace Trefoil.Cluster.Scenarios;

/// <summary>What an operator does with <c>trefoil cluster</c> to real nodes, while clients write.</summary>
public sealed class ClusterCommandTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_cluster_is_made_grown_levelled_and_shrunk_while_clients_write()
    {
        await using var cluster = await LocalCluster.UpAsync(4, "--alone");
        (await ClusterCommandAsync(cluster, "create", At(cluster, 1), At(cluster, 2), At(cluster, 3))).Ok();
        await using var client = new ClusterClient([new HostPort("127.0.0.1", cluster.Resp(1))], new ClusterClientOptions(), TimeProvider.System);
        var data = new EveryType(client, 2_000);
        await data.WriteAsync();
        await using var writer = new SteadyWriter(cluster.Resp(1), "live", 500);

        (await ClusterCommandAsync(cluster, "add", At(cluster, 4))).Ok();
        Assert.Equal(["5461", "5462", "5461", "0"], await SlotsAsync(cluster));
        var level = (await ClusterCommandAsync(cluster, "rebalance")).Ok();
        TestContext.Current.TestOutputHelper?.WriteLine(level.Output);
        foreach (var slots in await SlotsAsync(cluster))
        {
            Assert.InRange(int.Parse(slots, CultureInfo.InvariantCulture), HashSlot.Count / 4 * 0.98, HashSlot.Count / 4 * 1.02);
        }

        (await ClusterCommandAsync(cluster, "reshard", "--to", At(cluster, 1), "--slots", "300")).Ok();
        Assert.Equal("4396", (await SlotsAsync(cluster))[0]);
        await ChecksOutAsync(cluster);

        await RefusedAsync(cluster, 1, $"{At(cluster, 4)} owns", "remove", At(cluster, 4));
        await RefusedAsync(cluster, 2, "'127.0.0.1:1' is no member of this cluster", "reshard", "--to", "127.0.0.1:1", "--slots", "1");
        await RefusedAsync(cluster, 1, "is in a cluster of 4 nodes already", "create", At(cluster, 1));
        await RefusedAsync(cluster, 2, "say --yes if you mean it", "forget", At(cluster, 4));

        (await ClusterCommandAsync(cluster, "drain", At(cluster, 4))).Ok();
        Assert.Equal("0", (await SlotsAsync(cluster))[3]);
        (await ClusterCommandAsync(cluster, "remove", At(cluster, 4))).Ok();
        Assert.Equal("1", await cluster.FieldAsync(4, "cluster_known_nodes", "cluster", "info"));
        Assert.Equal("0", await cluster.CallAsync(4, "dbsize"));

        await ChecksOutAsync(cluster);
        Assert.True(writer.Writes > 0, "the writer was stuck");
        await writer.StopAsync();
        await data.CompareAsync();
        var sizes = await Task.WhenAll(Enumerable.Range(1, 3).Select(node => cluster.CallAsync(node, "dbsize")));
        Assert.True(sizes.Sum(size => int.Parse(size, CultureInfo.InvariantCulture)) == data.Keys + 500, $"the nodes have {string.Join(" + ", sizes)} keys");
    }

    [Fact]
    public async Task A_reshard_outlives_the_primary_it_takes_from_and_a_failover_is_asked_for()
    {
        await using var cluster = await LocalCluster.UpAsync(4, "--alone");
        (await ClusterCommandAsync(cluster, "create", [.. cluster.Indexes.Select(node => At(cluster, node)), "--replicas", "1"])).Ok();
        await using var client = new ClusterClient([new HostPort("127.0.0.1", cluster.Resp(2))], new ClusterClientOptions(), TimeProvider.System);
        var data = new EveryType(client, 2_000);
        await data.WriteAsync();
        Assert.Equal("OK", await cluster.CallAsync(2, "config", "set", "slot-migration-rate", "100"));

        // Node 1 is a primary: nodes of one host are dealt out in turn, the first ones as primaries.
        var reshard = Tool.TrefoilAsync("cluster", "reshard", "--node", At(cluster, 2), "--to", At(cluster, 2), "--slots", "500");
        await Eventually.See("it copies", "slots that were copied", () => StatusAsync(cluster), seen => Regex.IsMatch(seen, "\"slots_copied\": [1-9]"), Deadline);
        await cluster.KillAsync(1);
        await Eventually.See("somebody took over", "another attempt", () => StatusAsync(cluster), seen => seen.Contains("\"attempt\": 2", StringComparison.Ordinal), Deadline);
        Assert.Equal("OK", await cluster.CallAsync(2, "config", "set", "slot-migration-rate", "0"));

        Assert.Contains("done: 500 of 500 slots moved", (await reshard).Ok().Output, StringComparison.Ordinal);
        var check = await ClusterCommandAsync(cluster, "check", "--node", At(cluster, 2));
        Assert.Equal(1, check.ExitCode);
        Assert.Matches($"error +node-(failed|silent): {At(cluster, 1)} \\(replica", check.Output);

        await cluster.RestartAsync(1);
        await Eventually.See("the old primary has caught up", "no warning", () => ClusterCommandAsync(cluster, "check"), seen => seen.Output.EndsWith("all is well.\n", StringComparison.Ordinal), Deadline);
        (await ClusterCommandAsync(cluster, "failover", At(cluster, 1))).Ok();
        Assert.Equal("master", (await cluster.CallAsync(1, "role")).Split('\n')[0]);
        await data.CompareAsync();
    }

    private static Task<ToolResult> ClusterCommandAsync(LocalCluster cluster, string verb, params string[] arguments) => Tool.TrefoilAsync(
        ["cluster", verb, .. arguments, .. verb == "create" || arguments.Contains("--node") ? Array.Empty<string>() : ["--node", At(cluster, 1)]]);

    private static async Task<string> StatusAsync(LocalCluster cluster) =>
        (await ClusterCommandAsync(cluster, "status", "-o", "json", "--node", At(cluster, 2))).Output;

    private static async Task RefusedAsync(LocalCluster cluster, int code, string why, string verb, params string[] arguments)
    {
        var refused = await ClusterCommandAsync(cluster, verb, arguments);
        Assert.Equal((code, ""), (refused.ExitCode, refused.Output));
        Assert.Contains(why, refused.Error, StringComparison.Ordinal);
    }

    /// <summary>Slots of every member, nodes in the order of their numbers.</summary>
    private static async Task<List<string>> SlotsAsync(LocalCluster cluster)
    {
        using var json = JsonDocument.Parse((await ClusterCommandAsync(cluster, "nodes", "-o", "json")).Ok().Output);
        return [.. json.RootElement.GetProperty("nodes").EnumerateArray().OrderBy(node => node.GetProperty("address").GetString(), StringComparer.Ordinal)
            .Select(node => node.GetProperty("slots").GetInt32().ToString(CultureInfo.InvariantCulture))];
    }

    /// <summary>redis-cli and trefoil both find nothing wrong but that there are no replicas.</summary>
    private static async Task ChecksOutAsync(LocalCluster cluster)
    {
        using var json = JsonDocument.Parse((await ClusterCommandAsync(cluster, "check", "-o", "json")).Ok().Output);
        Assert.Equal(["no-replica"], json.RootElement.GetProperty("findings").EnumerateArray()
            .Where(finding => finding.GetProperty("severity").GetString() != "note").Select(finding => finding.GetProperty("code").GetString()));
        Assert.Contains("[OK] All 16384 slots covered.", (await ClusterAsync("check", At(cluster, 1))).Ok().Output, StringComparison.Ordinal);
    }
}

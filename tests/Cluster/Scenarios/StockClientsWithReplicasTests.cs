using Trefoil.Cluster.Harness;
using Xunit;

namespace Trefoil.Cluster.Scenarios;

/// <summary>Client libraries that read from replicas, which READONLY and CLUSTER SLOTS tell them how to, while primaries and replicas change places.</summary>
public sealed class StockClientsWithReplicasTests
{
    private static readonly int HandOvers = Soak.Times(2, 8);
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
    private static readonly string Scripts = Path.Combine(AppContext.BaseDirectory, "Scripts", "npm");

    [Theory]
    [Trait(Soak.Trait, "yes")]
    [InlineData("ioredis")]
    [InlineData("node-redis")]
    public async Task Reads_come_from_replicas_and_no_hand_over_is_an_error(string client)
    {
        (await Tool.RunLongAsync("npm", "ci", "--no-audit", "--no-fund", "--prefix", Scripts)).Ok();
        await using var cluster = await LocalCluster.UpAsync(6, "--replicas", "1");
        using var process = Tool.Start("node", Path.Combine(Scripts, "replica_reads.js"), client, $"{cluster.Resp(1)}");
        var stop = TestContext.Current.CancellationToken;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(stop), process.StandardError.ReadToEndAsync(stop));
        await Eventually.See("a replica is read from", "calls of GET", () => ReadsAsync(cluster, 4), reads => reads > 0, Deadline);
        for (var i = 0; i < HandOvers; i++)
        {
            var to = i % 2 == 0 ? 4 : 1;
            Assert.Equal("OK", await cluster.CallAsync(to, "cluster", "failover"));
            await Eventually.Equals("the other one follows", "up", () => cluster.FieldAsync(5 - to, "master_link_status", "info", "replication"), Deadline);

            // Whom a client reads from until it asks for the map again is its own affair: the node that leads now answers, too.
            var before = await ShardReadsAsync(cluster);
            await Eventually.See("reads go on", "more calls of GET", () => ShardReadsAsync(cluster), reads => reads > before + 50, Deadline);
        }

        process.StandardInput.Close();
        using var deadline = new CancellationTokenSource(Deadline);
        try
        {
            await process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            Assert.Fail($"{client} does not end: {await output}{await error}");
        }

        Assert.True(await output == "200 keys read as written\n", $"{await output}{await error}");
        TestContext.Current.TestOutputHelper?.WriteLine(await error);
    }

    private static async Task<int> ShardReadsAsync(LocalCluster cluster) => await ReadsAsync(cluster, 1) + await ReadsAsync(cluster, 4);

    private static async Task<int> ReadsAsync(LocalCluster cluster, int node)
    {
        var line = await cluster.FieldAsync(node, "cmdstat_get", "info", "commandstats");
        return line.Length == 0 ? 0 : int.Parse(line["calls=".Length..line.IndexOf(',', StringComparison.Ordinal)], System.Globalization.CultureInfo.InvariantCulture);
    }
}

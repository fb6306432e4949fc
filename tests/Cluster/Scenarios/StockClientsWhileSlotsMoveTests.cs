using Trefoil.Cluster.Harness;
using Xunit;
using static Trefoil.Cluster.Harness.RedisCliCluster;

namespace Trefoil.Cluster.Scenarios;

/// <summary>
/// Sixty calls through each of the client libraries that people use, pub/sub, transactions, scans and blocking pops among them, again and again while
/// slots move there and back: every answer is the one that a cluster at rest would give.
/// </summary>
public sealed class StockClientsWhileSlotsMoveTests(StockClientsWhileSlotsMoveTests.FourNodes nodes) : IClassFixture<StockClientsWhileSlotsMoveTests.FourNodes>
{
    private const int Slots = 250;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
    private static readonly string Scripts = Path.Combine(AppContext.BaseDirectory, "Scripts");

    [Fact]
    public async Task Ioredis_does_not_notice_that_slots_move()
    {
        await NpmPackagesAsync();
        await SixtyCallsAsync("node", Path.Combine(Scripts, "npm", "sixty_calls_of_ioredis.js"));
    }

    [Fact]
    public async Task Node_redis_does_not_notice_that_slots_move()
    {
        await NpmPackagesAsync();
        await SixtyCallsAsync("node", Path.Combine(Scripts, "npm", "sixty_calls_of_node_redis.js"));
    }

    /// <summary>The system's python is the one that Debian's python3-redis belongs to.</summary>
    [Fact]
    public async Task Redis_py_does_not_notice_that_slots_move() =>
        await SixtyCallsAsync("/usr/bin/python3", Path.Combine(Scripts, "redis_py_sixty_calls.py"));

    /// <summary>The exact versions of the lock file.</summary>
    private static async Task NpmPackagesAsync() =>
        (await Tool.RunLongAsync("npm", "ci", "--no-audit", "--no-fund", "--prefix", Path.Combine(Scripts, "npm"))).Ok();

    private async Task SixtyCallsAsync(string interpreter, string script)
    {
        var cluster = nodes.Cluster;
        var (first, fourth) = (await cluster.CallAsync(1, "cluster", "myid"), await cluster.CallAsync(4, "cluster", "myid"));
        using var client = Tool.Start(interpreter, script, $"{cluster.Resp(1)}");
        var (output, error) = (client.StandardOutput.ReadToEndAsync(), client.StandardError.ReadToEndAsync());
        (await ReshardAsync(cluster, first, fourth, Slots)).Ok();
        (await ReshardAsync(cluster, fourth, first, Slots)).Ok();
        client.StandardInput.Close();

        using var deadline = new CancellationTokenSource(Deadline);
        try
        {
            await client.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            client.Kill();
            Assert.Fail($"{script} does not end: {await output}{await error}");
        }

        TestContext.Current.TestOutputHelper?.WriteLine(await error);
        Assert.True(await output == "60 calls answered as expected\n", $"{await output}{await error}");
    }

    /// <summary>Three nodes with all slots and one without, which all tests of the class share.</summary>
    public sealed class FourNodes : IAsyncLifetime
    {
        internal LocalCluster Cluster { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Cluster = await CreatedOverThreeAsync();
            (await ClusterAsync("add-node", At(Cluster, 4), At(Cluster, 1))).Ok();
        }

        public ValueTask DisposeAsync() => Cluster.DisposeAsync();
    }
}

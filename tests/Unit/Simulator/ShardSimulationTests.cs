using Trefoil.Simulator;
using Xunit;

namespace Trefoil.Unit.Simulator;

/// <summary>Leases, elections, replica sets and log shipping together, under every fault of the simulator, judged by what clients are told.</summary>
public sealed class ShardSimulationTests
{
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(20);

    [Fact]
    public void Ten_seeds_lose_no_acknowledged_write_and_show_no_write_undone()
    {
        var counts = new SimulationCounts();
        for (ulong seed = 1; seed <= 10; seed++)
        {
            var result = Run(seed);
            Assert.True(result.Failure is null, $"{result.Failure}\n{string.Join('\n', result.TraceTail.TakeLast(80))}");
            counts.Add(result.Counts);
        }

        var writes = counts["clients: writes acknowledged, asynchronous"] + counts["clients: writes acknowledged, quorum"] + counts["clients: writes acknowledged, synchronous"];
        Assert.True(writes > 500 && counts["shards: epochs served"] > 30, $"the runs are about something: {writes} writes");
    }

    private static SimulationResult Run(ulong seed) => Simulation.Run(new SimulationOptions { Seed = seed, FaultPhase = Short, Shards = true });
}

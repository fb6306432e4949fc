using Trefoil.Simulator;
using Xunit;

namespace Trefoil.Unit.Simulator;

public sealed class SimulationTests
{
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(20);

    [Fact]
    public void Twenty_seeds_raise_no_objection()
    {
        for (ulong seed = 1; seed <= 20; seed++)
        {
            var result = Simulation.Run(new SimulationOptions { Seed = seed, FaultPhase = Short });
            Assert.True(result.Failure is null, $"{result.Failure}\n{string.Join('\n', result.TraceTail.TakeLast(80))}");
        }
    }

    [Fact]
    public void The_same_seed_gives_the_same_trace()
    {
        for (ulong seed = 1; seed <= 3; seed++)
        {
            var (first, second) = (Run(seed), Run(seed));
            Assert.Equal(first.TraceHash, second.TraceHash);
            Assert.Equal(first.VirtualTime, second.VirtualTime);
            Assert.Equal(first.Counts.All, second.Counts.All);
        }

        Assert.NotEqual(Run(1).TraceHash, Run(2).TraceHash);
    }

    private static SimulationResult Run(ulong seed) => Simulation.Run(new SimulationOptions { Seed = seed, FaultPhase = Short });
}

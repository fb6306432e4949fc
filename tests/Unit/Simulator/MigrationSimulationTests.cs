using Trefoil.Simulator;
using Trefoil.Simulator.Slots;
using Trefoil.Unit.Testing;
using Xunit;

namespace Trefoil.Unit.Simulator;

/// <summary>Slots move between shards under clients and every fault: every key in one place, every acknowledged write there, one node that answers (correctness.md, 7).</summary>
public sealed class MigrationSimulationTests
{
    /// <summary>Effects of the scripted migration; the crash behind a later one would come when all is over.</summary>
    private const int Steps = 20;

    /// <summary>Each step under soak; otherwise every tenth, others for each role.</summary>
    [Theory]
    [Trait(Soak.Trait, "yes")]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Whoever_crashes_at_whatever_step_the_migration_ends_once_and_whole(int role)
    {
        for (var step = Soak.IsOn ? 0 : role * 2; step < Steps; step += Soak.Times(4, 1))
        {
            var result = Scripted((step, (CrashRole)role));

            Assert.True(result.Failure is null, $"{(CrashRole)role} ends behind step {step}: {result.Failure}\n{string.Join('\n', result.TraceTail.TakeLast(80))}");
            Assert.Equal(1, result.Counts["moves: completed"] + result.Counts["moves: aborted"]);
            Assert.True(result.Counts["moves: completed"] == 1, $"{(CrashRole)role} ends behind step {step}: who may be elected goes on with it");
        }
    }

    [Fact]
    public void The_scripted_migration_has_as_many_steps_as_are_walked()
    {
        var result = Scripted((int.MaxValue, CrashRole.Leader));

        Assert.Null(result.Failure);
        Assert.InRange(result.Counts["moves: steps"], Steps - 10, Steps);
        Assert.Equal(0, result.Counts["moves: needed more than one attempt"]);
    }

    private static SimulationResult Scripted((int, CrashRole) crash) => Trefoil.Simulator.Simulation.Run(new SimulationOptions
    {
        Seed = 1,
        Nodes = 6,
        FaultPhase = TimeSpan.FromSeconds(10),
        Shards = true,
        CrashStep = crash,
    });
}

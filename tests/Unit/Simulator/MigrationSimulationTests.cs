using Trefoil.Simulator;
using Trefoil.Simulator.Slots;
using Trefoil.Unit.Testing;
using Xunit;

namespace Trefoil.Unit.Simulator;

/// <summary>Slots move between shards under clients and every fault: every key in one place, every acknowledged write there, one node that answers (correctness.md, 7).</summary>
public sealed class MigrationSimulationTests
{
    /// <summary>Effects of the scripted migration; the crash behind a later one would come when all is over.</summary>
    private const int Steps = 90;

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
        for (var step = Soak.IsOn ? 0 : role * 2; step < Steps; step += Soak.Times(10, 1))
        {
            var result = Scripted((step, (CrashRole)role), new Sabotage());

            Assert.True(result.Failure is null, $"{(CrashRole)role} ends behind step {step}: {result.Failure}\n{string.Join('\n', result.TraceTail.TakeLast(80))}");
            Assert.Equal(1, result.Counts["moves: completed"] + result.Counts["moves: aborted"]);
            Assert.True(result.Counts["moves: completed"] == 1, $"{(CrashRole)role} ends behind step {step}: who may be elected goes on with it");
        }
    }

    [Fact]
    public void The_scripted_migration_has_as_many_steps_as_are_walked()
    {
        var result = Scripted((int.MaxValue, CrashRole.Leader), new Sabotage());

        Assert.Null(result.Failure);
        Assert.InRange(result.Counts["moves: steps"], Steps - 10, Steps);
        Assert.Equal(0, result.Counts["moves: needed more than one attempt"]);
    }

    [Fact]
    public void A_source_that_thaws_by_its_clock_is_found() => AssertFound(PlantedMoves.ThawByClock);

    [Fact]
    public void A_source_that_does_not_freeze_is_found() => AssertFound(PlantedMoves.NoFreeze);

    [Fact]
    public void A_source_that_sends_no_changes_is_found() => AssertFound(PlantedMoves.NoChanges);

    [Fact]
    public void What_is_completed_in_another_epoch_than_it_was_copied_in_is_found() => AssertFound(PlantedMoves.CompletionInAnotherEpoch);

    [Fact]
    public void A_target_that_completes_before_its_set_holds_everything_is_found() => AssertFound(PlantedMoves.CompletionBeforeTheSetHoldsIt);

    [Fact]
    public void An_end_that_does_not_clean_up_is_found() => AssertFound(PlantedMoves.NoCleanUp);

    private static void AssertFound(Sabotage sabotage)
    {
        for (ulong seed = 1; seed <= 120; seed++)
        {
            var options = new SimulationOptions { Seed = seed, FaultPhase = TimeSpan.FromSeconds(20), Shards = true, Sabotage = sabotage };
            if (Trefoil.Simulator.Simulation.Run(options).Failure is not null)
            {
                return;
            }
        }

        Assert.Fail("120 seeds raised no objection to the planted bug.");
    }

    private static SimulationResult Scripted((int, CrashRole) crash, Sabotage sabotage) => Trefoil.Simulator.Simulation.Run(new SimulationOptions
    {
        Seed = 1,
        Nodes = 6,
        FaultPhase = TimeSpan.FromSeconds(10),
        Shards = true,
        CrashStep = crash,
        Sabotage = sabotage,
    });
}

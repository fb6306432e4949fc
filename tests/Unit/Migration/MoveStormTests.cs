using Trefoil.Migration;
using Trefoil.Sharding;
using Trefoil.Unit.Testing;
using Xunit;

namespace Trefoil.Unit.Migration;

/// <summary>Shards of production cores that move slots to and fro under clients, with everything that can be lost, late or dead (correctness.md, 7).</summary>
public sealed class MoveStormTests
{
    [Fact]
    public void Without_faults_a_migration_is_one_attempt_one_short_freeze_and_two_clean_ends()
    {
        var world = new MoveWorld(1, new MovePlan());
        world.Run(TimeSpan.FromMilliseconds(300));
        var id = world.Begin(1, 2, new SlotRange(0, 3));

        Assert.True(world.RunUntil(() => world.Oracle.Unfinished() is null, TimeSpan.FromSeconds(2)), Story(world));
        var record = world.Cluster.Topology.FindMigration(id)!;
        Assert.Equal((MigrationState.Completed, true, 1u), (record.State, record.IsClean, record.Attempt));
        Assert.Equal(4, world.Cluster.Topology.SlotCountOf(world.Members[1].Id));
        Assert.Equal((1, 1), (world.Counts["Frozen"], world.Counts["Thawed"]));
        world.Oracle.CheckEnd();
    }

    [Fact]
    [Trait(Soak.Trait, "yes")]
    public void No_storm_loses_doubles_or_strands_a_key()
    {
        for (var seed = 1UL; seed <= (ulong)Soak.Times(12, 400); seed++)
        {
            var world = new MoveWorld(seed, StormPlan(seed));
            Check(world, seed, () =>
            {
                for (var turn = 0; turn < 60; turn++)
                {
                    world.BeginSomewhere();
                    world.Run(TimeSpan.FromMilliseconds(300));
                }

                world.Heal();
                Assert.True(world.RunUntil(() => world.Oracle.Unfinished() is null, TimeSpan.FromSeconds(60)), world.Oracle.Unfinished());
            });
            Assert.True(world.Counts["Completed"] > 4, $"seed {seed} is about nothing");
        }
    }

    /// <summary>Each of the four at each effect: what was begun ends once, with or without a further attempt, and both ends are clean.</summary>
    [Fact]
    [Trait(Soak.Trait, "yes")]
    public void Whoever_crashes_behind_whichever_effect_the_migration_completes()
    {
        var steps = StepsOfOneMove();
        Assert.True(steps > 15, $"{steps} steps");
        for (var member = 1; member <= 4; member++)
        {
            for (var step = 0; step < steps; step++)
            {
                var world = new MoveWorld(3, new MovePlan { CrashAt = (step, member), Rate = 4000 });
                Check(world, (ulong)step, () =>
                {
                    world.Run(TimeSpan.FromMilliseconds(300));
                    var id = world.Begin(1, 2, new SlotRange(0, 3));
                    world.Run(TimeSpan.FromMilliseconds(20));
                    Assert.True(world.RunUntil(() => world.Oracle.Unfinished() is null, TimeSpan.FromSeconds(20)), world.Oracle.Unfinished());
                    Assert.Equal(MigrationState.Completed, world.Cluster.Topology.FindMigration(id)!.State);
                });
            }
        }
    }

    [Fact]
    public void A_target_that_cannot_be_reached_is_given_up_and_the_slots_stay()
    {
        var world = new MoveWorld(2, new MovePlan { Config = new MigrationConfig { StallTimeout = TimeSpan.FromSeconds(2) } });
        world.Cut(2, 1);
        var id = world.Begin(1, 2, new SlotRange(0, 3));
        world.Run(TimeSpan.FromSeconds(3));

        var record = world.Cluster.Topology.FindMigration(id)!;
        Assert.Equal(MigrationState.Aborted, record.State);
        Assert.Contains("cannot be reached", record.Message, StringComparison.Ordinal);
        Assert.True(world.RunUntil(() => world.Oracle.Unfinished() is null, TimeSpan.FromSeconds(1)), Story(world));
        world.Oracle.CheckEnd();
    }

    /// <summary>The heart of the matter: whatever the clock says, a frozen source lets nobody in before the topology shows what became of the attempt.</summary>
    [Fact]
    public void A_frozen_source_that_hears_nothing_stays_frozen_until_another_attempt_is_committed()
    {
        var world = new MoveWorld(4, new MovePlan { LostProposals = 1 });
        var id = world.Begin(1, 2, new SlotRange(0, 3));
        Assert.True(world.RunUntil(() => world.Members[0].Slots.IsHeld(0), TimeSpan.FromSeconds(1)), Story(world));
        world.Run(TimeSpan.FromSeconds(20));
        Assert.True(world.Members[0].Slots.IsHeld(0), "no proposal was committed: it may still be one of completion");
        Assert.Contains(world.Story, line => line.Contains("proposes Restart", StringComparison.Ordinal));
        Assert.Contains(world.Story, line => line.Contains("proposes Complete", StringComparison.Ordinal));

        world.Do(request => new TopologyCommand.RestartMigration(request, id, 1, "at last", 0));
        Assert.True(world.RunUntil(() => world.Story.Exists(line => line.Contains("notes Thawed", StringComparison.Ordinal)), TimeSpan.FromSeconds(1)), Story(world));
    }

    [Fact]
    public void A_target_that_has_keys_of_its_own_refuses_and_keeps_them()
    {
        var world = new MoveWorld(5, new MovePlan { CallEvery = TimeSpan.FromHours(1) });
        world.Run(TimeSpan.FromMilliseconds(50));
        var target = world.Members[1];
        target.Slots.Write(0, 0, 7);
        var id = world.Begin(1, 2, new SlotRange(0, 0));

        Assert.True(world.RunUntil(() => world.Oracle.Unfinished() is null, TimeSpan.FromSeconds(2)), Story(world));
        var record = world.Cluster.Topology.FindMigration(id)!;
        Assert.Equal((MigrationState.Aborted, "there are keys in these slots"), (record.State, record.Message));
        Assert.NotEqual(0UL, target.Slots[0, 0].Value);
    }

    [Fact]
    public void A_target_out_of_memory_aborts_and_empties_what_it_took()
    {
        var world = new MoveWorld(6, new MovePlan { Mishaps = (0.2, 0) });
        world.Run(TimeSpan.FromMilliseconds(300));
        var id = world.Begin(1, 2, new SlotRange(0, 7));

        Assert.True(world.RunUntil(() => world.Oracle.Unfinished() is null, TimeSpan.FromSeconds(2)), Story(world));
        Assert.Equal((MigrationState.Aborted, "OOM"), (world.Cluster.Topology.FindMigration(id)!.State, world.Cluster.Topology.FindMigration(id)!.Message));
        world.Oracle.CheckEnd();
    }

    [Fact]
    public void A_target_that_is_flushed_meanwhile_gets_everything_anew()
    {
        var world = new MoveWorld(7, new MovePlan { Rate = 500 });
        world.Run(TimeSpan.FromMilliseconds(300));
        var id = world.Begin(1, 2, new SlotRange(0, 7));
        world.Run(TimeSpan.FromMilliseconds(100));
        Assert.True(world.Members[1].Slots.HasKeys(0), Story(world));
        world.Members[1].Slots.Flush(_ => false);

        Assert.True(world.RunUntil(() => world.Oracle.Unfinished() is null, TimeSpan.FromSeconds(5)), Story(world));
        var record = world.Cluster.Topology.FindMigration(id)!;
        Assert.Equal((MigrationState.Completed, 2u), (record.State, record.Attempt));
        Assert.Contains("FLUSHALL", Assert.Single(world.Story, line => line.Contains("proposes Restart", StringComparison.Ordinal)), StringComparison.Ordinal);
        world.Oracle.CheckEnd();
    }

    [Fact]
    public void No_more_are_copied_at_a_time_than_is_allowed_and_all_get_their_turn()
    {
        var world = new MoveWorld(8, new MovePlan { Rate = 2000, Config = new MigrationConfig { MaxExports = 2 } });
        world.Run(TimeSpan.FromMilliseconds(300));
        for (var slot = 0; slot < 6; slot++)
        {
            world.Begin(1, 2, new SlotRange(slot, slot));
        }

        var most = 0;
        Assert.True(world.RunUntil(
            () =>
            {
                most = Math.Max(most, world.Members[0].Status.Migrations.Count(each => each.Phase is MigrationPhase.Copying or MigrationPhase.CatchingUp or MigrationPhase.Frozen));
                return world.Oracle.Unfinished() is null;
            },
            TimeSpan.FromSeconds(10), everyMs: 0.5), Story(world));
        Assert.Equal(2, most);
        Assert.Equal(6, world.Cluster.Topology.SlotCountOf(world.Members[1].Id));
    }

    [Fact]
    public void Acknowledgements_of_what_is_not_there_are_found()
    {
        var world = new MoveWorld(9, new MovePlan { Loss = 0.2 })
        {
            Lie = (_, message) => message is MigrationMessage.Ack ack ? ack with { Received = ack.Received + 14 } : message,
        };
        world.Run(TimeSpan.FromMilliseconds(300));
        var id = world.Begin(1, 2, new SlotRange(0, 7));
        world.Run(TimeSpan.FromSeconds(20));

        Assert.NotEqual(MigrationState.Completed, world.Cluster.Topology.FindMigration(id)!.State);
    }

    private static int StepsOfOneMove()
    {
        var world = new MoveWorld(3, new MovePlan { CrashAt = (int.MaxValue, 1), Rate = 4000 });
        world.Run(TimeSpan.FromMilliseconds(300));
        world.Begin(1, 2, new SlotRange(0, 3));
        world.Run(TimeSpan.FromSeconds(2));
        return world.Steps;
    }

    private static MovePlan StormPlan(ulong seed) => new()
    {
        Shards = 2 + (int)(seed % 2),
        Loss = seed % 4 == 0 ? 0.1 : 0.01,
        Duplicates = 0.03,
        Overtaking = 0.02,
        Late = seed % 3 == 0 ? 0.1 : 0.01,
        LostProposals = 0.1,
        Rate = seed % 5 == 0 ? 2000 : 0,
        FaultEvery = TimeSpan.FromMilliseconds(700),
        MaxDelay = TimeSpan.FromMilliseconds(seed % 7 == 0 ? 20 : 2),
        CallEvery = TimeSpan.FromMilliseconds(3),
        Mishaps = (0.0005, 0.1),
        Config = seed % 2 == 0 ? new MigrationConfig { StallTimeout = TimeSpan.FromSeconds(3) } : new MovePlan().Config with
        {
            MaxUnheldBytes = 600,
            MaxExports = 1,
            StallTimeout = TimeSpan.FromSeconds(3),
        },
    };

    private static void Check(MoveWorld world, ulong seed, Action run)
    {
        try
        {
            run();
            world.Run(TimeSpan.FromMilliseconds(100));
            world.Oracle.CheckEnd();
        }
        catch (MoveViolation violation)
        {
            Assert.Fail($"seed or step {seed}, crash {world.Plan.CrashAt}, at {world.Now}: {violation.Message}\n{Story(world)}");
        }
    }

    private static string Story(MoveWorld world) => string.Join('\n', world.Story.TakeLast(60));
}

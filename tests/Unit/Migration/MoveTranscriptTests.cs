using Trefoil.Migration;
using Trefoil.Sharding;
using Trefoil.Unit.Testing;
using Xunit;

namespace Trefoil.Unit.Migration;

/// <summary>The talk of a source and a target, as golden text: read a change of it as you would read code.</summary>
public sealed class MoveTranscriptTests
{
    private static readonly MovePlan Plan = new()
    {
        MaxDelay = TimeSpan.FromMilliseconds(1),
        CallEvery = TimeSpan.FromMilliseconds(15),
        Rate = 400,
        Config = new MigrationConfig { Burst = TimeSpan.FromMilliseconds(1) },
    };

    [Fact]
    public void A_migration()
    {
        var world = Begun();
        Assert.True(world.RunUntil(() => world.Oracle.Unfinished() is null, TimeSpan.FromSeconds(5)));
        Golden.Check("Migration", "a-migration", string.Join('\n', world.Story));
    }

    [Fact]
    public void The_target_fails_over_while_the_source_is_frozen()
    {
        var world = Begun();
        Assert.True(world.RunUntil(() => world.Members[0].Slots.IsHeld(0), TimeSpan.FromSeconds(1), everyMs: 0.1));
        world.Elect(world.Cluster.Topology.ShardOf(world.Members[1].Id)!.Id);
        Assert.True(world.RunUntil(() => world.Oracle.Unfinished() is null, TimeSpan.FromSeconds(5)));
        Golden.Check("Migration", "the-target-fails-over", string.Join('\n', world.Story));
    }

    [Fact]
    public void The_source_fails_over_while_it_copies()
    {
        var world = Begun();
        world.Run(TimeSpan.FromMilliseconds(30));
        world.Elect(world.Cluster.Topology.ShardOf(world.Members[0].Id)!.Id);
        Assert.True(world.RunUntil(() => world.Oracle.Unfinished() is null, TimeSpan.FromSeconds(5)));
        Golden.Check("Migration", "the-source-fails-over", string.Join('\n', world.Story));
    }

    [Fact]
    public void The_last_words_are_lost_and_said_again()
    {
        var lost = 0;
        var world = Begun((_, message) => message is MigrationMessage.Frozen && lost++ == 0 ? null : message);
        Assert.True(world.RunUntil(() => world.Oracle.Unfinished() is null, TimeSpan.FromSeconds(5)));
        Golden.Check("Migration", "the-last-words-are-lost", string.Join('\n', world.Story));
    }

    [Fact]
    public void It_is_cancelled()
    {
        var world = Begun();
        world.Run(TimeSpan.FromMilliseconds(30));
        var id = world.Cluster.Topology.Migrations[0].Id;
        world.Do(request => new TopologyCommand.AbortMigration(request, id, "cancelled", 0));
        Assert.True(world.RunUntil(() => world.Oracle.Unfinished() is null, TimeSpan.FromSeconds(5)));
        Golden.Check("Migration", "it-is-cancelled", string.Join('\n', world.Story));
    }

    /// <summary>Some keys written, then a migration of half of the slots at a gentle rate.</summary>
    private static MoveWorld Begun(Func<MoveMember, MigrationMessage, MigrationMessage?>? lie = null)
    {
        var world = new MoveWorld(1, Plan) { Lie = lie };
        world.Run(TimeSpan.FromMilliseconds(200));
        world.Begin(1, 2, new SlotRange(0, 3));
        return world;
    }
}

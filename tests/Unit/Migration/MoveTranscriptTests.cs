using Trefoil.Sharding;
using Trefoil.Unit.Testing;
using Xunit;

namespace Trefoil.Unit.Migration;

/// <summary>The talk of a source and a target, as golden text: read a change of it as you would read code.</summary>
public sealed class MoveTranscriptTests
{
    private static readonly MovePlan Plan = new()
    {
        MaxDelay = TimeSpan.FromMicroseconds(100),
        CallEvery = TimeSpan.FromMilliseconds(15),
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
        Assert.True(world.RunUntil(() => world.Members[0].Slots.IsHeld(0), TimeSpan.FromSeconds(1)));
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
        var world = Begun();
        Assert.True(world.RunUntil(() => world.Members[0].Slots.IsHeld(0), TimeSpan.FromSeconds(1)));
        world.Cut(1, 2);
        world.Run(TimeSpan.FromMilliseconds(150));
        world.Join(1, 2);
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
    private static MoveWorld Begun()
    {
        var world = new MoveWorld(1, Plan with { Rate = 1000 });
        world.Run(TimeSpan.FromMilliseconds(200));
        world.Begin(1, 2, new SlotRange(0, 3));
        return world;
    }
}

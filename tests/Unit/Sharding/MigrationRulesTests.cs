using Trefoil.Primitives;
using Trefoil.Sharding;
using Xunit;
using static Trefoil.Unit.Sharding.Cluster;

namespace Trefoil.Unit.Sharding;

/// <summary>A migration is a record that only committed commands change: one of completion and abort, and never for a void attempt.</summary>
public sealed class MigrationRulesTests
{
    private readonly Cluster _cluster = Of(4);

    public MigrationRulesTests()
    {
        _cluster.Assign(1, new SlotRange(0, 99));
        _cluster.Assign(2, new SlotRange(100, 199));
    }

    private Topology Topology => _cluster.Topology;

    [Fact]
    public void Completion_changes_the_owner_of_all_slots_at_once_and_leaves_the_source_to_clean()
    {
        var id = Begin(1, 3, new SlotRange(20, 29), new SlotRange(10, 19), new SlotRange(50, 50));
        var record = Topology.FindMigration(id)!;
        Assert.Equal([new SlotRange(10, 29), new SlotRange(50, 50)], record.Ranges);
        Assert.Equal((Member(1), Member(3), 1u, 21), (record.SourceNode, record.TargetNode, record.Attempt, record.SlotCount));
        Assert.True(Topology.Owns(Member(1), 10));
        Assert.Same(record, Topology.MigrationOf(29));
        Assert.Null(Topology.MigrationOf(30));

        Assert.Equal(CommandResult.Ok, Complete(id, 1));
        Assert.Equal(21, Topology.SlotCountOf(Member(3)));
        Assert.Equal((MigrationState.Completed, false, Member(1)), Ending(id));
        Assert.Null(Topology.MigrationOf(10));

        Assert.Equal(CommandResult.Ok, Clean(id));
        Assert.Equal((MigrationState.Completed, true, NodeId.None), Ending(id));
    }

    [Fact]
    public void An_abort_keeps_the_owner_and_leaves_the_target_to_clean()
    {
        var id = Begin(1, 3, new SlotRange(0, 9));

        Assert.Equal(CommandResult.Ok, Abort(id));

        Assert.Equal((MigrationState.Aborted, false, Member(3)), Ending(id));
        Assert.Equal(100, Topology.SlotCountOf(Member(1)));
        Assert.Equal(Refused(Refusals.MigrationChanged), Complete(id, 1));
        Assert.Equal(Refused(Refusals.MigrationChanged), Abort(id));
    }

    [Fact]
    public void After_completion_nothing_aborts_or_restarts_it()
    {
        var id = Begin(1, 3, new SlotRange(0, 9));
        Complete(id, 1);

        Assert.Equal(Refused(Refusals.MigrationChanged), Abort(id));
        Assert.Equal(Refused(Refusals.MigrationChanged), Restart(id, 1));
        Assert.True(Topology.Owns(Member(3), 0));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void An_election_at_either_end_makes_the_attempt_void_until_it_is_begun_anew(int end)
    {
        var id = Begin(1, 3, new SlotRange(0, 9));
        Elect(end);
        Assert.False(Topology.IsCurrent(Topology.FindMigration(id)!));
        Assert.Equal(Refused(Refusals.MigrationChanged), Complete(id, 1));

        Assert.Equal(CommandResult.Ok, Restart(id, 1));
        Assert.True(Topology.IsCurrent(Topology.FindMigration(id)!));
        Assert.Equal(Refused(Refusals.MigrationChanged), Complete(id, 1));
        Assert.Equal(CommandResult.Ok, Complete(id, 2));
    }

    [Fact]
    public void During_an_election_nothing_completes_though_its_epoch_is_the_records()
    {
        var id = Begin(1, 3, new SlotRange(0, 9));
        var shard = Topology.ShardOf(Member(3))!;
        _cluster.Do(request => new TopologyCommand.BeginElection(request, shard.Id, shard.Epoch, NodeId.None, false));
        Restart(id, 1);

        Assert.Equal(Refused(Refusals.MigrationChanged), Complete(id, 2));
        Promote(3);
        Assert.Equal(CommandResult.Ok, Complete(id, 2));
    }

    [Fact]
    public void The_source_may_change_its_primary_and_the_slots_go_from_the_new_one()
    {
        _cluster.Do(request => new TopologyCommand.Replicate(request, Member(4), Member(1)));
        var id = Begin(1, 3, new SlotRange(0, 9));
        var shard = Topology.ShardOf(Member(1))!;
        _cluster.Do(request => new TopologyCommand.BeginElection(request, shard.Id, shard.Epoch, NodeId.None, false));
        _cluster.Do(request => new TopologyCommand.Promote(request, shard.Id, Topology.FindShard(shard.Id)!.Epoch, Member(4), [Member(4)]));

        Restart(id, 1);
        Assert.Equal(CommandResult.Ok, Complete(id, 2));
        Assert.Equal((Member(4), 10), (Topology.FindMigration(id)!.SourceNode, Topology.SlotCountOf(Member(3))));
    }

    [Fact]
    public void The_same_attempt_is_ended_once()
    {
        var id = Begin(1, 3, new SlotRange(0, 9));

        Assert.Equal(CommandResult.Ok, Restart(id, 1));
        Assert.Equal(Refused(Refusals.MigrationChanged), Restart(id, 1));
        Assert.Equal(2u, Topology.FindMigration(id)!.Attempt);
    }

    [Fact]
    public void A_migration_that_begins_anew_too_often_is_aborted_and_says_why()
    {
        var id = Begin(1, 3, new SlotRange(0, 9));
        for (uint attempt = 1; attempt <= MigrationRecord.MaxAttempts; attempt++)
        {
            Assert.Equal(CommandResult.Ok, Restart(id, attempt));
        }

        Assert.Equal((MigrationState.Aborted, false, Member(3)), Ending(id));
        Assert.Equal("given up after 32 attempts: because", Topology.FindMigration(id)!.Message);
    }

    [Fact]
    public void What_cannot_be_moved_is_refused_and_nothing_changes()
    {
        var before = Topology.Migrations;
        Assert.Equal(Refused(Refusals.NotServed(150)), TryBegin(1, (3, new SlotRange(90, 99)), (3, new SlotRange(150, 150))));
        Assert.Equal(Refused(Refusals.NotAssigned(200)), TryBegin(2, (3, new SlotRange(190, 200))));
        Assert.Equal(Refused(Refusals.Repeated(5)), TryBegin(1, (3, new SlotRange(0, 9)), (2, new SlotRange(5, 5))));
        Assert.Equal(Refused(Refusals.Repeated(9)), TryBegin(1, (3, new SlotRange(0, 9)), (3, new SlotRange(9, 9))));
        Assert.Equal(Refused(Refusals.InvalidSlot), TryBegin(1, (3, new SlotRange(5, 4))));
        Assert.Equal(Refused(Refusals.InvalidSlot), TryBegin(1, (3, new SlotRange(16384, 16384))));
        Assert.Equal(Refused(Refusals.InvalidSlot), TryBegin(1));
        Assert.Equal(Refused(Refusals.MoveToSelf), TryBegin(1, (1, new SlotRange(0, 0))));
        Assert.Equal(Refused(Refusals.UnknownNode(NodeRecord.RespIdOf(Member(9)))), TryBegin(1, (9, new SlotRange(0, 0))));
        _cluster.Do(request => new TopologyCommand.Replicate(request, Member(4), Member(1)));
        Assert.Equal(Refused(Refusals.NotPrimary), TryBegin(1, (4, new SlotRange(0, 0))));
        Assert.Equal(Refused(Refusals.SourceNotPrimary), TryBegin(4, (3, new SlotRange(0, 0))));
        _cluster.Do(request => new TopologyCommand.MarkSlot(request, new SlotMark(7, Member(1), SlotMarkKind.Migrating, Member(3))));
        Assert.Equal(Refused(Refusals.Marked(7)), TryBegin(1, (3, new SlotRange(0, 9))));
        Assert.Equal(before, Topology.Migrations);
    }

    [Fact]
    public void While_a_slot_moves_nobody_else_moves_marks_or_frees_it()
    {
        var id = Begin(1, 3, new SlotRange(0, 9));
        var moving = Refused(Refusals.Moving(5, id));

        Assert.Equal(moving, TryBegin(1, (2, new SlotRange(5, 5))));
        Assert.Equal(moving, _cluster.Do(request => new TopologyCommand.SetSlotOwner(request, 5, Member(2))));
        Assert.Equal(moving, _cluster.Do(request => new TopologyCommand.MoveSlot(request, 5, Member(1), Member(2))));
        Assert.Equal(moving, _cluster.Do(request => new TopologyCommand.MarkSlot(request, new SlotMark(5, Member(1), SlotMarkKind.Migrating, Member(2)))));
        Assert.Equal(moving, _cluster.Unassign(new SlotRange(5, 12)));
        Assert.IsType<CommandResult.Done>(_cluster.Do(request => new TopologyCommand.SetSlotOwner(request, 5, Member(1))));
        Assert.Equal(CommandResult.Ok, _cluster.Unassign(new SlotRange(10, 12)));
    }

    [Fact]
    public void Slots_come_to_nobody_who_still_has_keys_of_them()
    {
        var id = Begin(1, 3, new SlotRange(0, 9));
        Abort(id);
        var unclean = Refused(Refusals.Unclean(4, id));
        Assert.Equal(unclean, TryBegin(1, (3, new SlotRange(4, 4))));
        Assert.Equal(unclean, _cluster.Do(request => new TopologyCommand.MoveSlot(request, 4, Member(1), Member(3))));
        _cluster.Unassign(new SlotRange(4, 4));
        Assert.Equal(unclean, _cluster.Assign(3, new SlotRange(4, 4)));
        Assert.Equal(CommandResult.Ok, _cluster.Assign(2, new SlotRange(4, 4)));

        Clean(id);
        Assert.Equal(CommandResult.Ok, TryBegin(2, (3, new SlotRange(4, 4))));
    }

    [Fact]
    public void What_a_primary_of_the_past_has_removed_does_not_count()
    {
        var id = Begin(1, 3, new SlotRange(0, 9));
        Abort(id);
        var epoch = Topology.ShardOf(Member(3))!.Epoch;
        Elect(3);

        Assert.Equal(Refused(Refusals.MigrationChanged), _cluster.Do(request => new TopologyCommand.CleanMigration(request, id, epoch)));
        Assert.Equal(CommandResult.Ok, Clean(id));
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(3, true)]
    public void Removing_an_end_aborts_and_whoever_is_gone_has_nothing_to_clean(int removed, bool isClean)
    {
        var id = Begin(1, 3, new SlotRange(0, 9));

        _cluster.Remove(removed);

        var record = Topology.FindMigration(id)!;
        Assert.Equal((MigrationState.Aborted, isClean), (record.State, record.IsClean));
        Assert.NotEmpty(record.Message);
    }

    [Fact]
    public void A_target_that_becomes_a_replica_aborts_it()
    {
        var id = Begin(1, 3, new SlotRange(0, 9));

        Assert.Equal(CommandResult.Ok, _cluster.Do(request => new TopologyCommand.Replicate(request, Member(3), Member(2))));

        Assert.Equal((MigrationState.Aborted, true, NodeId.None), Ending(id));
    }

    [Fact]
    public void The_newest_clean_ones_are_remembered_and_the_others_forgotten()
    {
        var first = Begin(1, 3, new SlotRange(0, 9));
        for (var i = 0; i <= MigrationRecord.MaxRemembered; i++)
        {
            var id = Begin(2, 3, new SlotRange(100, 100));
            Abort(id);
            Clean(id);
        }

        Assert.Equal(1 + MigrationRecord.MaxRemembered, Topology.Migrations.Count);
        Assert.Equal(first, Topology.Migrations[0].Id);
    }

    [Fact]
    public void Only_so_many_are_open_at_once()
    {
        var parts = Enumerable.Range(0, 100).Select(slot => (3, new SlotRange(slot, slot))).ToArray();
        Assert.Equal(CommandResult.Ok, TryBegin(1, parts));
        Assert.Equal(CommandResult.Ok, TryBegin(2, [.. parts.Select(part => (3, new SlotRange(part.Item2.Start + 100, part.Item2.End + 100)))]));
        _cluster.Assign(4, new SlotRange(300, 400));

        Assert.Equal(Refused(Refusals.TooManyMigrations), TryBegin(4, [.. Enumerable.Range(300, 57).Select(slot => (3, new SlotRange(slot, slot)))]));
        Assert.Equal(CommandResult.Ok, TryBegin(4, [.. Enumerable.Range(300, 56).Select(slot => (3, new SlotRange(slot, slot)))]));
    }

    [Fact]
    public void Names_have_forty_digits_and_differ()
    {
        TryBegin(1, (3, new SlotRange(0, 0)), (2, new SlotRange(1, 1)));
        var names = Topology.Migrations.Select(record => record.Id.ToString()).ToArray();

        Assert.All(names, name => Assert.Matches("^[0-9a-f]{40}$", name));
        Assert.Equal(2, names.Distinct().Count());
    }

    [Fact]
    public void Bytes_of_a_topology_without_migrations_are_still_read()
    {
        var bytes = Topology.Encode();
        Assert.Equal(0, bytes[^1]); // The number of migrations.
        byte[] older = [3, .. bytes[1..^1]];

        Assert.True(Topology.TryDecode(older, out var read));
        Assert.Equal(Topology, read);
    }

    private MigrationId Begin(int source, int target, params SlotRange[] ranges)
    {
        var begin = new TopologyCommand.BeginMigrations(_cluster.NextRequest(), Member(source), [new MigrationPart(Member(target), ranges)], 1000);
        Assert.Equal(CommandResult.Ok, _cluster.Apply(begin));
        return new MigrationId(begin.Request.Proposer, begin.Request.Sequence, 0);
    }

    private CommandResult TryBegin(int source, params (int Target, SlotRange Range)[] parts) => _cluster.Do(request =>
        new TopologyCommand.BeginMigrations(request, Member(source), [.. parts.Select(part => new MigrationPart(Member(part.Target), [part.Range]))], 1000));

    private CommandResult Complete(MigrationId id, uint attempt) =>
        _cluster.Do(request => new TopologyCommand.CompleteMigration(request, id, attempt, 2000));

    private CommandResult Restart(MigrationId id, uint attempt) =>
        _cluster.Do(request => new TopologyCommand.RestartMigration(request, id, attempt, "because", 2000));

    private CommandResult Abort(MigrationId id) => _cluster.Do(request => new TopologyCommand.AbortMigration(request, id, "cancelled", 2000));

    private CommandResult Clean(MigrationId id) => _cluster.Do(request => new TopologyCommand.CleanMigration(
        request, id, Topology.FindShard(Topology.FindMigration(id)!.Cleaner)!.Epoch));

    private (MigrationState, bool, NodeId) Ending(MigrationId id)
    {
        var record = Topology.FindMigration(id)!;
        return (record.State, record.IsClean, record.Cleaner);
    }

    private void Elect(int member)
    {
        var shard = Topology.ShardOf(Member(member))!;
        _cluster.Do(request => new TopologyCommand.BeginElection(request, shard.Id, shard.Epoch, NodeId.None, false));
        Promote(member);
    }

    private void Promote(int member)
    {
        var shard = Topology.ShardOf(Member(member))!;
        _cluster.Do(request => new TopologyCommand.Promote(request, shard.Id, shard.Epoch, Member(member), [Member(member)]));
    }
}

using Trefoil.KeyValue.Cluster;
using Trefoil.Migration;
using Trefoil.Primitives;
using Trefoil.Sharding;
using Xunit;

namespace Trefoil.Unit.KeyValue.Cluster;

public sealed class MigrationViewTests
{
    private readonly MigrationView _view = new(TimeProvider.System);

    [Fact]
    public void What_a_migration_took_is_still_told_once_it_has_ended()
    {
        Publish(Progress(1, MigrationPhase.Frozen) with { BytesSent = 700, SlotsCopied = 5 });
        Publish(Progress(1, MigrationPhase.Cleaning) with { LongestFreeze = TimeSpan.FromMilliseconds(9) });
        Assert.Equal(700, _view.Find(Id(1))!.BytesSent);

        Publish();
        Publish(Progress(2, MigrationPhase.Copying));

        Assert.Null(_view.Find(Id(1)));
        var ended = _view.FindEnded(Id(1))!;
        Assert.Equal((700, 5, 9.0), (ended.BytesSent, ended.SlotsCopied, ended.LongestFreeze.TotalMilliseconds));
        Assert.Null(_view.FindEnded(Id(2)));
    }

    [Fact]
    public void Only_the_newest_that_have_ended_are_remembered()
    {
        for (ulong number = 1; number <= MigrationRecord.MaxRemembered + 1; number++)
        {
            Publish(Progress(number, MigrationPhase.Copying));
            Publish();
        }

        Assert.Null(_view.FindEnded(Id(1)));
        Assert.NotNull(_view.FindEnded(Id(2)));
        Assert.NotNull(_view.FindEnded(Id(MigrationRecord.MaxRemembered + 1)));
    }

    private static MigrationId Id(ulong number) => new(new NodeId(1, 1), number, 0);

    private static MigrationProgress Progress(ulong number, MigrationPhase phase) => new() { Id = Id(number), Phase = phase };

    private void Publish(params MigrationProgress[] progress) => _view.Publish(new MigrationStatus(progress), TimeSpan.Zero);
}

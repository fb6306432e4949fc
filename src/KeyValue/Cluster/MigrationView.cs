using Trefoil.Migration;
using Trefoil.Sharding;

namespace Trefoil.KeyValue.Cluster;

/// <summary>Where the migrations of slots stand that this node is an end of: what CLUSTER GETSLOTMIGRATIONS adds to the topology. Thread-safe.</summary>
/// <remarks>Whoever drives the core of migration publishes its status after every round of inputs. What ended is remembered while this process runs.</remarks>
public sealed class MigrationView(TimeProvider time)
{
    private volatile Published _published = new(MigrationStatus.Empty, [], TimeSpan.Zero, 0);

    /// <summary>As it was published last.</summary>
    public MigrationStatus Status => _published.Status;

    /// <summary>One thread, in the order of the rounds: where the core stands at <paramref name="now"/> on its own clock.</summary>
    public void Publish(MigrationStatus status, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(status);
        var before = _published;
        var (shown, ended) = (status, before.Ended);
        if (before.Status.Migrations.Count > 0)
        {
            shown = new MigrationStatus([.. status.Migrations.Select(progress => WithCounts(progress, Find(before.Status.Migrations, progress.Id)))]);
            MigrationProgress[] gone = [.. before.Status.Migrations.Where(progress => Find(shown.Migrations, progress.Id) is null)];
            ended = gone.Length == 0 ? ended : [.. ended.Concat(gone).TakeLast(MigrationRecord.MaxRemembered)];
        }

        _published = new Published(shown, ended, now, time.GetTimestamp());
    }

    /// <summary>What is known of a migration here; null if this node does nothing for it.</summary>
    internal MigrationProgress? Find(MigrationId id) => Find(_published.Status.Migrations, id);

    /// <summary>What is known of a migration here that has ended: where it stood last, and what it took.</summary>
    internal MigrationProgress? FindEnded(MigrationId id) => Find(_published.Ended, id);

    /// <summary>When that was, a moment on the core's clock: milliseconds since 1970.</summary>
    internal long UnixMsOf(TimeSpan then)
    {
        var published = _published;
        var ago = published.Now - then + time.GetElapsedTime(published.Timestamp);
        return (time.GetUtcNow() - ago).ToUnixTimeMilliseconds();
    }

    /// <summary>Whoever cleans up does not count bytes any more; what was counted before stays.</summary>
    private static MigrationProgress WithCounts(MigrationProgress progress, MigrationProgress? before) =>
        progress.Phase != MigrationPhase.Cleaning || before is null ? progress : progress with
        {
            SlotsCopied = before.SlotsCopied,
            BytesSent = before.BytesSent,
            BytesAcked = before.BytesAcked,
            Records = before.Records,
            LastHeard = before.LastHeard,
        };

    private static MigrationProgress? Find(IReadOnlyList<MigrationProgress> migrations, MigrationId id)
    {
        for (var i = migrations.Count - 1; i >= 0; i--)
        {
            if (migrations[i].Id == id)
            {
                return migrations[i];
            }
        }

        return null;
    }

    private sealed record Published(MigrationStatus Status, IReadOnlyList<MigrationProgress> Ended, TimeSpan Now, long Timestamp);
}

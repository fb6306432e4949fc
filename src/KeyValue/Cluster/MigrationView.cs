using Trefoil.Migration;
using Trefoil.Sharding;

namespace Trefoil.KeyValue.Cluster;

/// <summary>Where the migrations of slots stand that this node is an end of: what CLUSTER GETSLOTMIGRATIONS adds to the topology. Thread-safe.</summary>
/// <remarks>Whoever drives the core of migration publishes its status after every round of inputs; it is of this process and this epoch only.</remarks>
public sealed class MigrationView(TimeProvider time)
{
    private volatile Published _published = new(MigrationStatus.Empty, TimeSpan.Zero, 0);

    /// <summary>As it was published last.</summary>
    public MigrationStatus Status => _published.Status;

    /// <summary>Any thread, in the order of the rounds: where the core stands at <paramref name="now"/> on its own clock.</summary>
    public void Publish(MigrationStatus status, TimeSpan now) => _published = new Published(status, now, time.GetTimestamp());

    /// <summary>What is known of a migration here; null if this node does nothing for it.</summary>
    internal MigrationProgress? Find(MigrationId id)
    {
        foreach (var progress in Status.Migrations)
        {
            if (progress.Id == id)
            {
                return progress;
            }
        }

        return null;
    }

    /// <summary>When that was, a moment on the core's clock: milliseconds since 1970.</summary>
    internal long UnixMsOf(TimeSpan then)
    {
        var published = _published;
        var ago = published.Now - then + time.GetElapsedTime(published.Timestamp);
        return (time.GetUtcNow() - ago).ToUnixTimeMilliseconds();
    }

    private sealed record Published(MigrationStatus Status, TimeSpan Now, long Timestamp);
}

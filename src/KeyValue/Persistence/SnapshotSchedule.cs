using Trefoil.KeyValue.Server;

namespace Trefoil.KeyValue.Persistence;

/// <summary>Starts snapshots that nobody asked for: save points, and a log that has outgrown the snapshot in front of it.</summary>
internal sealed class SnapshotSchedule(KeyStorage storage, ServerSettings settings)
{
    /// <summary>Seconds between tries while snapshots fail.</summary>
    private const int RetrySeconds = 5;

    /// <summary>One was asked for while another was in progress: it follows.</summary>
    public bool IsScheduled { get; set; }

    /// <summary>About ten times a second; <paramref name="now"/> in seconds since 1970.</summary>
    public void Tick(long now)
    {
        var snapshots = storage.Snapshots;
        if (snapshots.InProgress || (snapshots.LastError.Length > 0 && now - snapshots.LastTriedAt < RetrySeconds))
        {
            return;
        }

        var changes = (long)storage.Log.Changes;
        if (IsScheduled || LogHasGrown())
        {
            IsScheduled = !snapshots.TryStart(isRewrite: true, out _);
        }
        else if (changes > 0 && settings.SavePoints.Any(point => changes >= point.Changes && now - snapshots.LastSavedAt >= point.Seconds))
        {
            snapshots.TryStart(isRewrite: false, out _);
        }
    }

    /// <summary>Redis' auto-aof-rewrite: the log is larger than so many bytes, and by so many percent larger than what it would be rewritten to.</summary>
    private bool LogHasGrown()
    {
        var size = storage.Log.Size;
        return storage.Log.IsWritten && settings.LogRewritePercentage > 0 && size >= settings.LogRewriteMinBytes
            && size >= storage.Snapshots.LastBytes / 100 * settings.LogRewritePercentage;
    }
}

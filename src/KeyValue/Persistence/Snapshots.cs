using Trefoil.KeyValue.Store;
using Trefoil.Storage;

namespace Trefoil.KeyValue.Persistence;

/// <summary>Takes snapshots in the background and trims the log behind them: BGSAVE, SAVE, BGREWRITEAOF are all one thing here.</summary>
/// <remarks>
/// In Redis a save and a rewrite of the log are two files. Here the snapshot is what the log is rewritten to: once it is durable,
/// and the log durable up to the newest record in it, segments that it covers are deleted. One at a time.
/// </remarks>
internal sealed class Snapshots(IDisk disk, Keyspace keys, KeyLog log, TimeProvider time, long lastBytes, Func<string, Action, Action> background) : IDisposable
{
    private readonly Lock _starting = new();
    private volatile bool _cancelled;
    private volatile bool _excluded;
    private volatile SnapshotWriter? _writer;
    private Action? _join;
    private long _startedTicks;
    private ulong _covered;

    /// <summary>True from the start of a snapshot to its end.</summary>
    public bool InProgress => _writer is not null;

    /// <summary>Ends with the one that was started last: true if it is durable.</summary>
    public Task<bool> Current { get; private set; } = Task.FromResult(false);

    /// <summary>Whether the one in progress was asked for as a rewrite of the log.</summary>
    public bool IsRewrite { get; private set; }

    /// <summary>Keys written by the one in progress.</summary>
    public long KeysSoFar => _writer?.Keys ?? 0;

    /// <summary>When the last good one ended, seconds since 1970 (LASTSAVE); the start of the server before there is one.</summary>
    public long LastSavedAt { get; private set; } = time.GetUtcNow().ToUnixTimeSeconds();

    /// <summary>When the last one was tried, good or not, seconds since 1970.</summary>
    public long LastTriedAt { get; private set; }

    /// <summary>How long the last one took, seconds; -1 before there is one.</summary>
    public long LastSeconds { get; private set; } = -1;

    /// <summary>How long the one in progress has taken, seconds; -1 if there is none.</summary>
    public long CurrentSeconds => InProgress ? (long)time.GetElapsedTime(_startedTicks).TotalSeconds : -1;

    /// <summary>What went wrong with the last one; empty if nothing did.</summary>
    public string LastError { get; private set; } = "";

    /// <summary>Good ones since the start.</summary>
    public long Saves { get; private set; }

    /// <summary>Those among them that were asked for as a rewrite of the log.</summary>
    public long Rewrites { get; private set; }

    /// <summary>Failed ones since the last good one.</summary>
    public long FailuresInRow { get; private set; }

    /// <summary>Length of the last one, in bytes.</summary>
    public long LastBytes { get; private set; } = lastBytes;

    /// <summary>Starts one; false if one is in progress, or the state is no cut of the log (<see cref="KeyLog.IsConsistent"/>). The task ends with it: true if it is durable.</summary>
    public bool TryStart(bool isRewrite, out Task<bool> done)
    {
        lock (_starting)
        {
            if (InProgress || _cancelled || _excluded || !log.IsConsistent)
            {
                done = Task.FromResult(false);
                return false;
            }

            var finished = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            Current = done = finished.Task;
            IsRewrite = isRewrite;
            _startedTicks = time.GetTimestamp();
            LastTriedAt = time.GetUtcNow().ToUnixTimeSeconds();
            _join = Begin(finished);
            return true;
        }
    }

    /// <summary>Replaces the snapshot by one that came from elsewhere, <paramref name="bytes"/> long: gives up the one in progress, and starts none until it is done.</summary>
    public void Replace(long bytes, Action replace)
    {
        Action? running;
        lock (_starting)
        {
            _excluded = true;
            running = _join;
        }

        running?.Invoke();
        try
        {
            replace();
            LastBytes = bytes;
            LastSavedAt = time.GetUtcNow().ToUnixTimeSeconds();
        }
        finally
        {
            _excluded = false;
        }
    }

    /// <summary>Gives up the one in progress and starts no more.</summary>
    public void Dispose()
    {
        lock (_starting)
        {
            _cancelled = true;
        }

        _join?.Invoke();
    }

    private Action? Begin(TaskCompletionSource<bool> finished)
    {
        IDiskFile? file = null;
        try
        {
            disk.CreateDirectory(KeyStorageOptions.SnapshotDirectory);
            file = disk.Open(SnapshotFiles.Temporary, create: true);
            file.Truncate(0);
            var (covered, history) = log.SnapshotBegins();
            _covered = covered;
            _writer = new SnapshotWriter(file, keys) { History = history };
        }
        catch (IOException failure)
        {
            file?.Dispose();
            Finish(failure.Message);
            finished.SetResult(false);
            return null;
        }

        return background("kv-snapshot", () => Run(file, finished));
    }

    private void Run(IDiskFile file, TaskCompletionSource<bool> finished)
    {
        var writer = _writer!;
        string? problem;
        try
        {
            problem = writer.Run(_covered, time.GetUtcNow().ToUnixTimeMilliseconds(), () => _cancelled || _excluded) ? null : _cancelled ? "the server stops" : "the primary sent its own";
            file.Dispose();
            if (problem is null)
            {
                Publish(writer.Bytes);
            }
        }
#pragma warning disable CA1031 // Whatever it is (a full disk, a slot beyond 2 GiB): a snapshot that fails costs nothing but itself.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            // The old one and the log still hold everything.
            file.Dispose();
            problem = failure.Message;
        }

        Finish(problem);
        finished.SetResult(problem is null);
    }

    /// <summary>
    /// The log is synced up to the newest record in the snapshot before the snapshot counts: else a power cut could keep
    /// one slot's newer state beside another's older one.
    /// </summary>
    private void Publish(long bytes)
    {
        log.WaitUntilDurable();
        SnapshotFiles.Publish(disk, SnapshotFiles.Temporary, SnapshotFiles.Current);
        log.SnapshotSaved();
        LastBytes = bytes;
        LastSavedAt = time.GetUtcNow().ToUnixTimeSeconds();
        Saves++;
        Rewrites += IsRewrite ? 1 : 0;
    }

    private void Finish(string? problem)
    {
        LastError = problem ?? "";
        FailuresInRow = problem is null ? 0 : FailuresInRow + 1;
        LastSeconds = (long)time.GetElapsedTime(_startedTicks).TotalSeconds;
        _writer?.Dispose();
        _writer = null;
    }
}

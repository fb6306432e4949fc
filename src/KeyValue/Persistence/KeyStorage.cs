using Trefoil.KeyValue.Effects;
using Trefoil.KeyValue.Store;
using Trefoil.Primitives;
using Trefoil.Replication;
using Trefoil.Storage;

namespace Trefoil.KeyValue.Persistence;

/// <summary>What keeps the keys of a store: recovery at the start, then the log, its thread and the snapshots, sealed at the end.</summary>
/// <remarks>
/// <code>Open: snapshot → records of the log that are newer, slot by slot → the log is attached → changes are recorded</code>
/// Nothing expires while records are applied: a key whose time came had its removal recorded, and one that was made persistent
/// in time must still be there when that record comes.
/// </remarks>
public sealed class KeyStorage : IDisposable
{
    private readonly TimeProvider _time;
    private KeyLogThread? _thread;

    private KeyStorage(IDisk disk, Keyspace keys, KeyLog log, KeyRecovery recovery, TimeProvider time, Func<string, Action, Action>? background)
    {
        Log = log;
        _time = time;
        Disk = disk;
        RunsInPlace = background is not null;
        Snapshots = new Snapshots(disk, keys, log, time, recovery.SnapshotBytes, background ?? OnThread);
        Recovery = recovery;
    }

    /// <summary>What <see cref="Open"/> did.</summary>
    public KeyRecovery Recovery { get; }

    /// <summary>The node's data directory.</summary>
    internal IDisk Disk { get; }

    internal KeyLog Log { get; }

    /// <summary>Nothing here has a thread of its own (<see cref="KeyStorageOptions.Background"/>).</summary>
    internal bool RunsInPlace { get; }

    internal Snapshots Snapshots { get; }

    /// <summary>Syncs of the log that took longer than a second.</summary>
    internal long DelayedSyncs => _thread?.DelayedSyncs ?? 0;

    /// <summary>Brings an empty store back to what was acknowledged and attaches the log.</summary>
    /// <param name="disk">The node's data directory.</param>
    /// <param name="options">How keys are kept.</param>
    /// <param name="keys">The store: empty, and nobody uses it yet.</param>
    /// <param name="random">For the log's salt.</param>
    /// <param name="time">Measures how long it took, and the second between syncs.</param>
    /// <exception cref="IOException">The disk failed.</exception>
    public static KeyStorageResult Open(IDisk disk, KeyStorageOptions options, Keyspace keys, Prng random, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(keys);
        ArgumentNullException.ThrowIfNull(random);
        ArgumentNullException.ThrowIfNull(time);
        var started = time.GetTimestamp();
        keys.Clock.Advance(time.GetUtcNow().ToUnixTimeMilliseconds());
        using var workers = new ReplayWorkers(options.Background is not null);
        SnapshotFiles.Forget(disk);
        var isIncoming = disk.Exists(SnapshotFiles.Incoming);
        var snapshot = SnapshotReader.Load(disk, isIncoming ? SnapshotFiles.Incoming : SnapshotFiles.Current, keys, workers);
        if (snapshot.Refusal is not null)
        {
            return new KeyStorageResult.Refused(snapshot.Refusal);
        }

        var replay = new LogReplay(keys, workers, snapshot);
        var opened = Wal.Open(
            disk, KeyStorageOptions.LogDirectory,
            new WalOptions { SegmentBytes = options.SegmentBytes, RollsByItself = false, Salt = (uint)random.Next() },
            isIncoming ? static (_, _, _) => { }
        : replay.Visit);
        if (opened is not WalOpenResult.Opened { Wal: var wal, Recovery: var found })
        {
            return new KeyStorageResult.Refused(((WalOpenResult.Refused)opened).Refusal);
        }

        replay.Finish();
        if (isIncoming)
        {
            // The log is of the state that this snapshot replaced.
            wal.Reset(snapshot.Lsn + 1);
            SnapshotFiles.Publish(disk, SnapshotFiles.Incoming, SnapshotFiles.Current);
        }
        else if ((replay.Refusal ?? Gap(found, snapshot)) is { } refusal)
        {
            wal.Dispose();
            return new KeyStorageResult.Refused(refusal);
        }

        var history = Place(wal, snapshot, replay.History, options, random);
        var log = new KeyLog(options.AppendOnly ? wal : null, wal.NextLsn)
        {
            Policy = options.Sync,
            SavedLsn = snapshot.Lsn,
            Size = replay.Bytes,
            History = history,
            ConsistentLsn = snapshot.LastLsn,
            IsFollowing = options.Follows,
        };
        if (!options.AppendOnly)
        {
            wal.Dispose();
        }

        keys.Log = log;
        var recovery = new KeyRecovery(
            snapshot.Keys, snapshot.Bytes, snapshot.Lsn, replay.Records, replay.Bytes, found.TornBytes, found.TornAt, keys.Count,
            time.GetElapsedTime(started));
        return new KeyStorageResult.Opened(new KeyStorage(disk, keys, log, recovery, time, options.Background));
    }

    /// <summary>Starts the thread that syncs, rolls and trims the log.</summary>
    /// <param name="fatal">Told of a failing disk; must end the process, for nothing may be acknowledged any more.</param>
    public void Start(Action<IOException> fatal) => _thread = Log.IsWritten ? new KeyLogThread(Log, _time, fatal) : null;

    /// <summary>A clean stop: the log is synced and marked as whole. Nobody may use the store any more.</summary>
    public void Dispose()
    {
        Snapshots.Dispose();
        _thread?.Dispose();
        Log.Close();
    }

    /// <summary>For a log without a file: durably drops the records that an older start with one left behind.</summary>
    internal void DropLogFiles(ulong nextLsn)
    {
        if (Wal.Open(Disk, KeyStorageOptions.LogDirectory, new WalOptions(), static (_, _, _) => { }) is WalOpenResult.Opened { Wal: var wal })
        {
            wal.Reset(nextLsn);
            wal.Dispose();
        }
    }

    private static Action OnThread(string name, Action work)
    {
        var thread = new Thread(() => work()) { IsBackground = true, Name = name };
        thread.Start();
        return thread.Join;
    }

    /// <summary>Has the log go on where the snapshot ends, if the log was off; returns its epochs.</summary>
    private static EpochHistory Place(Wal wal, SnapshotLoad snapshot, EpochHistory history, KeyStorageOptions options, Prng random)
    {
        if (wal.NextLsn <= snapshot.Lsn)
        {
            // Its records are all in the snapshot, and LSNs may not be given twice.
            wal.Reset(snapshot.Lsn + 1);
        }

        if (wal.NextLsn > snapshot.LastLsn || (snapshot.IsShipped && options.Follows))
        {
            return history;
        }

        // Slots were written one after the other, and no record says what those that were written first missed: what is here is no
        // state that any copy of the log was ever in. It counts as an epoch of its own, which no other copy can share.
        wal.Reset(snapshot.LastLsn + 1);
        if (!options.Follows)
        {
            return history;
        }

        var (cluster, lsn) = (ClusterId.Draw(random), wal.NextLsn);
        wal.Append(EpochRecord.Of(cluster, 0));
        wal.Commit(sync: true);
        return KeyLog.After(history, cluster, 0, lsn);
    }

    /// <summary>A log that begins after the snapshot ends is not this snapshot's.</summary>
    private static string? Gap(WalRecovery log, SnapshotLoad snapshot) => log.FirstLsn <= snapshot.Lsn + 1 || (log.FirstLsn == log.NextLsn && log.NextLsn <= snapshot.LastLsn + 1)
        ? null
        : $"{KeyStorageOptions.LogDirectory} begins at LSN {log.FirstLsn}, but {SnapshotFiles.Current} covers only up to LSN {snapshot.Lsn}: "
            + "the snapshot is older than the log, or missing. Put the newest snapshot back; without one, restore this node from a backup.";
}

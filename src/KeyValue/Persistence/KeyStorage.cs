using Trefoil.KeyValue.Store;
using Trefoil.Primitives;
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

    private KeyStorage(IDisk disk, Keyspace keys, KeyLog log, KeyRecovery recovery, TimeProvider time)
    {
        Log = log;
        _time = time;
        Snapshots = new Snapshots(disk, keys, log, time, recovery.SnapshotBytes);
        Recovery = recovery;
    }

    /// <summary>What <see cref="Open"/> did.</summary>
    public KeyRecovery Recovery { get; }

    internal KeyLog Log { get; }

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
        using var workers = new ReplayWorkers();
        var snapshot = SnapshotReader.Load(disk, keys, workers);
        if (snapshot.Refusal is not null)
        {
            return new KeyStorageResult.Refused(snapshot.Refusal);
        }

        var replay = new LogReplay(keys, workers);
        var opened = Wal.Open(
            disk, KeyStorageOptions.LogDirectory,
            new WalOptions { SegmentBytes = options.SegmentBytes, RollsByItself = false, Salt = (uint)random.Next() }, replay.Visit);
        if (opened is not WalOpenResult.Opened { Wal: var wal, Recovery: var found })
        {
            return new KeyStorageResult.Refused(((WalOpenResult.Refused)opened).Refusal);
        }

        replay.Finish();
        if ((replay.Refusal ?? Gap(found, snapshot)) is { } refusal)
        {
            wal.Dispose();
            return new KeyStorageResult.Refused(refusal);
        }

        if (wal.NextLsn <= snapshot.LastLsn)
        {
            // The log was off while the snapshot was taken: its records are all in the snapshot, and LSNs may not be given twice.
            wal.Reset(snapshot.LastLsn + 1);
        }

        var log = new KeyLog(options.AppendOnly ? wal : null, wal.NextLsn)
        {
            Policy = options.Sync,
            SavedLsn = snapshot.Lsn,
            Size = replay.Bytes,
        };
        if (!options.AppendOnly)
        {
            wal.Dispose();
        }

        keys.Log = log;
        var recovery = new KeyRecovery(
            snapshot.Keys, snapshot.Bytes, snapshot.Lsn, replay.Records, replay.Bytes, found.TornBytes, found.TornAt, keys.Count,
            time.GetElapsedTime(started));
        return new KeyStorageResult.Opened(new KeyStorage(disk, keys, log, recovery, time));
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

    /// <summary>A log that begins after the snapshot ends is not this snapshot's.</summary>
    private static string? Gap(WalRecovery log, SnapshotLoad snapshot) => log.FirstLsn <= snapshot.Lsn + 1 || (log.FirstLsn == log.NextLsn && log.NextLsn <= snapshot.LastLsn + 1)
        ? null
        : $"{KeyStorageOptions.LogDirectory} begins at LSN {log.FirstLsn}, but {SnapshotReader.Path} covers only up to LSN {snapshot.Lsn}: "
            + "the snapshot is older than the log, or missing. Put the newest snapshot back; without one, restore this node from a backup.";
}

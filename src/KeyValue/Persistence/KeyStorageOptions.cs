namespace Trefoil.KeyValue.Persistence;

/// <summary>How keys are kept.</summary>
public sealed record KeyStorageOptions
{
    /// <summary>Where the log lives, below the disk's root.</summary>
    public const string LogDirectory = "wal/kv";

    /// <summary>Where the snapshot lives, below the disk's root.</summary>
    public const string SnapshotDirectory = "db/kv";

    /// <summary>Whether changes are logged (<c>appendonly</c>); without, a crash loses what came after the last snapshot.</summary>
    public bool AppendOnly { get; init; } = true;

    /// <summary>When the log is synced (<c>appendfsync</c>).</summary>
    public SyncPolicy Sync { get; init; } = SyncPolicy.EverySecond;

    /// <summary>
    /// Whether the store begins as a copy of somebody's: nothing is recorded, and no key expires, until an epoch begins. For a node whose place in its
    /// shard is decided elsewhere.
    /// </summary>
    public bool Follows { get; init; }

    /// <summary>A log file of at least this many bytes is closed and a new one begun.</summary>
    public long SegmentBytes { get; init; } = 64 << 20;

    /// <summary>
    /// Starts work that takes long, by name, and returns what waits for its end; null: on a thread of its own. With it recovery uses no threads either:
    /// for a world that has only one.
    /// </summary>
    public Func<string, Action, Action>? Background { get; init; }
}

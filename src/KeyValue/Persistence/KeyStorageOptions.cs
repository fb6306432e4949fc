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

    /// <summary>A log file of at least this many bytes is closed and a new one begun.</summary>
    public long SegmentBytes { get; init; } = 64 << 20;
}

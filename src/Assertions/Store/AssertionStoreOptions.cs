namespace Trefoil.Assertions.Store;

/// <summary>Limits of an <see cref="AssertionStore"/>.</summary>
public sealed record AssertionStoreOptions
{
    /// <summary>A segment of the log this long is closed. Smaller: the log is trimmed sooner.</summary>
    public long SegmentBytes { get; init; } = 64 << 20;

    /// <summary>After so many bytes of records the log is trimmed to what the store has not flushed.</summary>
    public long TrimBytes { get; init; } = 16 << 20;

    /// <summary>
    /// Beyond so many bytes of records that are not flushed the store is flushed, which holds writers up. RocksDB's own buffers fill
    /// sooner; this bounds what is replayed after a crash (about 100 MB/s) whatever the store does.
    /// </summary>
    public long MaxUnflushedBytes { get; init; } = 512 << 20;

    /// <summary>Records that replay applies in one batch.</summary>
    public int ReplayBatchBytes { get; init; } = 4 << 20;

    /// <summary>A random number for a new log: records are clients' bytes, and must not pass for groups of it (<c>WalOptions.Salt</c>).</summary>
    public uint Salt { get; init; }
}

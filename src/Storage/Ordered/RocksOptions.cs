namespace Trefoil.Storage.Ordered;

using Native = RocksOptionsNative;

/// <summary>How RocksDB is set: for a node of two cores and a few GiB that does other things too.</summary>
public sealed record RocksOptions
{
    /// <summary>
    /// Blocks kept decompressed, with indexes and filters in the same account, so that memory is bounded by one number. More keeps more of
    /// what is read in memory; a million pairs have about 1.3 MB of filters.
    /// </summary>
    public long BlockCacheBytes { get; init; } = 64 << 20;

    /// <summary>
    /// A write buffer this full becomes a file. Larger: fewer, larger files to compact, and more of the log to replay after a crash. Three
    /// of them may exist (one filled, one being written, one waiting) before writers are held up.
    /// </summary>
    public long WriteBufferBytes { get; init; } = 32 << 20;

    /// <summary>
    /// Filter bits per key: 10 let one in a hundred lookups of a missing key through to the disk. Taking in a new claim looks
    /// up ids that are missing, so the filter works on most lookups.
    /// </summary>
    public double FilterBitsPerKey { get; init; } = 10;

    /// <summary>Files held open; beyond it the least used is closed. All of them at 64 MB each is 32 GB of data.</summary>
    public int MaxOpenFiles { get; init; } = 512;

    private const int WriteBuffers = 3;

    /// <summary>One flush and one compaction at a time: more would take the cores from requests.</summary>
    private const int BackgroundJobs = 2;

    /// <summary>4 KiB is the default and the page of the disk; larger blocks compress better and make a point lookup read more of what it does not want.</summary>
    private const int BlockBytes = 8 << 10;

    /// <summary>Text and repeated paths shrink to about half at hardly any cost (Debian's build has it); ids do not shrink, and are stored as they are.</summary>
    private const int Lz4 = 4;

    /// <summary>Written pages go to the disk steadily: a file's sync at its end would hold up the log's syncs behind 32 MB.</summary>
    private const int BytesPerSync = 1 << 20;

    /// <summary>Of a write buffer: 0.6 MB, some 20 bits for each of its keys.</summary>
    private const double BufferFilterShare = 0.02;

    /// <summary>Four shards: two cores hardly meet at their locks, and the default of 64 leaves each 1 MB, which large blocks push each other out of.</summary>
    private const int CacheShardBits = 2;

    private const int TwoLevelIndex = 2;
    private const int WarningLevel = 2;
    private const int MessageLogs = 4;
    private const int MessageLogBytes = 1 << 20;

    /// <summary>A native options object; the caller destroys it once the store is open.</summary>
    internal nint Create()
    {
        var options = Native.Create();
        Native.SetCreateIfMissing(options, 1);
        Native.SetWriteBufferSize(options, (nuint)WriteBufferBytes);
        Native.SetMaxWriteBufferNumber(options, WriteBuffers);
        Native.SetMaxBackgroundJobs(options, BackgroundJobs);
        Native.SetMaxOpenFiles(options, MaxOpenFiles);
        Native.SetBytesPerSync(options, BytesPerSync);
        Native.SetCompression(options, Lz4);

        // Levels are sized from the largest one down: about 1.1 times the data on disk, where fixed sizes may take twice.
        Native.SetDynamicLevelBytes(options, 1);

        // A filter in front of the write buffers, too: a lookup of a missing key would walk three skip lists to their bottom.
        Native.SetBufferFilterKeys(options, 1);
        Native.SetBufferFilter(options, BufferFilterShare);

        // Whoever closes the last cursor on a file would otherwise delete it: that is the background's work, not a request's.
        Native.SetAvoidBlocking(options, 1);

        // Its messages for people, in files named LOG: warnings only, and not for ever.
        Native.SetInfoLogLevel(options, WarningLevel);
        Native.SetKeepLogFiles(options, MessageLogs);
        Native.SetMaxLogFileSize(options, MessageLogBytes);
        Native.SetStatisticsPeriod(options, 0);
        SetTables(options);
        return options;
    }

    private void SetTables(nint options)
    {
        var tables = Native.CreateTables();
        var cache = CreateCache();
        Native.SetBlockCache(tables, cache);
        Native.SetBlockSize(tables, BlockBytes);
        Native.SetFilter(tables, Native.CreateBloom(FilterBitsPerKey)); // the tables own the filter
        Native.SetCacheIndexAndFilter(tables, 1);

        // In parts of 4 KiB: the filter of a whole file (0.4 MB) comes and goes as one, and one read per lookup is what it should save.
        Native.SetIndexType(tables, TwoLevelIndex);
        Native.SetPartitionFilters(tables, 1);
        Native.SetPinLevel0(tables, 1); // every lookup asks the files of level 0: what they are asked stays in memory
        Native.SetTables(options, tables);
        Native.DestroyCache(cache); // only our reference to it
        Native.DestroyTables(tables);
    }

    private nint CreateCache()
    {
        var options = Native.CreateCacheOptions();
        Native.SetCapacity(options, (nuint)BlockCacheBytes);
        Native.SetShardBits(options, CacheShardBits);
        var cache = Native.CreateCache(options);
        Native.DestroyCacheOptions(options);
        return cache;
    }
}

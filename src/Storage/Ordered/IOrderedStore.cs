using Trefoil.Primitives;

namespace Trefoil.Storage.Ordered;

/// <summary>Bytes to bytes, ordered by unsigned bytes (a prefix before what it is a prefix of). Keys are never empty.</summary>
/// <remarks>Reads see every batch written before them, each batch whole or not at all.</remarks>
public interface IOrderedReader
{
    /// <summary>Appends the key's value to <paramref name="value"/>; false, and nothing appended, if there is none.</summary>
    /// <exception cref="OrderedStoreFailure">The disk failed, or what is stored is damaged.</exception>
    bool TryGet(ReadOnlySpan<byte> key, ByteWriter value);

    /// <summary>Whether the key has a value.</summary>
    /// <exception cref="OrderedStoreFailure">The disk failed, or what is stored is damaged.</exception>
    bool Contains(ReadOnlySpan<byte> key);

    /// <summary>The pairs with <paramref name="from"/> ≤ key &lt; <paramref name="to"/> as they are now, whatever is written later.</summary>
    /// <param name="from">Lowest key; empty means the first.</param>
    /// <param name="to">Above the highest key; empty means no bound.</param>
    /// <param name="reverse">Highest key first.</param>
    /// <returns>A cursor before the first pair. Dispose it: as long as it lives, what it sees takes room.</returns>
    OrderedCursor Scan(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to, bool reverse = false);
}

/// <summary>An ordered store without a log of its own: RocksDB on a node, memory in the simulator and in tests.</summary>
/// <remarks>
/// Durability is the owner's log. What is written is in memory until it is flushed, which the store also does by itself when
/// its buffers are full; a crash leaves a prefix of the batches. A batch says up to which LSN of the log it goes, in the same
/// atomic write: whoever recovers replays the log after <see cref="FlushedLsn"/> and may drop what is below. One
/// writer at a time; readers on any thread beside it.
/// </remarks>
public interface IOrderedStore : IOrderedReader, IDisposable
{
    /// <summary>The LSN that the newest batch carried, flushed or not; 0 if none did.</summary>
    ulong AppliedLsn { get; }

    /// <summary>The LSN that survives a crash now; at most <see cref="AppliedLsn"/>. Asks the disk: not for every record.</summary>
    ulong FlushedLsn { get; }

    /// <summary>Applies all of the batch or nothing of it. Returns when readers see it; it survives a crash once it is flushed.</summary>
    /// <exception cref="OrderedStoreFailure">The disk failed: the store takes no more writes, and recovery starts from what was flushed.</exception>
    void Write(OrderedBatch batch);

    /// <summary>The store as it is now. Dispose it: as long as it lives, what it sees takes room.</summary>
    OrderedSnapshot Snapshot();

    /// <summary>Makes everything written so far durable; waits for it.</summary>
    /// <exception cref="OrderedStoreFailure">The disk failed.</exception>
    void Flush();

    /// <summary>About how many bytes the pairs from <paramref name="from"/> up to <paramref name="to"/> (empty: no bound) take.</summary>
    long ApproximateBytes(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to);
}

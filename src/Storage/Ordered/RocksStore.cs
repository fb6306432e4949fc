using System.Buffers.Binary;
using Trefoil.Primitives;

namespace Trefoil.Storage.Ordered;

/// <summary>What opening an ordered store found.</summary>
public abstract record OrderedOpenResult
{
    private OrderedOpenResult()
    {
    }

    /// <summary>Ready; <see cref="IOrderedStore.FlushedLsn"/> says where to replay from.</summary>
    public sealed record Opened(IOrderedStore Store) : OrderedOpenResult;

    /// <summary>RocksDB is not installed, or in another version: exit code 2. The text names the package.</summary>
    public sealed record LibraryMissing(string Refusal) : OrderedOpenResult;

    /// <summary>The files cannot be used: in use, damaged, or not readable. The text names the directory and says what to do.</summary>
    public sealed record Refused(string Refusal) : OrderedOpenResult;
}

/// <summary>An ordered store in RocksDB, without RocksDB's own log.</summary>
/// <remarks>
/// One column family: the marker of the log stands under the empty key, in the same write buffer as what it vouches for, so that a flush cannot
/// part them. Checksums are verified at every read from a file. Any thread may call anything; batches with LSNs come from one.
/// </remarks>
public sealed unsafe class RocksStore : IOrderedStore
{
    private const string Remedy = "Suspect the disk, and restore this node from a replica: remove its whole data directory and join again as a new node.";
    private readonly RocksHandle _handle;
    private readonly string _directory;
    private ulong _appliedLsn;

    private RocksStore(string directory, RocksHandle handle) => (_directory, _handle) = (directory, handle);

    /// <inheritdoc/>
    public ulong AppliedLsn => Volatile.Read(ref _appliedLsn);

    /// <inheritdoc/>
    public ulong FlushedLsn => Marker(_handle.ReadFlushed);

    /// <summary>Opens or creates the store in a directory, whose parents are created too.</summary>
    public static OrderedOpenResult Open(string directory, RocksOptions? options = null)
    {
        if (RocksLibrary.Load() is { } missing)
        {
            return new OrderedOpenResult.LibraryMissing(missing);
        }

        try
        {
            Directory.CreateDirectory(directory);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return new OrderedOpenResult.Refused($"The store in '{directory}' cannot be made: {error.Message}");
        }

        var native = (options ?? new RocksOptions()).Create();
        var store = RocksNative.Open(native, directory, out var failure);
        RocksOptionsNative.Destroy(native);
        if (RocksNative.Text(failure) is { } text)
        {
            return new OrderedOpenResult.Refused(Describe(directory, "cannot be opened", text));
        }

        var opened = new RocksStore(directory, new RocksHandle(store));
        try
        {
            opened._appliedLsn = opened.Marker(opened._handle.Read);
            return new OrderedOpenResult.Opened(opened);
        }
        catch (OrderedStoreFailure error)
        {
            opened.Dispose();
            return new OrderedOpenResult.Refused(error.Message);
        }
    }

    /// <inheritdoc/>
    public bool TryGet(ReadOnlySpan<byte> key, ByteWriter value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return Get(_handle.Read, key, value);
    }

    /// <inheritdoc/>
    public bool Contains(ReadOnlySpan<byte> key) => Get(_handle.Read, key, null);

    /// <inheritdoc/>
    public OrderedCursor Scan(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to, bool reverse = false) =>
        new RocksCursor(this, _handle, snapshot: 0, from, to, reverse);

    /// <inheritdoc/>
    public OrderedSnapshot Snapshot() => new RocksSnapshot(this, _handle);

    /// <inheritdoc/>
    public void Write(OrderedBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        batch.ThrowUnlessAfter(_appliedLsn);
        nint error;
        var representation = batch.Representation;
        fixed (byte* bytes = representation)
        {
            var native = RocksNative.CreateBatch(bytes, (nuint)representation.Length);
            RocksNative.Write(_handle, _handle.Write, native, out error);
            RocksNative.DestroyBatch(native);
        }

        ThrowIf(error);
        if (batch.AppliedLsn != 0)
        {
            Volatile.Write(ref _appliedLsn, batch.AppliedLsn);
        }
    }

    /// <inheritdoc/>
    public void Flush()
    {
        RocksNative.Flush(_handle, _handle.Flush, out var error);
        ThrowIf(error);
    }

    /// <inheritdoc/>
    public long ApproximateBytes(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to)
    {
        // Above every key anybody has: an upper bound is needed, and there is no largest key.
        Span<byte> last = stackalloc byte[64];
        last.Fill(0xFF);
        var end = to.IsEmpty ? last : to;
        fixed (byte* low = from, high = end)
        {
            var (lowLength, highLength) = ((nuint)from.Length, (nuint)end.Length);
            ulong size;
            RocksNative.ApproximateSizes(_handle, 1, &low, &lowLength, &high, &highLength, &size, out var error);
            ThrowIf(error);
            return (long)size;
        }
    }

    /// <summary>A number that RocksDB keeps about itself, such as <c>rocksdb.total-sst-files-size</c>; 0 if it does not know the name.</summary>
    public ulong Property(string name) => RocksNative.Property(_handle, name, out var value) == 0 ? value : 0;

    /// <summary>Closes it once every cursor and snapshot is disposed; RocksDB flushes before.</summary>
    public void Dispose() => _handle.Dispose();

    internal bool Get(nint options, ReadOnlySpan<byte> key, ByteWriter? value)
    {
        ArgumentOutOfRangeException.ThrowIfZero(key.Length, nameof(key));
        fixed (byte* bytes = key)
        {
            return Get(options, bytes, (nuint)key.Length, value);
        }
    }

    internal void ThrowIf(nint error)
    {
        if (RocksNative.Text(error) is { } text)
        {
            throw new OrderedStoreFailure(Describe(_directory, "failed", text), IsDamage(text));
        }
    }

    private static string Describe(string directory, string what, string error) =>
        $"The store in '{directory}' {what}: {error}.{(IsDamage(error) ? " " + Remedy : "")}";

    private static bool IsDamage(string error) => error.StartsWith("Corruption", StringComparison.Ordinal);

    private bool Get(nint options, byte* key, nuint length, ByteWriter? value)
    {
        var pinned = RocksNative.Get(_handle, options, key, length, out var error);
        ThrowIf(error);
        if (pinned == 0)
        {
            return false;
        }

        var bytes = RocksNative.PinnedValue(pinned, out var count);
        value?.Raw(new ReadOnlySpan<byte>(bytes, (int)count));
        RocksNative.DestroyPinned(pinned);
        return true;
    }

    /// <summary>The LSN under the empty key.</summary>
    private ulong Marker(nint options)
    {
        var value = new ByteWriter(sizeof(ulong));
        byte nothing = 0;
        return Get(options, &nothing, 0, value) ? BinaryPrimitives.ReadUInt64LittleEndian(value.Written) : 0;
    }
}

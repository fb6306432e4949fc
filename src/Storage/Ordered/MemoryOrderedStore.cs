using Trefoil.Primitives;

namespace Trefoil.Storage.Ordered;

/// <summary>An ordered store in memory that forgets at a crash what was not flushed: for the simulator and for tests.</summary>
/// <remarks>The object stands for the disk: it outlives its user, who disposes a store and later opens it again.</remarks>
public sealed class MemoryOrderedStore : IOrderedStore
{
    private readonly Lock _writing = new();
    private volatile Version _now = new(null, 0);
    private Version _flushed = new(null, 0);
    private ulong _edition;

    /// <inheritdoc/>
    public ulong AppliedLsn => _now.Lsn;

    /// <inheritdoc/>
    public ulong FlushedLsn => Volatile.Read(ref _flushed).Lsn;

    /// <summary>Asked after each batch whether to flush now: RocksDB does it by itself when a buffer is full. Null: only <see cref="Flush"/> does.</summary>
    public Func<bool>? FlushesByItself { get; set; }

    /// <summary>Everything that was not flushed is gone.</summary>
    public void Crash() => _now = _flushed;

    /// <inheritdoc/>
    public void Write(OrderedBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        lock (_writing)
        {
            var now = _now;
            batch.ThrowUnlessAfter(now.Lsn);
            var (root, edition) = (now.Root, ++_edition);
            var reader = batch.Read();
            while (reader.MoveNext())
            {
                root = reader.IsDelete
                    ? OrderedTree.Delete(root, reader.Key, edition)
                    : OrderedTree.Put(root, reader.Key, reader.Value.ToArray(), edition);
            }

            _now = new Version(root, batch.AppliedLsn == 0 ? now.Lsn : batch.AppliedLsn);
            if (FlushesByItself?.Invoke() == true)
            {
                Volatile.Write(ref _flushed, _now);
            }
        }
    }

    /// <inheritdoc/>
    public bool TryGet(ReadOnlySpan<byte> key, ByteWriter value) => _now.TryGet(key, value);

    /// <inheritdoc/>
    public bool Contains(ReadOnlySpan<byte> key) => _now.Contains(key);

    /// <inheritdoc/>
    public OrderedCursor Scan(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to, bool reverse = false) => _now.Scan(from, to, reverse);

    /// <inheritdoc/>
    public OrderedSnapshot Snapshot() => _now;

    /// <inheritdoc/>
    public void Flush()
    {
        lock (_writing)
        {
            Volatile.Write(ref _flushed, _now);
        }
    }

    /// <inheritdoc/>
    public long ApproximateBytes(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to)
    {
        using var cursor = Scan(from, to);
        long bytes = 0;
        while (cursor.MoveNext())
        {
            bytes += cursor.Key.Length + cursor.Value.Length;
        }

        return bytes;
    }

    /// <summary>Nothing: what is stored stays for the next user.</summary>
    public void Dispose()
    {
    }

    /// <summary>The store at one moment: a root, and the LSN that it contains.</summary>
    private sealed class Version(OrderedTree.Node? root, ulong lsn) : OrderedSnapshot
    {
        public OrderedTree.Node? Root => root;

        public ulong Lsn => lsn;

        public override bool TryGet(ReadOnlySpan<byte> key, ByteWriter value)
        {
            ArgumentNullException.ThrowIfNull(value);
            if (OrderedTree.Find(root, key) is not { } node)
            {
                return false;
            }

            value.Raw(node.Value);
            return true;
        }

        public override bool Contains(ReadOnlySpan<byte> key) => OrderedTree.Find(root, key) is not null;

        public override OrderedCursor Scan(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to, bool reverse = false) =>
            new TreeCursor(root, from, to, reverse);

        protected override void Dispose(bool disposing)
        {
        }
    }
}

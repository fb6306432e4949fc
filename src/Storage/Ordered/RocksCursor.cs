using System.Runtime.InteropServices;
using Trefoil.Primitives;

namespace Trefoil.Storage.Ordered;

/// <summary>A RocksDB iterator, which pins what it sees from its creation on.</summary>
internal sealed unsafe class RocksCursor : OrderedCursor
{
    /// <summary>The smallest key that callers can use: below it is the store's own, the empty one.</summary>
    private static ReadOnlySpan<byte> First => [0];

    private readonly RocksStore _store;
    private readonly IteratorHandle _handle;
    private readonly bool _reverse;
    private bool _moves; // the next MoveNext moves: it does not right after a seek
    private bool _stands;

    public RocksCursor(RocksStore store, RocksHandle handle, nint snapshot, ReadOnlySpan<byte> from, ReadOnlySpan<byte> to, bool reverse)
    {
        (_store, _reverse) = (store, reverse);
        _handle = new IteratorHandle(handle, snapshot, from.IsEmpty ? First : from, to);
        if (reverse)
        {
            RocksNative.SeekToLast(_handle.Value);
        }
        else
        {
            RocksNative.SeekToFirst(_handle.Value);
        }
    }

    public override ReadOnlySpan<byte> Key
    {
        get
        {
            ThrowUnlessStanding();
            var bytes = RocksNative.Key(_handle.Value, out var length);
            return new ReadOnlySpan<byte>(bytes, (int)length);
        }
    }

    public override ReadOnlySpan<byte> Value
    {
        get
        {
            ThrowUnlessStanding();
            var bytes = RocksNative.Value(_handle.Value, out var length);
            return new ReadOnlySpan<byte>(bytes, (int)length);
        }
    }

    public override bool MoveNext()
    {
        var iterator = _handle.Value;
        if (_moves && !_stands)
        {
            return false;
        }

        if (_moves && _reverse)
        {
            RocksNative.Previous(iterator);
        }
        else if (_moves)
        {
            RocksNative.Next(iterator);
        }

        (_moves, _stands) = (true, RocksNative.IsValid(iterator) != 0);
        if (!_stands)
        {
            // The end, or a block that could not be read: only the error tells.
            RocksNative.IteratorError(iterator, out var error);
            _store.ThrowIf(error);
        }

        return _stands;
    }

    public override void Seek(ReadOnlySpan<byte> key)
    {
        var iterator = _handle.Value;
        (_moves, _stands) = (false, false);
        fixed (byte* bytes = key)
        {
            if (!_reverse)
            {
                RocksNative.Seek(iterator, bytes, (nuint)key.Length);
                return;
            }

            // It stops at the key itself, which is outside.
            RocksNative.SeekForPrevious(iterator, bytes, (nuint)key.Length);
            if (RocksNative.IsValid(iterator) != 0)
            {
                var found = RocksNative.Key(iterator, out var length);
                if (new ReadOnlySpan<byte>(found, (int)length).SequenceEqual(key))
                {
                    RocksNative.Previous(iterator);
                }
            }
        }
    }

    protected override void Dispose(bool disposing)
    {
        _stands = false;
        _handle.Dispose();
    }

    private void ThrowUnlessStanding()
    {
        if (!_stands)
        {
            throw new InvalidOperationException("The cursor does not stand at a pair.");
        }
    }

    /// <summary>The iterator, its options, and its bounds, which RocksDB reads as long as it lives.</summary>
    private sealed class IteratorHandle : SafeHandle
    {
        private readonly RocksHandle _store;
        private readonly nint _options = RocksOptionsNative.CreateRead();
        private readonly byte* _bounds;

        public IteratorHandle(RocksHandle store, nint snapshot, ReadOnlySpan<byte> from, ReadOnlySpan<byte> to)
            : base(0, ownsHandle: true)
        {
            _store = store;
            var held = false;
            store.DangerousAddRef(ref held);
            _bounds = (byte*)NativeMemory.Alloc((nuint)(from.Length + to.Length));
            from.CopyTo(new Span<byte>(_bounds, from.Length));
            to.CopyTo(new Span<byte>(_bounds + from.Length, to.Length));
            RocksOptionsNative.SetLowerBound(_options, _bounds, (nuint)from.Length);
            if (!to.IsEmpty)
            {
                RocksOptionsNative.SetUpperBound(_options, _bounds + from.Length, (nuint)to.Length);
            }

            if (snapshot != 0)
            {
                RocksOptionsNative.SetSnapshot(_options, snapshot);
            }

            SetHandle(RocksNative.CreateIterator(store, _options));
        }

        public override bool IsInvalid => handle == 0;

        public nint Value => IsClosed ? throw new ObjectDisposedException(nameof(RocksCursor)) : handle;

        protected override bool ReleaseHandle()
        {
            RocksNative.DestroyIterator(handle);
            RocksOptionsNative.DestroyRead(_options);
            NativeMemory.Free(_bounds);
            _store.DangerousRelease();
            return true;
        }
    }
}

/// <summary>RocksDB's snapshot: a sequence number that compaction respects.</summary>
internal sealed class RocksSnapshot : OrderedSnapshot
{
    private readonly RocksStore _store;
    private readonly RocksHandle _handle;
    private readonly SnapshotHandle _snapshot;

    public RocksSnapshot(RocksStore store, RocksHandle handle) =>
        (_store, _handle, _snapshot) = (store, handle, new SnapshotHandle(handle));

    public override bool TryGet(ReadOnlySpan<byte> key, ByteWriter value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return _store.Get(_snapshot.Options, key, value);
    }

    public override bool Contains(ReadOnlySpan<byte> key) => _store.Get(_snapshot.Options, key, null);

    public override OrderedCursor Scan(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to, bool reverse = false) =>
        new RocksCursor(_store, _handle, _snapshot.Value, from, to, reverse);

    protected override void Dispose(bool disposing) => _snapshot.Dispose();

    private sealed class SnapshotHandle : SafeHandle
    {
        private readonly RocksHandle _store;
        private readonly nint _options = RocksOptionsNative.CreateRead();

        public SnapshotHandle(RocksHandle store)
            : base(0, ownsHandle: true)
        {
            _store = store;
            var held = false;
            store.DangerousAddRef(ref held);
            SetHandle(RocksNative.CreateSnapshot(store));
            RocksOptionsNative.SetSnapshot(_options, handle);
        }

        public override bool IsInvalid => handle == 0;

        public nint Value => IsClosed ? throw new ObjectDisposedException(nameof(RocksSnapshot)) : handle;

        public nint Options => IsClosed ? throw new ObjectDisposedException(nameof(RocksSnapshot)) : _options;

        protected override bool ReleaseHandle()
        {
            RocksOptionsNative.DestroyRead(_options);
            RocksNative.ReleaseSnapshot(_store.DangerousGetHandle(), handle);
            _store.DangerousRelease();
            return true;
        }
    }
}

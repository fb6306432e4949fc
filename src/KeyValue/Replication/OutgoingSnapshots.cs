using Trefoil.KeyValue.Persistence;
using Trefoil.KeyValue.Store;
using Trefoil.Primitives;
using Trefoil.Replication;
using Trefoil.Storage;

namespace Trefoil.KeyValue.Replication;

/// <summary>Snapshots for replicas: each written to a file of its own, read from there while it is sent, then deleted.</summary>
/// <remarks>Made, read and dropped by the core's thread; written by one thread each, which tells the core when it is done.</remarks>
internal sealed class OutgoingSnapshots(
    KeyStorage storage, Keyspace keys, TimeProvider time, Action<ReplicaInput> post, Action<string, Action> run) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ulong, Outgoing> _snapshots = [];
    private byte[] _buffer = [];

    /// <summary>Begins to write one; <see cref="ReplicaInput.SnapshotMade"/> follows, unless it is dropped before.</summary>
    public void Make(ulong transfer)
    {
        Drop(transfer);
        var snapshot = new Outgoing(transfer);
        lock (_lock)
        {
            _snapshots.Add(transfer, snapshot);
        }

        var (covered, history) = storage.Log.TransferBegins(transfer);
        run("kv-send", () => Write(snapshot, covered, history));
    }

    /// <summary>See <see cref="IReplicatedLog.ReadSnapshot"/>.</summary>
    public int Read(ulong transfer, long offset, int maxBytes, ByteWriter target)
    {
        Outgoing? snapshot;
        lock (_lock)
        {
            snapshot = _snapshots.GetValueOrDefault(transfer);
        }

        if (snapshot is not { IsWritten: true, File: { } file })
        {
            return 0;
        }

        _buffer = _buffer.Length >= maxBytes ? _buffer : new byte[maxBytes];
        try
        {
            var count = file.Read(offset, _buffer.AsSpan(0, maxBytes));
            target.Raw(_buffer.AsSpan(0, count));
            return count;
        }
        catch (IOException)
        {
            return 0;
        }
    }

    /// <summary>See <see cref="IReplicatedLog.DropSnapshot"/>.</summary>
    public void Drop(ulong transfer)
    {
        Outgoing? snapshot;
        lock (_lock)
        {
            if (!_snapshots.Remove(transfer, out snapshot))
            {
                return;
            }

            snapshot.IsDropped = true;
            if (!snapshot.IsWritten)
            {
                return; // Whoever writes it cleans up.
            }
        }

        Clean(snapshot);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        ulong[] transfers;
        lock (_lock)
        {
            transfers = [.. _snapshots.Keys];
        }

        foreach (var transfer in transfers)
        {
            Drop(transfer);
        }
    }

    private void Write(Outgoing snapshot, ulong covered, EpochHistory history)
    {
        var (isGood, bytes, last) = (false, 0L, covered);
        try
        {
            storage.Disk.CreateDirectory(KeyStorageOptions.SnapshotDirectory);
            var file = snapshot.File = storage.Disk.Open(SnapshotFiles.Sending(snapshot.Transfer), create: true);
            file.Truncate(0);
            using var writer = new SnapshotWriter(file, keys) { History = history, IsShipped = true };
            isGood = writer.Run(covered, time.GetUtcNow().ToUnixTimeMilliseconds(), () => snapshot.IsDropped);
            (bytes, last) = (writer.Bytes, Math.Max(covered, writer.LastLsn));
        }
#pragma warning disable CA1031 // Whatever it is (a full disk, a slot beyond 2 GiB): the core tries again, and nothing else is harmed.
        catch (Exception)
#pragma warning restore CA1031
        {
            isGood = false;
        }

        bool isDropped;
        lock (_lock)
        {
            snapshot.IsWritten = true;
            isDropped = snapshot.IsDropped;
        }

        if (isDropped)
        {
            Clean(snapshot);
        }
        else
        {
            post(new ReplicaInput.SnapshotMade(snapshot.Transfer, isGood, covered, last, bytes));
        }
    }

    private void Clean(Outgoing snapshot)
    {
        storage.Log.TransferEnds(snapshot.Transfer);
        try
        {
            snapshot.File?.Dispose();
            storage.Disk.Delete(SnapshotFiles.Sending(snapshot.Transfer));
        }
        catch (IOException)
        {
            // Left behind until the next start.
        }
    }

    private sealed class Outgoing(ulong transfer)
    {
        private volatile bool _dropped;

        public ulong Transfer => transfer;

        public IDiskFile? File { get; set; }

        /// <summary>The writing has ended, well or not.</summary>
        public bool IsWritten { get; set; }

        public bool IsDropped
        {
            get => _dropped;
            set => _dropped = value;
        }
    }
}

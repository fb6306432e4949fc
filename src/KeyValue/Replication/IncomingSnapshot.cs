using Trefoil.KeyValue.Persistence;
using Trefoil.KeyValue.Store;
using Trefoil.Replication;
using Trefoil.Storage;

namespace Trefoil.KeyValue.Replication;

/// <summary>A primary's snapshot on its way into this store: received into a file, checked, loaded aside, swapped in whole.</summary>
/// <remarks>
/// <code>receiving.rdb → sync → load aside → incoming.rdb (from here on it counts, and the log does not) → swap, log begins anew → dump.rdb</code>
/// Until the rename everything is as it was; from there on the next start finishes what a crash cut off (<see cref="KeyStorage.Open"/>).
/// </remarks>
internal sealed class IncomingSnapshot(
    KeyStorage storage, Keyspace keys, Action<IOException> fatal, Action<ReplicaInput> post, Action<string, Action> run) : IDisposable
{
    private IDiskFile? _file;
    private ulong _transfer;
    private volatile bool _installing;
    private volatile bool _disposed;

    /// <summary>See <see cref="IReplicatedLog.Receive"/>. What cannot be written is missing when it is checked.</summary>
    public void Receive(ulong transfer, long offset, ReadOnlySpan<byte> part)
    {
        if (_installing)
        {
            return;
        }

        try
        {
            if (offset == 0)
            {
                Begin(transfer);
            }

            if (_file is { } file && transfer == _transfer && offset <= file.Length)
            {
                file.Write(offset, part);
            }
        }
        catch (IOException)
        {
            Forget();
        }
    }

    /// <summary>See <see cref="IReplicatedLog.Install"/>.</summary>
    public void Install(ulong transfer)
    {
        if (_installing || _file is not { } file || transfer != _transfer)
        {
            post(new ReplicaInput.Installed(transfer, false));
            return;
        }

        _installing = true;
        _file = null;
        run("kv-install", () => Run(transfer, file));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _disposed = true;
        Forget();
    }

    private void Run(ulong transfer, IDiskFile file)
    {
        var isGood = false;
        try
        {
            isGood = TryInstall(file);
        }
        catch (DiskFailure failure)
        {
            fatal(failure);
            throw;
        }
        catch (IOException failure)
        {
            // Nobody knows which of the two states the disk holds: only a start can tell.
            fatal(failure);
            throw;
        }

        _installing = false;
        post(new ReplicaInput.Installed(transfer, isGood));
    }

    private bool TryInstall(IDiskFile file)
    {
        if (!TryLoad(file, out var aside, out var load) || _disposed)
        {
            return false;
        }

        storage.Snapshots.Replace(load.Bytes, () =>
        {
            SnapshotFiles.Publish(storage.Disk, SnapshotFiles.Receiving, SnapshotFiles.Incoming);
            keys.Adopt(aside);
            storage.Log.Reset(load.Lsn, load.LastLsn, load.History);
            if (!storage.Log.IsWritten)
            {
                storage.DropLogFiles(load.Lsn + 1);
            }

            SnapshotFiles.Publish(storage.Disk, SnapshotFiles.Incoming, SnapshotFiles.Current);
        });
        return true;
    }

    /// <summary>Whole, of a primary, and durable: then it may count. A disk that cannot hold it costs nothing but this try.</summary>
    private bool TryLoad(IDiskFile file, out Keyspace aside, out SnapshotLoad load)
    {
        aside = keys.Another();
        load = SnapshotLoad.None;
        try
        {
            using (file)
            {
                file.Sync();
            }

            using var workers = new ReplayWorkers(storage.RunsInPlace);
            load = SnapshotReader.Load(storage.Disk, SnapshotFiles.Receiving, aside, workers);
            return load is { Refusal: null, IsShipped: true };
        }
        catch (IOException failure) when (failure is not DiskFailure)
        {
            return false;
        }
    }

    private void Begin(ulong transfer)
    {
        Forget();
        storage.Disk.CreateDirectory(KeyStorageOptions.SnapshotDirectory);
        _file = storage.Disk.Open(SnapshotFiles.Receiving, create: true);
        _file.Truncate(0);
        _transfer = transfer;
    }

    private void Forget()
    {
        _file?.Dispose();
        _file = null;
    }
}

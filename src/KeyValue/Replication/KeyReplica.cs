using Trefoil.KeyValue.Persistence;
using Trefoil.KeyValue.Server;
using Trefoil.KeyValue.Store;
using Trefoil.Primitives;
using Trefoil.Replication;

namespace Trefoil.KeyValue.Replication;

/// <summary>The keys and their log as the core of replication sees them.</summary>
/// <remarks>
/// Called from one thread, the core's driver; commands run beside it. What takes long (writing a snapshot, checking and loading one) runs on
/// threads of its own and is answered by an input. A failing disk ends the process, as everywhere.
/// </remarks>
public sealed class KeyReplica : IReplicatedLog, IDisposable
{
    private readonly KeyValueServer _server;
    private readonly Keyspace _keys;
    private readonly KeyLog _log;
    private readonly OutgoingSnapshots _outgoing;
    private readonly IncomingSnapshot _incoming;

    /// <summary>The store of <paramref name="server"/>, which has a <see cref="KeyStorage"/>.</summary>
    /// <param name="server">Opened with <see cref="KeyStorageOptions.Follows"/>, with a gate that nobody has opened yet.</param>
    /// <param name="post">Hands the core an input, from any thread.</param>
    public KeyReplica(KeyValueServer server, Action<ReplicaInput> post)
        : this(server, post, OnThread)
    {
    }

    internal KeyReplica(KeyValueServer server, Action<ReplicaInput> post, Action<string, Action> run)
    {
        ArgumentNullException.ThrowIfNull(server);
        var storage = server.Storage ?? throw new ArgumentException("Without a storage there is no log.", nameof(server));
        (_server, _keys, _log) = (server, server.Store, storage.Log);
        _log.BacklogLimit = server.Settings.ReplicationBacklogBytes;
        _outgoing = new OutgoingSnapshots(storage, _keys, server.Time, post, run);
        _incoming = new IncomingSnapshot(storage, _keys, server.DiskFailed, post, run);
        _log.Commit();
    }

    /// <summary>Whether this shard has other members: then records are kept in memory for them (<c>repl-backlog-size</c>).</summary>
    public bool HasPeers
    {
        get => _log.KeepsBacklog;
        set => _log.KeepsBacklog = value;
    }

    /// <summary>What is kept in memory for members that were away; null while nothing is.</summary>
    public (ulong FirstLsn, long Bytes)? Backlog => _log.KeepsBacklog ? (_log.FirstLsn, _log.BacklogBytes) : null;

    /// <summary>Whether anything here is ever durable: with <c>appendonly no</c> nothing is.</summary>
    public bool IsLogged => _log.IsWritten;

    /// <summary>Every commit is followed by a sync: for <c>replication_ack = durable</c>, which would else wait for the second of <c>appendfsync everysec</c>.</summary>
    public bool SyncsAtOnce
    {
        get => _log.SyncsAtOnce;
        set => _log.SyncsAtOnce = value;
    }

    /// <inheritdoc/>
    public ulong FirstLsn => _log.FirstLsn;

    /// <inheritdoc/>
    public ulong LastLsn => _log.WrittenLsn;

    /// <inheritdoc/>
    /// <remarks>0 without a log file (<c>appendonly no</c>): what is only in memory is durable nowhere.</remarks>
    public ulong DurableLsn => _log.DurableLsn;

    /// <inheritdoc/>
    public ulong ConsistentLsn => _log.ConsistentLsn;

    /// <inheritdoc/>
    public EpochHistory History => _log.History;

    /// <summary>Has <paramref name="appended"/> called, on any thread, when records were handed to the kernel or became durable: it should only set a flag.</summary>
    public void OnAppended(Action appended) => _log.Appended = appended;

    /// <summary>Replies that need records up to here may leave; <see cref="ulong.MaxValue"/>: nothing is held.</summary>
    public void Acked(ulong lsn) => _log.Acked(lsn);

    /// <summary>Shuts the gate and returns once every command that runs has ended: nothing changes until it is opened again.</summary>
    public void Pause()
    {
        _server.Gate.Close();
        _keys.Settle();
        Commit();
    }

    /// <inheritdoc/>
    public LogCursor Read(LogCursor from, int maxBytes, ByteWriter target) => _log.Read(from, maxBytes, target);

    /// <inheritdoc/>
    public ulong BeginEpoch(ClusterId cluster, ulong epoch) => Guarded(() =>
    {
        var lsn = _log.BeginEpoch(cluster, epoch);
        _log.CommitAll();
        return lsn;
    });

    /// <inheritdoc/>
    /// <remarks>Deposes the gate as well: what was answered in the past term may be lost. Who waits for records is sent away.</remarks>
    public void Follow()
    {
        if (_log.IsFollowing)
        {
            return;
        }

        _server.Gate.Depose();
        _keys.Follow();
        _server.Blocked.EndWaits();
    }

    /// <inheritdoc/>
    public bool Append(ulong lsn, ReadOnlySpan<byte> record)
    {
        try
        {
            return _keys.Append(lsn, record);
        }
        catch (IOException failure)
        {
            _server.DiskFailed(failure);
            throw;
        }
    }

    /// <inheritdoc/>
    public void Commit() => Guarded(() =>
    {
        _log.CommitAll();
        return true;
    });

    /// <inheritdoc/>
    public bool MakeDurable() => _log.MakeDurable();

    /// <inheritdoc/>
    public void MakeSnapshot(ulong transfer)
    {
        HasPeers = true;
        _outgoing.Make(transfer);
    }

    /// <inheritdoc/>
    public int ReadSnapshot(ulong transfer, long offset, int maxBytes, ByteWriter target) => _outgoing.Read(transfer, offset, maxBytes, target);

    /// <inheritdoc/>
    public void DropSnapshot(ulong transfer) => _outgoing.Drop(transfer);

    /// <inheritdoc/>
    public void Receive(ulong transfer, long offset, ReadOnlySpan<byte> part) => _incoming.Receive(transfer, offset, part);

    /// <inheritdoc/>
    public void Install(ulong transfer) => _incoming.Install(transfer);

    /// <summary>Ends what is under way; the core may not be called any more.</summary>
    public void Dispose()
    {
        _log.Appended = null;
        _outgoing.Dispose();
        _incoming.Dispose();
    }

    private T Guarded<T>(Func<T> action)
    {
        try
        {
            return action();
        }
        catch (IOException failure)
        {
            _server.DiskFailed(failure);
            throw;
        }
    }

    private static void OnThread(string name, Action action) => new Thread(() => action()) { IsBackground = true, Name = name }.Start();
}

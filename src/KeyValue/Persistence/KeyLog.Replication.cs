using Trefoil.KeyValue.Effects;
using Trefoil.KeyValue.Replication;
using Trefoil.Primitives;
using Trefoil.Replication;

namespace Trefoil.KeyValue.Persistence;

/// <summary>The log as one of the copies of a shard's log: its epochs, what other copies hold, records that come from another one.</summary>
/// <remarks>
/// Either commands are recorded here, or another node's records are appended: <see cref="Follow"/> and <see cref="BeginEpoch"/> change from one to
/// the other, and so do nothing else. The members of the core's driver (all here but <see cref="AckedLsn"/>) come from one thread.
/// </remarks>
internal sealed partial class KeyLog
{
    private ulong _acked = ulong.MaxValue;
    private volatile bool _following;
    private EpochHistory _history = EpochHistory.Empty;
    private Backlog? _backlog;
    private bool _hasPeers;
    private int _readers;

    /// <summary>Told, on any thread, that records were handed to the kernel or became durable: cheap, it only sets a flag.</summary>
    public Action? Appended { get; set; }

    /// <summary>Records come from another node: nothing is recorded here.</summary>
    public bool IsFollowing
    {
        get => _following;
        init => _following = value;
    }

    /// <summary>Every commit is followed by a sync, whatever the policy; replies wait only as it says. For a shard in which copies count once they are durable.</summary>
    public bool SyncsAtOnce { get; set; }

    /// <summary>The epochs of this log.</summary>
    public EpochHistory History
    {
        get => Volatile.Read(ref _history);
        init => _history = value;
    }

    /// <summary>The state is a cut of the log only from here on: slots of a snapshot that was installed reach as far. Below <see cref="LastLsn"/>: it is one.</summary>
    public ulong ConsistentLsn { get; set; }

    /// <summary>The state is what it was after one record.</summary>
    public bool IsConsistent => LastLsn >= ConsistentLsn;

    /// <summary>Bytes of records that are kept in memory for replicas (repl-backlog-size).</summary>
    public long BacklogLimit
    {
        get;
        set
        {
            field = value;
            _backlog?.LimitBytes = value;
        }
    } = 64L << 20;

    /// <summary>Whether records are kept in memory for replicas; where they were not, that begins with the next record.</summary>
    public bool KeepsBacklog
    {
        get => _hasPeers;
        set
        {
            lock (_gate)
            {
                _hasPeers = value;
                KeepBacklog();
            }
        }
    }

    /// <summary>Bytes in the backlog.</summary>
    public long BacklogBytes => _backlog?.Bytes ?? 0;

    /// <summary>Oldest record that <see cref="Read"/> gives; the next one if there is none.</summary>
    public ulong FirstLsn
    {
        get
        {
            lock (_gate)
            {
                return _backlog?.FirstLsn ?? _nextLsn;
            }
        }
    }

    /// <summary>Enough members hold records up to here; <see cref="ulong.MaxValue"/>: nobody asks for that.</summary>
    public ulong AckedLsn
    {
        get
        {
            lock (_gate)
            {
                return _acked;
            }
        }
    }

    /// <summary>From any thread: enough members hold records up to here. May go down, when the shard begins to ask for more.</summary>
    public void Acked(ulong lsn)
    {
        lock (_gate)
        {
            if (_acked == lsn)
            {
                return;
            }

            _acked = lsn;
            Release();
            TellReleased();
        }

        Released();
    }

    /// <summary>Nothing is recorded from here on. The caller holds every slot's lock, so that no change is under way.</summary>
    public void Follow()
    {
        lock (_gate)
        {
            _following = true;
            _acked = ulong.MaxValue;
            Release();
            TellReleased();
        }
    }

    /// <summary>Appends the epoch's record; from here on commands are recorded, and nobody has acknowledged anything. Returns the record's LSN.</summary>
    /// <remarks>
    /// Numbers up to <see cref="ConsistentLsn"/> stand in slots already: a copy that is made the primary by force before it got there repeats
    /// the record until they are used up.
    /// </remarks>
    public ulong BeginEpoch(ClusterId cluster, ulong epoch)
    {
        lock (_gate)
        {
            var record = EpochRecord.Of(cluster, epoch);
            do
            {
                Begun(cluster, epoch);
                Append(record);
            }
            while (!IsConsistent);
            _acked = 0;
            Release();
            _following = false;
            return LastLsn;
        }
    }

    /// <summary>Asked before the record is applied.</summary>
    /// <exception cref="InvalidOperationException">It is not the next one, or this log does not follow.</exception>
    public void CheckNext(ulong lsn)
    {
        if (lsn != _nextLsn || !_following)
        {
            throw new InvalidOperationException($"Record {lsn} cannot follow {LastLsn}{(_following ? "" : ", in the log of a primary")}.");
        }
    }

    /// <summary>Takes the next record of another node's log (<see cref="CheckNext"/>). The caller holds the locks of the slots that it changes.</summary>
    public void AppendShipped(ulong lsn, ReadOnlySpan<byte> record)
    {
        lock (_gate)
        {
            CheckNext(lsn);
            AwaitRoom();
            if (EpochRecord.TryRead(record, out var cluster, out var epoch))
            {
                Begun(cluster, epoch);
            }

            Append(record);
        }
    }

    /// <summary>
    /// Appends a record that was made elsewhere among those that are recorded here, and returns its LSN. The caller holds its slot's lock and has made it
    /// true; this node does not follow.
    /// </summary>
    public ulong AppendImported(ReadOnlySpan<byte> record)
    {
        lock (_gate)
        {
            AwaitRoom();
            Append(record);
            return LastLsn;
        }
    }

    /// <summary>As <see cref="Commit"/>, and returns only once all is with the kernel: waits while a segment is rolled.</summary>
    public void CommitAll()
    {
        // Until the log has reached what slots say of themselves readers wait, and nobody else would wake them.
        var areWaiting = WrittenLsn < ConsistentLsn;
        lock (_gate)
        {
            while (_rolling)
            {
                Monitor.Wait(_gate);
            }
        }

        Commit();
        if (!areWaiting)
        {
            return;
        }

        lock (_gate)
        {
            TellReleased();
        }

        Released();
    }

    /// <summary>Framed records from a cursor on, as far as they are with the kernel; see <see cref="IReplicatedLog.Read"/>.</summary>
    public LogCursor Read(LogCursor from, int maxBytes, ByteWriter target) => _backlog?.Read(from, WrittenLsn, maxBytes, target) ?? from;

    /// <summary>
    /// Somebody reads records from the next one on: they are kept in memory, as for replicas. False if commands are not recorded here. To be
    /// followed by <see cref="EndReading"/>.
    /// </summary>
    public bool BeginReading()
    {
        lock (_gate)
        {
            if (_following)
            {
                return false;
            }

            _readers++;
            KeepBacklog();
            return true;
        }
    }

    /// <summary>One reader less.</summary>
    public void EndReading()
    {
        lock (_gate)
        {
            _readers--;
            KeepBacklog();
        }
    }

    /// <summary>Shows records that are with the kernel; see <see cref="Backlog.Visit"/>.</summary>
    public bool Visit(ref ulong nextLsn, int maxBytes, RecordVisitor visit)
    {
        var last = WrittenLsn;
        return nextLsn > last || (_backlog?.Visit(ref nextLsn, last, maxBytes, visit) ?? false);
    }

    /// <summary>A snapshot for a replica begins: it will cover the LSN returned, and the records behind that are kept for it.</summary>
    public (ulong Lsn, EpochHistory History) TransferBegins(ulong transfer)
    {
        lock (_gate)
        {
            _backlog?.Pin(transfer, _nextLsn);
            return (LastLsn, _history);
        }
    }

    /// <summary>The snapshot is where it belongs, or not wanted any more.</summary>
    public void TransferEnds(ulong transfer) => _backlog?.Unpin(transfer);

    /// <summary>The state was replaced by a snapshot: drops all records, durably, and begins behind it.</summary>
    /// <param name="coveredLsn">It contains every record up to here.</param>
    /// <param name="consistentLsn">And some up to here.</param>
    /// <param name="history">The epochs up to here.</param>
    /// <exception cref="IOException">The disk failed: the process must end.</exception>
    public void Reset(ulong coveredLsn, ulong consistentLsn, EpochHistory history)
    {
        lock (_gate)
        {
            while (_busy)
            {
                Monitor.Wait(_gate);
            }

            wal?.Reset(coveredLsn + 1);
            Volatile.Write(ref _nextLsn, coveredLsn + 1);
            ConsistentLsn = consistentLsn;
            Volatile.Write(ref _history, history);
            _backlog?.Restart(coveredLsn + 1);
            SavedLsn = _trimTo = coveredLsn;
            (Size, _syncTo, _begun) = (0, 0, default);
            Release();
            TellReleased();
        }
    }

    /// <summary>The next record is an epoch's. Repeated in the same epoch it begins nothing.</summary>
    private void Begun(ClusterId cluster, ulong epoch) => Volatile.Write(ref _history, After(_history, cluster, epoch, _nextLsn));

    /// <summary>The history after an epoch record at <paramref name="lsn"/>.</summary>
    public static EpochHistory After(EpochHistory history, ClusterId cluster, ulong epoch, ulong lsn) =>
        history.Entries is [.., var last] && last.Cluster == cluster && last.Epoch == epoch ? history : history.Append(new EpochStart(cluster, epoch, lsn));

    /// <summary>Under the gate: as long as somebody wants it.</summary>
    private void KeepBacklog() => _backlog = _hasPeers || _readers > 0 ? _backlog ?? new Backlog(_nextLsn, BacklogLimit) : null;

    private void Grown() => Appended?.Invoke();
}

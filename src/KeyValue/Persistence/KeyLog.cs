using Trefoil.KeyValue.Effects;
using Trefoil.Replication;
using Trefoil.Storage;

namespace Trefoil.KeyValue.Persistence;

/// <summary>The append-only log of what commands changed: one record per command, numbered by LSN.</summary>
/// <remarks>
/// <code>Enter → effects → Exit (a record, in memory) → Commit (one write for all of a round) → ReleasedLsn → replies leave</code>
/// The gate is taken under a slot's lock, never the other way round. Whoever runs commands writes to the file and never waits for the
/// disk: syncs, rolls and trims are <see cref="WalTask"/>s of the log's thread (<see cref="KeyLogThread"/>). While a segment is rolled records
/// wait in memory and replies with them. Without a file (<c>appendonly no</c>) records are only numbered.
/// </remarks>
internal sealed partial class KeyLog(Wal? wal, ulong nextLsn)
{
    /// <summary>Bytes that wait for a roll at which whoever writes waits too: a disk that hangs may not fill the memory.</summary>
    private const int MaxWaitingBytes = 256 << 20;

    private readonly object _gate = new();
    private ulong _nextLsn = wal?.NextLsn ?? nextLsn;
    private ulong _handed;
    private ulong _released;
    private int _depth;
    private bool _rolling;
    private bool _busy;
    private ulong _syncTo;
    private ulong _trimTo;
    private (ulong Lsn, long Size) _begun;
    private TaskCompletionSource _nextRelease = NewSource();

    /// <summary>The record being written; between <see cref="Enter"/> and <see cref="Exit"/>.</summary>
    public EffectWriter Effects { get; } = new();

    /// <summary>Whether records go to a file (<c>appendonly</c>).</summary>
    public bool IsWritten => wal is not null;

    /// <summary>
    /// A command whose effects are longer than this, in bytes, takes several records: a crash in the middle of writing them may then keep a
    /// part of what it did.
    /// </summary>
    public int SplitBytes { get; init; } = 256 << 20;

    /// <summary>When records are synced; may change at any time.</summary>
    public SyncPolicy Policy { get; set; } = SyncPolicy.EverySecond;

    /// <summary>LSN of the newest record.</summary>
    public ulong LastLsn => Volatile.Read(ref _nextLsn) - 1;

    /// <summary>Newest record handed to the kernel; without a file, that a round of commands has ended with.</summary>
    public ulong WrittenLsn => Volatile.Read(ref _handed);

    /// <summary>Replies that depend on records up to this LSN may leave: the policy says so, and so does <see cref="AckedLsn"/>.</summary>
    public ulong ReleasedLsn => Volatile.Read(ref _released);

    /// <summary>Records up to this LSN survive a power cut; 0 without a file.</summary>
    public ulong DurableLsn => wal?.DurableLsn ?? 0;

    /// <summary>Whether nothing waits for a sync.</summary>
    public bool IsDurable => wal is null || DurableLsn == LastLsn;

    /// <summary>Bytes of records that wait to be handed to the kernel.</summary>
    public long WaitingBytes => wal?.WaitingBytes ?? 0;

    /// <summary>Records since the last finished snapshot (INFO's rdb_changes_since_last_save).</summary>
    public ulong Changes => LastLsn - SavedLsn;

    /// <summary>LSN that the last finished snapshot covers.</summary>
    public ulong SavedLsn { get; set; }

    /// <summary>Bytes of records since the last finished snapshot began: what a restart would have to read.</summary>
    public long Size { get; set; }

    /// <summary>Told, on any thread, that the log's thread has something to do: a sync that replies wait for, or a full segment.</summary>
    public Action Wanted { get; set; } = () => { };

    /// <summary>Told, on the log's thread, that <see cref="ReleasedLsn"/> may have grown or that a commit is possible again.</summary>
    public Action Released { get; set; } = () => { };

    /// <summary>Completes when <see cref="ReleasedLsn"/> may have changed.</summary>
    public Task NextRelease
    {
        get
        {
            lock (_gate)
            {
                return _nextRelease.Task;
            }
        }
    }

    /// <summary>Opens the record of a command, or joins the one that is open; the caller holds the slot's lock. Returns the record's LSN.</summary>
    public ulong Enter()
    {
        Monitor.Enter(_gate);
        if (_depth++ == 0 && _rolling)
        {
            AwaitRoom();
        }

        if (Effects.Length > SplitBytes)
        {
            AppendRecord();
        }

        return _nextLsn;
    }

    /// <summary>Closes what <see cref="Enter"/> opened; the outermost one appends the record if there was an effect.</summary>
    public void Exit()
    {
        try
        {
            if (--_depth == 0 && !Effects.IsEmpty)
            {
                AppendRecord();
            }
        }
        finally
        {
            Monitor.Exit(_gate);
        }
    }

    /// <summary>Hands what was appended to the kernel. To be called before the replies of a round leave; they may up to <see cref="ReleasedLsn"/>.</summary>
    /// <exception cref="IOException">The disk failed: the process must end.</exception>
    public void Commit()
    {
        if (WrittenLsn == LastLsn)
        {
            return;
        }

        var wanted = false;
        lock (_gate)
        {
            if (!_rolling && wal is { WaitingBytes: > 0 })
            {
                CommitWaiting();
                wanted = wal.IsFull || Policy == SyncPolicy.Always || SyncsAtOnce;
            }

            Release();
        }

        if (wanted)
        {
            Wanted();
        }

        Grown();
    }

    /// <summary>What the log's thread has to do next: roll a full segment, sync, delete what a snapshot covers; null: nothing.</summary>
    /// <param name="syncIsDue">Whether the policy's time has come; under <see cref="SyncPolicy.Always"/> it always has.</param>
    public WalTask? Begin(bool syncIsDue)
    {
        lock (_gate)
        {
            _rolling = wal!.IsFull;
            var isDue = syncIsDue || Policy == SyncPolicy.Always || SyncsAtOnce || wal.DurableLsn < _syncTo;
            var task = _rolling ? wal.BeginRoll() : (isDue ? wal.BeginSync() : null) ?? wal.BeginDrop(_trimTo + 1);
            _busy = task is not null;
            return task;
        }
    }

    /// <summary>A snapshot begins: what is logged from here on is not in it. Returns the LSN that it will cover, and the epochs up to there.</summary>
    public (ulong Lsn, EpochHistory History) SnapshotBegins()
    {
        lock (_gate)
        {
            _begun = (LastLsn, Size + (wal?.WaitingBytes ?? 0));
            return (_begun.Lsn, _history);
        }
    }

    /// <summary>The snapshot that began last is durable: records that it covers are not needed any more.</summary>
    public void SnapshotSaved()
    {
        lock (_gate)
        {
            SavedLsn = _trimTo = _begun.Lsn;
            Size -= _begun.Size;
        }

        Wanted();
    }

    /// <summary>Returns once everything recorded so far is durable. For threads that may wait; the log's own must be running.</summary>
    public void WaitUntilDurable()
    {
        if (wal is null)
        {
            return;
        }

        lock (_gate)
        {
            var lsn = _syncTo = LastLsn;
            while (wal.DurableLsn < lsn)
            {
                if (!_rolling)
                {
                    CommitWaiting();
                }

                Wanted();
                if (wal.DurableLsn < lsn)
                {
                    Monitor.Wait(_gate);
                }
            }
        }
    }

    /// <summary>The task has run.</summary>
    public void End(WalTask task)
    {
        lock (_gate)
        {
            wal!.End(task);
            _rolling = _busy = false;
            Release();
            Monitor.PulseAll(_gate);
            TellReleased();
        }

        Released();
        Grown();
    }

    /// <summary>Asks for a sync of everything that is with the kernel; true if there is nothing to wait for, or no file.</summary>
    public bool MakeDurable()
    {
        if (wal is null || DurableLsn >= WrittenLsn)
        {
            return true;
        }

        lock (_gate)
        {
            _syncTo = Math.Max(_syncTo, WrittenLsn);
        }

        Wanted();
        return false;
    }

    /// <summary>Completes once records up to <paramref name="lsn"/> are durable, which are with the kernel already; asks for a sync of its own.</summary>
    public async Task WaitDurableAsync(ulong lsn)
    {
        while (DurableLsn < lsn)
        {
            Task next;
            lock (_gate)
            {
                _syncTo = Math.Max(_syncTo, lsn);
                next = _nextRelease.Task;
            }

            if (DurableLsn < lsn)
            {
                Wanted();
                await next;
            }
        }
    }

    /// <summary>At a clean stop: everything written, synced, and marked as whole. Nobody may write any more.</summary>
    public void Close()
    {
        lock (_gate)
        {
            wal?.Seal(0);
            wal?.Dispose();
        }
    }

    private void AppendRecord()
    {
        Append(Effects.Written);
        Effects.Clear();
    }

    private void Append(ReadOnlySpan<byte> record)
    {
        wal?.Append(record);
        _backlog?.Append(_nextLsn, record);
        Volatile.Write(ref _nextLsn, _nextLsn + 1);
    }

    private void AwaitRoom()
    {
        while (_rolling && wal!.WaitingBytes > MaxWaitingBytes)
        {
            Monitor.Wait(_gate);
        }
    }

    private void CommitWaiting()
    {
        Size += wal!.WaitingBytes;
        wal.Commit(sync: false);
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Release()
    {
        Volatile.Write(ref _handed, wal?.WrittenLsn ?? LastLsn);
        Volatile.Write(ref _released, Math.Min(_acked, wal is not null && Policy == SyncPolicy.Always ? wal.DurableLsn : _handed));
    }

    private void TellReleased()
    {
        _nextRelease.SetResult();
        _nextRelease = NewSource();
    }
}

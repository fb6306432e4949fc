using Trefoil.KeyValue.Effects;
using Trefoil.Storage;

namespace Trefoil.KeyValue.Persistence;

/// <summary>The append-only log of what commands changed: one record per command, numbered by LSN.</summary>
/// <remarks>
/// <code>Enter → effects → Exit (a record, in memory) → Commit (one write for all of a round) → ReleasedLsn → replies leave</code>
/// The gate is taken under a slot's lock, never the other way round. Whoever runs commands writes to the file and never waits for the
/// disk: syncs, rolls and trims are <see cref="WalTask"/>s of the log's thread (<see cref="KeyLogThread"/>). While a segment is rolled records
/// wait in memory and replies with them. Without a file (<c>appendonly no</c>) records are only numbered.
/// </remarks>
internal sealed class KeyLog(Wal? wal, ulong nextLsn)
{
    /// <summary>Bytes that wait for a roll at which whoever writes waits too: a disk that hangs may not fill the memory.</summary>
    private const int MaxWaitingBytes = 256 << 20;

    private readonly object _gate = new();
    private ulong _nextLsn = wal?.NextLsn ?? nextLsn;
    private int _depth;
    private bool _rolling;
    private TaskCompletionSource _nextRelease = NewSource();

    /// <summary>The record being written; between <see cref="Enter"/> and <see cref="Exit"/>.</summary>
    public EffectWriter Effects { get; } = new();

    /// <summary>Whether records go to a file (<c>appendonly</c>).</summary>
    public bool IsWritten => wal is not null;

    /// <summary>When records are synced; may change at any time.</summary>
    public SyncPolicy Policy { get; set; } = SyncPolicy.EverySecond;

    /// <summary>LSN of the newest record.</summary>
    public ulong LastLsn => Volatile.Read(ref _nextLsn) - 1;

    /// <summary>Replies that depend on records up to this LSN may leave.</summary>
    public ulong ReleasedLsn { get; private set; }

    /// <summary>Records since the last finished snapshot (INFO's rdb_changes_since_last_save).</summary>
    public ulong Changes => LastLsn - SavedLsn;

    /// <summary>LSN that the last finished snapshot covers.</summary>
    public ulong SavedLsn { get; set; }

    /// <summary>Bytes of the log's files that no snapshot covers yet.</summary>
    public long Size { get; private set; }

    /// <summary>Told, on any thread, that the log's thread has something to do: a sync that replies wait for, or a full segment.</summary>
    public Action Wanted { get; set; } = () => { };

    /// <summary>Told, on the log's thread, that <see cref="ReleasedLsn"/> may have grown or that a commit is possible again.</summary>
    public Action Released { get; set; } = () => { };

    /// <summary>Opens the record of a command, or joins the one that is open; the caller holds the slot's lock. Returns the record's LSN.</summary>
    public ulong Enter()
    {
        Monitor.Enter(_gate);
        if (_depth++ == 0 && _rolling)
        {
            while (_rolling && wal!.WaitingBytes > MaxWaitingBytes)
            {
                Monitor.Wait(_gate);
            }
        }

        return _nextLsn;
    }

    /// <summary>Closes what <see cref="Enter"/> opened; the outermost one appends the record if there was an effect.</summary>
    public void Exit()
    {
        if (--_depth == 0 && !Effects.IsEmpty)
        {
            wal?.Append(Effects.Written);
            _nextLsn++;
            Effects.Clear();
        }

        Monitor.Exit(_gate);
    }

    /// <summary>Hands what was appended to the kernel. To be called before the replies of a round leave; they may up to <see cref="ReleasedLsn"/>.</summary>
    /// <exception cref="IOException">The disk failed: the process must end.</exception>
    public void Commit()
    {
        if (wal is null)
        {
            ReleasedLsn = LastLsn;
            return;
        }

        if (ReleasedLsn == LastLsn)
        {
            return;
        }

        var wanted = false;
        lock (_gate)
        {
            if (!_rolling && wal.WaitingBytes > 0)
            {
                Size += wal.WaitingBytes;
                wal.Commit(sync: false);
                wanted = wal.IsFull || Policy == SyncPolicy.Always;
            }

            Release();
        }

        if (wanted)
        {
            Wanted();
        }
    }

    /// <summary>What the log's thread has to do next: roll a full segment, or sync if <paramref name="syncIsDue"/>; null: nothing.</summary>
    public WalTask? Begin(bool syncIsDue)
    {
        lock (_gate)
        {
            if (wal!.IsFull)
            {
                _rolling = true;
                return wal.BeginRoll();
            }

            return syncIsDue || Policy == SyncPolicy.Always ? wal.BeginSync() : null;
        }
    }

    /// <summary>The deletion of segments that a snapshot has made superfluous; null: none.</summary>
    public WalTask? BeginTrim(ulong coveredLsn)
    {
        lock (_gate)
        {
            return wal!.BeginDrop(coveredLsn + 1);
        }
    }

    /// <summary>The task has run.</summary>
    public void End(WalTask task)
    {
        lock (_gate)
        {
            wal!.End(task);
            _rolling = false;
            Release();
            Monitor.PulseAll(_gate);
            _nextRelease.SetResult();
            _nextRelease = NewSource();
        }

        Released();
    }

    /// <summary>Completes when replies up to <paramref name="lsn"/> may leave; for a transport without rounds.</summary>
    public async ValueTask WaitAsync(ulong lsn)
    {
        while (ReleasedLsn < lsn)
        {
            Task next;
            lock (_gate)
            {
                next = _nextRelease.Task;
            }

            Commit();
            if (ReleasedLsn < lsn)
            {
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

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Release() => ReleasedLsn = Policy == SyncPolicy.Always ? wal!.DurableLsn : wal!.WrittenLsn;
}

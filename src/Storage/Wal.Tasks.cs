namespace Trefoil.Storage;

/// <summary>Syncing, rolling and trimming without holding the owner up: each in a Begin, a <see cref="WalTask"/> and an <see cref="End"/>.</summary>
public sealed partial class Wal
{
    private WalTask? _task;
    private bool _rolling;

    /// <summary>The segment has reached its size: the next commit rolls, or is to be preceded by <see cref="BeginRoll"/> (<see cref="WalOptions.RollsByItself"/>).</summary>
    public bool IsFull => _end >= _options.SegmentBytes;

    /// <summary>All records up to this LSN are with the kernel.</summary>
    public ulong WrittenLsn => _writtenNext - 1;

    /// <summary>Bytes of records that wait for <see cref="Commit"/>.</summary>
    public int WaitingBytes => _length - GroupHeader.Size;

    /// <summary>Makes what is written now durable; records may be appended and committed meanwhile. Null if it all is.</summary>
    public WalTask? BeginSync()
    {
        ThrowIfFailed();
        ThrowIfBusy();
        if (_durable == _number - 1)
        {
            return null;
        }

        var file = _file;
        return _task = new WalTask(() =>
        {
            file.Sync();
            return null;
        })
        { Group = _number - 1, Lsn = _writtenNext - 1 };
    }

    /// <summary>Begins a new segment: syncs the old one, so that only the newest can have a torn tail, then creates the file.</summary>
    public WalTask BeginRoll()
    {
        ThrowIfFailed();
        ThrowIfBusy();
        _rolling = true;
        var file = _file;
        var segment = new WalSegment(_number, _writtenNext - 1);
        var header = new SegmentHeader(_number, _writtenNext, _previous, _salt);
        return _task = new WalTask(() =>
        {
            file.Sync();
            file.Dispose();
            return Create(segment, header);
        })
        { Group = _number - 1, Lsn = _writtenNext - 1, Segment = segment };
    }

    /// <summary>As <see cref="DropBefore"/>; null if there is nothing to delete. Only for a log that is never truncated.</summary>
    public WalTask? BeginDrop(ulong lsn)
    {
        ThrowIfFailed();
        ThrowIfBusy();
        var names = new List<string>();
        while (_segments.Count > 1 && _segments[0].LiveLast < lsn)
        {
            FirstLsn = Math.Max(FirstLsn, Math.Min(_segments[0].LiveLast + 1, NextLsn));
            names.Add(_segments[0].Name);
            _segments.RemoveAt(0);
        }

        if (names.Count == 0)
        {
            return null;
        }

        return _task = new WalTask(() =>
        {
            foreach (var name in names)
            {
                // Durably one after the other, oldest first: a gap would look like damage.
                _disk.Delete(PathOf(name));
                _disk.SyncDirectory(_directory);
            }

            return null;
        })
        { Group = _durable, Lsn = DurableLsn };
    }

    /// <summary>The task has run: what it did counts from here on.</summary>
    public void End(WalTask task)
    {
        ArgumentNullException.ThrowIfNull(task);
        if (!ReferenceEquals(task, _task))
        {
            throw new InvalidOperationException("Not the task that this log waits for.");
        }

        _task = null;
        _durable = Math.Max(_durable, task.Group);
        DurableLsn = Math.Max(DurableLsn, task.Lsn);
        if (task.Segment is { } segment)
        {
            _rolling = false;
            _file = task.File!;
            _segments.Add(segment);
            _end = SegmentHeader.Size;
        }
    }

    private void ThrowIfBusy()
    {
        if (_rolling)
        {
            throw new InvalidOperationException("A roll is under way: nothing can be written until End.");
        }
    }
}

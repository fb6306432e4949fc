using System.Buffers.Binary;
using Trefoil.Primitives;

namespace Trefoil.Storage;

/// <summary>A write-ahead log: numbered records, written in groups, each group with one write and at most one sync.</summary>
/// <remarks>
/// LSNs are consecutive from 1. The files are only ever appended to: truncating a suffix is itself a group, so no crash in
/// the middle of one can bring truncated records back or lose kept ones. Every group header names the newest group known
/// durable when it was written; <see cref="WalReplay"/> turns that into "torn" or "corrupt". Any error of the disk is
/// final: from then on every call throws <see cref="DiskFailure"/>. One owner; not thread-safe.
/// </remarks>
public sealed partial class Wal : IDisposable
{
    private const int KeptBufferBytes = 8 << 20;
    private readonly IDisk _disk;
    private readonly string _directory;
    private readonly WalOptions _options;
    private readonly List<WalSegment> _segments;
    private readonly uint _salt;
    private IDiskFile _file;
    private byte[] _buffer = new byte[4096];
    private int _length = GroupHeader.Size;
    private int _count;
    private ulong _groupFirst; // LSN of the waiting group's first record; below _writtenNext if it truncates
    private ulong _writtenNext; // next LSN after the groups already written
    private ulong _number; // of the next group
    private ulong _durable; // newest group known durable
    private uint _previous;
    private ulong _mark;
    private long _end;
    private DiskFailure? _failure;

    private Wal(IDisk disk, string directory, WalOptions options, WalReplay replay)
    {
        (_disk, _directory, _options, _segments) = (disk, directory, options, replay.Segments);
        (_number, _previous, _mark, _end) = (replay.Number, replay.Previous, replay.Mark, replay.End);
        _salt = _segments.Count == 0 ? options.Salt : replay.Salt;
        (FirstLsn, NextLsn, _writtenNext, _groupFirst) = (replay.First, replay.Next, replay.Next, replay.Next);
        _durable = _number - 1;
        if (_segments.Count == 0)
        {
            _file = Create();
            return;
        }

        // What was read may still be in the page cache only: make it durable before a header says that it is.
        _file = disk.Open(PathOf(_segments[^1].Name), create: false);
        if (_file.Length > _end)
        {
            _file.Truncate(_end);
        }

        _file.Sync();
        disk.SyncDirectory(directory);
        DurableLsn = NextLsn - 1;
    }

    /// <summary>LSN of the oldest record, or <see cref="NextLsn"/> if there is none.</summary>
    public ulong FirstLsn { get; private set; }

    /// <summary>LSN that the next record gets.</summary>
    public ulong NextLsn { get; private set; }

    /// <summary>All records up to this LSN survive a power cut.</summary>
    public ulong DurableLsn { get; private set; }

    /// <summary>Files that the log consists of.</summary>
    public int SegmentCount => _segments.Count;

    /// <summary>Opens or creates the log in a directory, giving what it holds to <paramref name="visitor"/> first.</summary>
    /// <remarks>If the result is a refusal, what the visitor was given is a prefix of the log and must not be used.</remarks>
    public static WalOpenResult Open(IDisk disk, string directory, WalOptions options, WalVisitor visitor)
    {
        ArgumentNullException.ThrowIfNull(disk);
        disk.CreateDirectory(directory);
        var replay = new WalReplay(disk, directory, visitor);
        if (replay.Run() is { } refusal)
        {
            return new WalOpenResult.Refused(refusal);
        }

        // A segment whose creation the crash hit is on disk but not part of the log.
        foreach (var name in disk.List(directory))
        {
            if (WalSegment.TryParse(name, out var number) && !replay.Segments.Exists(s => s.Number == number))
            {
                disk.Delete($"{directory}/{name}");
                disk.SyncDirectory(directory);
            }
        }

        var wal = new Wal(disk, directory, options, replay);
        return new WalOpenResult.Opened(
            wal, new WalRecovery(wal.FirstLsn, wal.NextLsn, replay.Mark, replay.TornBytes, replay.TornAt));
    }

    /// <summary>Adds a record, of two parts written one after the other, to the waiting group; returns its LSN.</summary>
    public ulong Append(ReadOnlySpan<byte> head, ReadOnlySpan<byte> rest = default)
    {
        ThrowIfFailed();
        var length = (long)head.Length + rest.Length;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, WalOptions.MaxRecordBytes);
        if (_count > 0 && _length + length > _options.GroupBytes && !_rolling)
        {
            WriteGroup(GroupKind.Append);
        }

        var record = Reserve(sizeof(uint) + (int)length);
        BinaryPrimitives.WriteUInt32LittleEndian(record, (uint)length);
        head.CopyTo(record[sizeof(uint)..]);
        rest.CopyTo(record[(sizeof(uint) + head.Length)..]);
        _count++;
        return NextLsn++;
    }

    /// <summary>Voids all records from <paramref name="lsn"/> on; takes effect on disk with the next <see cref="Commit"/>.</summary>
    /// <param name="lsn">From <see cref="FirstLsn"/> to <see cref="NextLsn"/>.</param>
    public void TruncateFrom(ulong lsn)
    {
        ThrowIfFailed();
        ArgumentOutOfRangeException.ThrowIfLessThan(lsn, FirstLsn);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(lsn, NextLsn);
        if (lsn == NextLsn)
        {
            return;
        }

        if (_count > 0)
        {
            WriteGroup(GroupKind.Append);
        }

        NextLsn = _groupFirst = lsn;
        DurableLsn = Math.Min(DurableLsn, lsn - 1);
    }

    /// <summary>Hands the waiting records to the kernel in one write; with <paramref name="sync"/> they, and all before, are durable on return.</summary>
    /// <param name="sync">Whether to sync.</param>
    /// <param name="mark">A number kept with the group and given back by <see cref="Open"/>; not written by itself.</param>
    public void Commit(bool sync, ulong mark = 0)
    {
        ThrowIfFailed();
        _mark = mark;
        if (_count > 0 || _groupFirst != _writtenNext)
        {
            WriteGroup(GroupKind.Append);
        }

        if (sync)
        {
            Sync();
        }
    }

    /// <summary>At a clean shutdown: a last group that names all before it durable, so that damage to any of it is told from a torn tail.</summary>
    public void Seal(ulong mark)
    {
        Commit(sync: true, mark);
        WriteGroup(GroupKind.Append);
        Sync();
    }

    /// <summary>Deletes the oldest segments that hold no valid record at or above <paramref name="lsn"/>.</summary>
    /// <remarks>Works in whole files: <see cref="FirstLsn"/> may stay below <paramref name="lsn"/>. The newest segment always stays.</remarks>
    public void DropBefore(ulong lsn)
    {
        ThrowIfFailed();
        while (_segments.Count > 1 && _segments[0].LiveLast < lsn)
        {
            // What made its records void may be a truncation that is not durable yet.
            Sync();

            // Durably one after the other: a disk that forgot the first deletion and not the second would leave a gap.
            Guard(() =>
            {
                _disk.Delete(PathOf(_segments[0].Name));
                _disk.SyncDirectory(_directory);
            });
            FirstLsn = Math.Max(FirstLsn, Math.Min(_segments[0].LiveLast + 1, NextLsn));
            _segments.RemoveAt(0);
        }
    }

    /// <summary>Durably voids all records, waiting ones too, and restarts the log at <paramref name="nextLsn"/>.</summary>
    public void Reset(ulong nextLsn, ulong mark = 0)
    {
        ThrowIfFailed();
        ArgumentOutOfRangeException.ThrowIfZero(nextLsn);
        Empty();
        NextLsn = FirstLsn = _groupFirst = nextLsn;
        _mark = mark;
        WriteGroup(GroupKind.Reset);
        Roll();
        DropBefore(ulong.MaxValue);
    }

    /// <summary>Closes the file. Waiting records are lost: only <see cref="Commit"/> writes.</summary>
    public void Dispose() => _file.Dispose();

    private void WriteGroup(GroupKind kind)
    {
        ThrowIfBusy();
        if (IsFull && _options.RollsByItself)
        {
            Roll();
        }

        if (kind == GroupKind.Reset || _groupFirst < _writtenNext)
        {
            var kept = kind == GroupKind.Reset ? 0 : _groupFirst - 1;
            _segments.ForEach(segment => segment.LiveLast = Math.Min(segment.LiveLast, kept));
        }

        var body = _buffer.AsSpan(GroupHeader.Size, _length - GroupHeader.Size);
        var header = new GroupHeader(
            kind, _count, body.Length, Crc32C.Of(body, _salt), _previous, _number, _groupFirst, _durable, _mark);
        var previous = header.Write(_buffer, _salt);
        try
        {
            _file.Write(_end, _buffer.AsSpan(0, _length));
        }
        catch (IOException error)
        {
            throw Fail(error);
        }

        _previous = previous;
        _number++;
        _end += _length;
        _writtenNext = _groupFirst = NextLsn;
        _segments[^1].LiveLast = NextLsn - 1;
        Empty();
    }

    private void Empty()
    {
        (_length, _count) = (GroupHeader.Size, 0);
        if (_buffer.Length > KeptBufferBytes)
        {
            _buffer = new byte[4096];
        }
    }

    private void Sync()
    {
        if (_durable == _number - 1)
        {
            return;
        }

        try
        {
            _file.Sync();
        }
        catch (IOException error)
        {
            throw Fail(error);
        }

        _durable = _number - 1;
        DurableLsn = _writtenNext - 1;
    }

    /// <summary>Begins a new segment. The old one is synced first, so only the newest can have a torn tail.</summary>
    private void Roll()
    {
        Sync();
        Guard(() =>
        {
            _file.Dispose();
            _file = Create();
        });
    }

    private IDiskFile Create()
    {
        var segment = new WalSegment(_number, _writtenNext - 1);
        var file = Create(segment, new SegmentHeader(_number, _writtenNext, _previous, _salt));
        _segments.Add(segment);
        _end = SegmentHeader.Size;
        return file;
    }

    private IDiskFile Create(WalSegment segment, SegmentHeader first)
    {
        Span<byte> header = stackalloc byte[SegmentHeader.Size];
        first.Write(header);
        var file = _disk.Open(PathOf(segment.Name), create: true);
        file.Write(0, header);
        file.Sync();
        _disk.SyncDirectory(_directory);
        return file;
    }

    private Span<byte> Reserve(int count)
    {
        if (_buffer.Length - _length < count)
        {
            Array.Resize(ref _buffer, (int)Math.Min(Math.Max(2L * _buffer.Length, (long)_length + count), Array.MaxLength));
        }

        var span = _buffer.AsSpan(_length, count);
        _length += count;
        return span;
    }

    private string PathOf(string name) => $"{_directory}/{name}";

    private void Guard(Action action)
    {
        try
        {
            action();
        }
        catch (IOException error)
        {
            throw Fail(error);
        }
    }

    private DiskFailure Fail(IOException error) =>
        _failure = error as DiskFailure ?? new DiskFailure($"The log in '{_directory}' cannot be written: {error.Message}", error);

    private void ThrowIfFailed()
    {
        if (_failure is not null)
        {
            throw new DiskFailure($"The log in '{_directory}' refuses everything since the disk failed: {_failure.Message}", _failure);
        }
    }
}

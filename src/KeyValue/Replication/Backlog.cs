using System.Buffers.Binary;
using Trefoil.Primitives;
using Trefoil.Replication;

namespace Trefoil.KeyValue.Replication;

/// <summary>Receives one record, under the lock of the backlog; what it is given is valid for the call.</summary>
internal delegate void RecordVisitor(ulong lsn, ReadOnlySpan<byte> record);

/// <summary>The newest records of the log in memory, framed as they are shipped: what a replica that was away for a moment still gets. Thread-safe.</summary>
/// <remarks>
/// Chunks of an eighth of the limit, a mebibyte at most; a record that is longer has one of its own. The oldest chunk goes when what is left is still as long as the limit, unless a
/// snapshot on its way to a replica needs it: then up to <see cref="MostTimesLimit"/> times as much is kept, and beyond that the
/// snapshot was for nothing.
/// </remarks>
internal sealed class Backlog(ulong nextLsn, long limitBytes)
{
    private const int SmallestChunk = 1024;
    private const int LargestChunk = 1 << 20;
    private const int MostTimesLimit = 4;
    private const int LengthBytes = sizeof(uint);

    private readonly Lock _lock = new();
    private readonly List<Chunk> _chunks = [];
    private readonly SortedDictionary<ulong, ulong> _pins = [];
    private ulong _nextLsn = nextLsn;
    private long _bytes;
    private long _limitBytes = limitBytes;
    private byte[]? _spare;

    /// <summary>Oldest record that is here; the next one to come if there is none.</summary>
    public ulong FirstLsn
    {
        get
        {
            lock (_lock)
            {
                return _chunks.Count == 0 ? _nextLsn : _chunks[0].First;
            }
        }
    }

    /// <summary>Bytes of the records that are here.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Bytes that are kept at least.</summary>
    public long LimitBytes
    {
        get => Volatile.Read(ref _limitBytes);
        set
        {
            lock (_lock)
            {
                _limitBytes = value;
                Trim();
            }
        }
    }

    /// <summary>Adds the record <paramref name="lsn"/>, which follows the one before.</summary>
    public void Append(ulong lsn, ReadOnlySpan<byte> record)
    {
        lock (_lock)
        {
            if (lsn != _nextLsn)
            {
                throw new InvalidOperationException($"Record {lsn} does not follow {_nextLsn - 1}.");
            }

            var length = LengthBytes + record.Length;
            if (_chunks.Count == 0 || _chunks[^1].Room < length)
            {
                _chunks.Add(new Chunk(lsn, Take(length)));
            }

            _chunks[^1].Append(record);
            _nextLsn++;
            _bytes += length;
            Trim();
        }
    }

    /// <summary>Appends framed records from a cursor on; <see cref="IReplicatedLog.Read"/>. The cursor itself if the record is not here.</summary>
    public LogCursor Read(LogCursor from, ulong lastLsn, int maxBytes, ByteWriter target)
    {
        lock (_lock)
        {
            while (maxBytes > 0 && from.Lsn <= lastLsn && Find(from.Lsn) is { } chunk)
            {
                var bytes = chunk.Read(ref from, lastLsn, maxBytes);
                target.Raw(bytes);
                maxBytes -= bytes.Length;
            }
        }

        return from;
    }

    /// <summary>
    /// Shows records from <paramref name="nextLsn"/> up to <paramref name="lastLsn"/>, about <paramref name="maxBytes"/> of them, and moves
    /// <paramref name="nextLsn"/> behind. False if the next one is not here any more.
    /// </summary>
    public bool Visit(ref ulong nextLsn, ulong lastLsn, int maxBytes, RecordVisitor visit)
    {
        lock (_lock)
        {
            while (maxBytes > 0 && nextLsn <= lastLsn)
            {
                if (Find(nextLsn) is not { } chunk)
                {
                    return false;
                }

                maxBytes -= chunk.Visit(ref nextLsn, lastLsn, maxBytes, visit);
            }
        }

        return true;
    }

    /// <summary>A transfer needs the records from <paramref name="lsn"/> on.</summary>
    public void Pin(ulong transfer, ulong lsn)
    {
        lock (_lock)
        {
            _pins[transfer] = lsn;
        }
    }

    /// <summary>The transfer needs nothing any more.</summary>
    public void Unpin(ulong transfer)
    {
        lock (_lock)
        {
            _pins.Remove(transfer);
            Trim();
        }
    }

    /// <summary>The log has begun anew: the next record is this one.</summary>
    public void Restart(ulong lsn)
    {
        lock (_lock)
        {
            _chunks.Clear();
            _bytes = 0;
            _nextLsn = lsn;
        }
    }

    private void Trim()
    {
        while (_chunks.Count > 1 && _bytes - _chunks[0].Length >= _limitBytes
            && (!IsPinned(_chunks[0].Last) || _bytes - _chunks[0].Length >= MostTimesLimit * _limitBytes))
        {
            _bytes -= _chunks[0].Length;
            _spare = _chunks[0].Bytes.Length <= LargestChunk ? _chunks[0].Bytes : _spare;
            _chunks.RemoveAt(0);
        }
    }

    private bool IsPinned(ulong lsn)
    {
        foreach (var (_, needed) in _pins)
        {
            if (needed <= lsn)
            {
                return true;
            }
        }

        return false;
    }

    private byte[] Take(int length)
    {
        var size = Math.Max(length, (int)Math.Clamp(_limitBytes / 8, SmallestChunk, LargestChunk));
        var bytes = _spare?.Length == size ? _spare : new byte[size];
        _spare = null;
        return bytes;
    }

    private Chunk? Find(ulong lsn)
    {
        if (_chunks.Count == 0 || lsn < _chunks[0].First || lsn >= _nextLsn)
        {
            return null;
        }

        var (low, high) = (0, _chunks.Count - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            (low, high) = _chunks[middle].First <= lsn ? (middle, high) : (low, middle - 1);
        }

        return _chunks[low];
    }

    /// <summary>Neighbouring records. Every so many of them their place is noted, so that one is found without walking all.</summary>
    private sealed class Chunk(ulong first, byte[] bytes)
    {
        private const int RecordsPerMark = 64;
        private readonly List<int> _marks = [];
        private int _count;

        public ulong First => first;

        public ulong Last => first + (ulong)_count - 1;

        public byte[] Bytes => bytes;

        public int Length { get; private set; }

        public int Room => bytes.Length - Length;

        public void Append(ReadOnlySpan<byte> record)
        {
            if (_count++ % RecordsPerMark == 0)
            {
                _marks.Add(Length);
            }

            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(Length), (uint)record.Length);
            record.CopyTo(bytes.AsSpan(Length + LengthBytes));
            Length += LengthBytes + record.Length;
        }

        public ReadOnlySpan<byte> Read(ref LogCursor cursor, ulong lastLsn, int maxBytes)
        {
            var at = PlaceOf(cursor.Lsn);
            var from = at + cursor.Offset;
            var to = from;
            while (cursor.Lsn <= Math.Min(Last, lastLsn) && to - from < maxBytes)
            {
                var end = at + FrameAt(at);
                if (end - from > maxBytes)
                {
                    to = from + maxBytes;
                    cursor = new LogCursor(cursor.Lsn, to - at);
                    break;
                }

                (at, to) = (end, end);
                cursor = new LogCursor(cursor.Lsn + 1, 0);
            }

            return bytes.AsSpan(from, to - from);
        }

        /// <summary>Returns how many bytes it went over.</summary>
        public int Visit(ref ulong nextLsn, ulong lastLsn, int maxBytes, RecordVisitor visit)
        {
            var from = PlaceOf(nextLsn);
            var at = from;
            for (var last = Math.Min(Last, lastLsn); nextLsn <= last && at - from < maxBytes; nextLsn++)
            {
                var end = at + FrameAt(at);
                visit(nextLsn, bytes.AsSpan(at + LengthBytes, end - at - LengthBytes));
                at = end;
            }

            return at - from;
        }

        private int PlaceOf(ulong lsn)
        {
            var number = (int)(lsn - first);
            var at = _marks[number / RecordsPerMark];
            for (var left = number % RecordsPerMark; left > 0; left--)
            {
                at += FrameAt(at);
            }

            return at;
        }

        private int FrameAt(int at) => LengthBytes + (int)BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at));
    }
}

using Trefoil.Primitives;

namespace Trefoil.Storage;

/// <summary>What a crash does to what was not synced.</summary>
public enum CrashMode
{
    /// <summary>The process died and the kernel lives: every pending write is kept.</summary>
    KeepAll,

    /// <summary>The power went: every pending write is lost.</summary>
    LoseAll,

    /// <summary>The power went: each pending write and name is kept, lost, or torn in sectors of 512 bytes.</summary>
    Tear,
}

/// <summary>The disk that forgets what was not synced, for tests and the simulator.</summary>
/// <remarks>
/// File contents and directory entries pend apart, each until its own sync. After <see cref="Crash"/> every open file is
/// dead. A sync that fails drops the file's pending writes from what would survive, as Linux does with dirty pages.
/// Not thread-safe. Deterministic: the same calls and the same generator give the same disk.
/// </remarks>
public sealed class MemoryDisk : IDisk
{
    internal const int SectorSize = 512;
    private readonly SortedDictionary<string, MemoryInode> _names = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, MemoryInode> _durableNames = new(StringComparer.Ordinal);
    private readonly List<PendingName> _pendingNames = [];
    private long _failAt = -1;
    private bool _failStays;
    private int _life;

    /// <summary>Calls so far that change something: Open that creates, Write, Truncate, Sync, Rename, Delete, SyncDirectory.</summary>
    public long Calls { get; private set; }

    /// <summary>Calls of <see cref="IDiskFile.Sync"/> so far.</summary>
    public long Syncs { get; private set; }

    /// <summary>
    /// Writes and syncs of a file one of whose syncs had failed, before its content was given up: whoever does that counts on pages that are gone
    /// (Rebello et al., "Can Applications Recover from fsync Failures?", 2020).
    /// </summary>
    public long UsesAfterFailedSync { get; private set; }

    /// <summary>Bytes written so far.</summary>
    public long BytesWritten { get; private set; }

    /// <summary>The counted call number <paramref name="call"/> (the next one is 0) fails; with <paramref name="stays"/> all after it too.</summary>
    public void FailAt(long call, bool stays = false) => (_failAt, _failStays) = (Calls + call, stays);

    /// <summary>There is no room: no file can be created, and none can grow (ENOSPC). What stands can be overwritten, renamed, deleted and synced.</summary>
    public bool IsFull { get; set; }

    /// <summary>Calls that failed because the disk was full.</summary>
    public long Refused { get; private set; }

    /// <summary>Cancels <see cref="FailAt"/>.</summary>
    public void Repair() => (_failAt, _failStays) = (-1, false);

    /// <summary>Ends this life of the disk's user: decides what of the pending changes survives, and kills all open files.</summary>
    public void Crash(Prng random, CrashMode mode)
    {
        ArgumentNullException.ThrowIfNull(random);
        Repair();
        _life++;
        foreach (var pending in _pendingNames)
        {
            if (mode == CrashMode.KeepAll || (mode == CrashMode.Tear && random.Chance(0.5)))
            {
                pending.Apply(_durableNames);
            }
        }

        _pendingNames.Clear();
        foreach (var inode in Inodes())
        {
            inode.Crash(random, mode);
        }

        _names.Clear();
        foreach (var (name, inode) in _durableNames)
        {
            _names.Add(name, inode);
        }
    }

    /// <summary>A copy of this disk, pending changes included, to crash in another way.</summary>
    public MemoryDisk Clone()
    {
        var copies = new Dictionary<MemoryInode, MemoryInode>(ReferenceEqualityComparer.Instance);
        MemoryInode Copy(MemoryInode inode) => copies.TryGetValue(inode, out var copy) ? copy : copies[inode] = inode.Clone();
        var clone = new MemoryDisk { Calls = Calls, Syncs = Syncs, BytesWritten = BytesWritten };
        foreach (var (name, inode) in _names)
        {
            clone._names.Add(name, Copy(inode));
        }

        foreach (var (name, inode) in _durableNames)
        {
            clone._durableNames.Add(name, Copy(inode));
        }

        clone._pendingNames.AddRange(_pendingNames.Select(p => p with { Added = p.Added is null ? null : Copy(p.Added) }));
        return clone;
    }

    /// <summary>The current content of a file, for tests.</summary>
    public byte[] ReadAll(string path) => Find(path).Volatile.ToArray();

    /// <summary>Replaces a file, durably and without counting a call: how tests damage one.</summary>
    public void Replace(string path, ReadOnlySpan<byte> content)
    {
        var inode = new MemoryInode();
        inode.Write(0, content);
        inode.Settle();
        _names[path] = inode;
        _durableNames[path] = inode;
    }

    /// <summary>The names that a power cut would leave, sorted, with what would be left of the files' bytes.</summary>
    public IReadOnlyList<(string Path, long Length)> DurableFiles() => [.. _durableNames.Select(file => (file.Key, file.Value.DurableLength))];

    /// <summary>Turns one bit of what is durable, as aging disks do; who reads it next sees it. No call.</summary>
    public void FlipBit(string path, long bit)
    {
        if (!_durableNames.TryGetValue(path, out var inode) || bit < 0 || bit >= inode.DurableLength * 8)
        {
            throw new ArgumentException($"There is no bit {bit} in '{path}'.", nameof(bit));
        }

        inode.Flip(bit);
    }

    /// <inheritdoc/>
    public IDiskFile Open(string path, bool create)
    {
        if (!_names.TryGetValue(path, out var inode))
        {
            if (!create)
            {
                throw new FileNotFoundException($"There is no file '{path}'.", path);
            }

            Count("create", path);
            if (IsFull)
            {
                throw NoSpace(path);
            }

            inode = new MemoryInode();
            Pend(new PendingName(path, null, inode));
        }

        return new OpenFile(this, path, inode);
    }

    /// <inheritdoc/>
    public bool Exists(string path) => _names.ContainsKey(path);

    /// <inheritdoc/>
    public IReadOnlyList<string> List(string directory) =>
        [.. _names.Keys.Where(path => DirectoryOf(path) == directory.TrimEnd('/')).Select(path => Path.GetFileName(path))];

    /// <inheritdoc/>
    public void Delete(string path)
    {
        Count("delete", path);
        if (_names.ContainsKey(path))
        {
            Pend(new PendingName(path, path, null));
        }
    }

    /// <inheritdoc/>
    public void Rename(string from, string to)
    {
        Count("rename", from);
        Pend(new PendingName(to, from, Find(from)));
    }

    /// <inheritdoc/>
    public void CreateDirectory(string path)
    {
    }

    /// <inheritdoc/>
    public void SyncDirectory(string directory)
    {
        Count("sync of directory", directory, fatal: true);
        foreach (var pending in _pendingNames.Where(p => DirectoryOf(p.Path) == directory.TrimEnd('/')))
        {
            pending.Apply(_durableNames);
        }

        _pendingNames.RemoveAll(p => DirectoryOf(p.Path) == directory.TrimEnd('/'));
    }

    private void Pend(PendingName change)
    {
        change.Apply(_names);
        _pendingNames.Add(change);
    }

    private MemoryInode Find(string path) =>
        _names.TryGetValue(path, out var inode) ? inode : throw new FileNotFoundException($"There is no file '{path}'.", path);

    private IEnumerable<MemoryInode> Inodes() =>
        _names.Values.Concat(_durableNames.Values).Distinct(ReferenceEqualityComparer.Instance).Cast<MemoryInode>();

    private void Count(string what, string path, bool fatal = false)
    {
        var call = Calls++;
        if (_failAt >= 0 && (call == _failAt || (_failStays && call > _failAt)))
        {
            var message = $"The {what} '{path}' fails, as was asked for (call {call}).";
            throw fatal ? new DiskFailure(message) : new IOException(message);
        }
    }

    private IOException NoSpace(string path)
    {
        Refused++;
        return new IOException($"No space left on device: '{path}'.");
    }

    private static string DirectoryOf(string path) => Path.GetDirectoryName(path) ?? "";

    /// <summary>A name that was set or removed (or both, by a rename: one step) and is not durable yet.</summary>
    private sealed record PendingName(string Path, string? Removed, MemoryInode? Added)
    {
        public void Apply(SortedDictionary<string, MemoryInode> names)
        {
            if (Removed is not null)
            {
                names.Remove(Removed);
            }

            if (Added is not null)
            {
                names[Path] = Added;
            }
        }
    }

    private sealed class OpenFile(MemoryDisk disk, string path, MemoryInode inode) : IDiskFile
    {
        private readonly int _life = disk._life;
        private bool _closed;

        public long Length => Living().Volatile.Length;

        public int Read(long offset, Span<byte> destination) => Living().Volatile.Read(offset, destination);

        public void Write(long offset, ReadOnlySpan<byte> source)
        {
            Living();
            disk.UsesAfterFailedSync += inode.HasForgotten ? 1 : 0;
            try
            {
                disk.Count("write of", path);
            }
            catch (IOException)
            {
                // What a full disk or a dying one leaves behind: the beginning.
                inode.Write(offset, source[..(source.Length / 2)]);
                throw;
            }

            var room = disk.IsFull ? (int)Math.Clamp(inode.Volatile.Length - offset, 0, source.Length) : source.Length;
            disk.BytesWritten += room;
            inode.Write(offset, source[..room]);
            if (room < source.Length)
            {
                throw disk.NoSpace(path);
            }
        }

        public void Truncate(long length)
        {
            Living();
            disk.Count("truncation of", path);
            inode.Truncate(length);
        }

        public void Sync()
        {
            Living();
            disk.UsesAfterFailedSync += inode.HasForgotten ? 1 : 0;
            disk.Syncs++;
            try
            {
                disk.Count("sync of", path, fatal: true);
            }
            catch (DiskFailure)
            {
                inode.Forget();
                throw;
            }

            inode.Settle();
        }

        public void Dispose() => _closed = true;

        private MemoryInode Living() => !_closed && _life == disk._life
            ? inode
            : throw new ObjectDisposedException(path, "The file was closed, or the machine it was open on has crashed.");
    }
}

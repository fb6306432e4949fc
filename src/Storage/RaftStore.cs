using System.Buffers.Binary;

namespace Trefoil.Storage;

/// <summary>Everything that Raft persists: the ballot in a two-slot file, the entries in a log (index = LSN), one snapshot file.</summary>
/// <remarks>
/// Knows nothing of Consensus, and no more of Raft than its log's shape. One owner. After a <see cref="DiskFailure"/> it
/// refuses everything; the process ends and <see cref="Open(IDisk, string)"/> finds what was durable.
/// </remarks>
public sealed class RaftStore : IDisposable
{
    private const int EntryHeaderSize = sizeof(ulong) + sizeof(byte); // term, kind
    private const string BallotName = "ballot";
    private const string SnapshotName = "snapshot";

    // Topology commands are small; a segment bounds what a restart replays beyond the snapshot.
    private static readonly WalOptions LogOptions = new() { SegmentBytes = 8 << 20 };

    private readonly IDisk _disk;
    private readonly string _directory;
    private readonly BallotFile _ballot;
    private readonly Wal _wal;
    private ulong _snapshotIndex;
    private DiskFailure? _failure;

    private RaftStore(IDisk disk, string directory, BallotFile ballot, Wal wal, ulong snapshotIndex) =>
        (_disk, _directory, _ballot, _wal, _snapshotIndex) = (disk, directory, ballot, wal, snapshotIndex);

    /// <summary>Index of the oldest entry stored, or of the next one if there is none.</summary>
    public ulong FirstIndex => _wal.FirstLsn;

    /// <summary>Index that the next entry gets.</summary>
    public ulong NextIndex => _wal.NextLsn;

    /// <summary>Opens or creates the store in a directory of the disk. Errors of the disk itself are IOExceptions.</summary>
    public static RaftOpenResult Open(IDisk disk, string directory) => Open(disk, directory, LogOptions);

    internal static RaftOpenResult Open(IDisk disk, string directory, WalOptions options)
    {
        ArgumentNullException.ThrowIfNull(disk);
        disk.CreateDirectory(directory);
        var ballotPath = $"{directory}/{BallotName}";
        var hasBallot = disk.Exists(ballotPath);
        if (hasBallot && !disk.List(directory).Any(name => WalSegment.TryParse(name, out _)))
        {
            return new RaftOpenResult.Refused(
                $"The Raft log in '{directory}' is missing although '{ballotPath}' is there. "
                + "Restore the directory as a whole, or remove it and join the cluster again as a new node.");
        }

        var (snapshot, refusal) = SnapshotFile.Read(disk, $"{directory}/{SnapshotName}");
        if (refusal is not null)
        {
            return new RaftOpenResult.Refused(refusal);
        }

        var entries = new RaftLogReplay();
        var opened = Wal.Open(disk, directory, options, entries.Visit);
        if (opened is not WalOpenResult.Opened(var wal, var recovery))
        {
            return new RaftOpenResult.Refused(((WalOpenResult.Refused)opened).Refusal);
        }

        if (!hasBallot && snapshot is null && recovery.NextLsn == 1)
        {
            // New, or the crash hit the creation: the ballot file comes last.
            BallotFile.Create(disk, directory, BallotName);
            hasBallot = true;
        }

        var ballot = hasBallot ? BallotFile.Open(disk, ballotPath) : null;
        refusal = ballot is null
            ? $"The ballot file '{ballotPath}' is {(hasBallot ? "corrupt in both slots" : "missing although the log is there")}: "
                + "without its vote this node could vote twice. Remove the directory and join the cluster again as a new node."
            : entries.Reconcile(wal, snapshot) ?? entries.Contradiction(directory, ballot.Term, snapshot);
        if (refusal is not null)
        {
            ballot?.Dispose();
            wal.Dispose();
            return new RaftOpenResult.Refused(refusal);
        }

        var commit = Math.Max(snapshot?.Index ?? 0, Math.Min(recovery.Mark, wal.NextLsn - 1));
        return new RaftOpenResult.Opened(
            new RaftStore(disk, directory, ballot!, wal, snapshot?.Index ?? 0),
            new RaftRecovery(
                ballot!.Term, ballot.Vote, commit, snapshot, entries.After(snapshot), recovery.TornBytes + ballot.TornBytes));
    }

    /// <summary>Performs one step; see <see cref="RaftWrite"/>. A gap before the first entry is misuse.</summary>
    /// <exception cref="DiskFailure">The disk failed, now or earlier: the process must end.</exception>
    public void Write(RaftWrite write)
    {
        ArgumentNullException.ThrowIfNull(write);
        ThrowIfFailed();
        try
        {
            Perform(write);
        }
        catch (IOException error)
        {
            throw _failure = error as DiskFailure ?? new DiskFailure($"The Raft store cannot be written: {error.Message}", error);
        }
    }

    /// <summary>At a clean shutdown: names all entries durable, so that later damage to any is told from a torn tail.</summary>
    public void Seal(ulong commit)
    {
        ThrowIfFailed();
        _wal.Seal(commit);
    }

    /// <summary>Closes the files.</summary>
    public void Dispose()
    {
        _ballot.Dispose();
        _wal.Dispose();
    }

    private void ThrowIfFailed()
    {
        if (_failure is not null)
        {
            throw new DiskFailure($"The Raft store refuses everything since the disk failed: {_failure.Message}", _failure);
        }
    }

    private void Perform(RaftWrite write)
    {
        if (write.Ballot is var (term, vote))
        {
            _ballot.Write(term, vote);
        }

        if (write.Snapshot is { } snapshot)
        {
            SnapshotFile.Write(_disk, $"{_directory}/{SnapshotName}", snapshot);
            _snapshotIndex = snapshot.Index;

            // A snapshot beyond the log's end leaves a gap behind it, whoever cut it.
            if (write.SnapshotReplacesLog || snapshot.Index >= _wal.NextLsn)
            {
                _wal.Reset(snapshot.Index + 1, Math.Max(write.Commit, snapshot.Index));
            }
        }

        Append(write);
        if (write.KeepFrom > 0)
        {
            _wal.DropBefore(Math.Min(write.KeepFrom, _snapshotIndex + 1));
        }
    }

    private void Append(RaftWrite write)
    {
        Span<byte> header = stackalloc byte[EntryHeaderSize];
        for (var i = 0; i < write.Entries.Count; i++)
        {
            var entry = write.Entries[i];
            if (i == 0)
            {
                _wal.TruncateFrom(entry.Index);
            }

            ArgumentOutOfRangeException.ThrowIfNotEqual(entry.Index, _wal.NextLsn, nameof(write));
            BinaryPrimitives.WriteUInt64LittleEndian(header, entry.Term);
            header[sizeof(ulong)] = entry.Kind;
            _wal.Append(header, entry.Data.Span);
        }

        if (write.Entries.Count > 0 || write.MustSync)
        {
            _wal.Commit(write.MustSync, write.Commit);
        }
    }
}

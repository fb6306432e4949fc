using System.Buffers.Binary;

namespace Trefoil.Storage;

/// <summary>Collects the entries of a Raft log while it is replayed, and fits them to the snapshot.</summary>
internal sealed class RaftLogReplay
{
    private const int EntryHeaderSize = sizeof(ulong) + sizeof(byte);
    private readonly List<StoredEntry> _entries = [];
    private bool _malformed;

    public void Visit(WalStep step, ulong lsn, ReadOnlySpan<byte> record)
    {
        if (step == WalStep.Record)
        {
            _malformed |= record.Length < EntryHeaderSize;
            if (!_malformed)
            {
                var term = BinaryPrimitives.ReadUInt64LittleEndian(record);
                _entries.Add(new StoredEntry(lsn, term, record[sizeof(ulong)], record[EntryHeaderSize..].ToArray()));
            }

            return;
        }

        var kept = _entries.Count == 0 || step == WalStep.Reset || lsn <= _entries[0].Index ? 0 : lsn - _entries[0].Index;
        _entries.RemoveRange((int)kept, _entries.Count - (int)kept);
    }

    /// <summary>The entries after the snapshot.</summary>
    public IReadOnlyList<StoredEntry> After(StoredSnapshot? snapshot) =>
        snapshot is null ? _entries : _entries.FindAll(entry => entry.Index > snapshot.Index);

    /// <summary>Finishes what a crash between saving a snapshot and restarting the log left undone; returns a refusal, or null.</summary>
    public string? Reconcile(Wal wal, StoredSnapshot? snapshot)
    {
        if (_malformed)
        {
            return "The Raft log has a valid checksum and an entry without a term: it was written by another version.";
        }

        var start = snapshot?.Index ?? 0;
        if (wal.FirstLsn > start + 1)
        {
            return $"The Raft log begins at entry {wal.FirstLsn}, but the snapshot ends at {start}: entries between are missing. "
                + "Remove the directory and join the cluster again as a new node.";
        }

        // The entry at the snapshot's index tells: the same term, the same history (Raft's log matching); else the
        // snapshot came from a leader and replaces a log that ended before it or went another way.
        var agrees = wal.FirstLsn == start + 1
            || (wal.NextLsn > start && _entries[(int)(start - _entries[0].Index)].Term == snapshot!.Term);
        if (!agrees)
        {
            wal.Reset(start + 1, start);
            _entries.Clear();
        }

        return null;
    }

    /// <summary>The ballot is durable before any entry of its term, so an older one was damaged or replaced.</summary>
    public string? Contradiction(string directory, ulong term, StoredSnapshot? snapshot)
    {
        var newest = Math.Max(snapshot?.Term ?? 0, _entries.Count == 0 ? 0 : _entries[^1].Term);
        return newest <= term
            ? null
            : $"The ballot in '{directory}' says term {term}, but the log holds term {newest}: this node could vote twice. "
                + "Remove the directory and join the cluster again as a new node.";
    }
}

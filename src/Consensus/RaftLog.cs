namespace Trefoil.Consensus;

/// <summary>The entries kept in memory above the compacted prefix, and how far they are stable and committed.</summary>
/// <remarks>
/// Invariants: Base ≤ Stable ≤ LastIndex; Base ≤ Commit ≤ LastIndex; what is committed is never truncated. (Base, BaseTerm) is the
/// last compacted entry: its term is still known, so an append right after it can be checked.
/// </remarks>
internal sealed class RaftLog
{
    private readonly List<Entry> _entries = [];

    /// <summary>Index of the last compacted entry; 0 if none.</summary>
    public ulong Base { get; private set; }

    public ulong BaseTerm { get; private set; }

    /// <summary>Entries up to here are durable.</summary>
    public ulong Stable { get; private set; }

    public ulong Commit { get; private set; }

    public ulong FirstIndex => Base + 1;

    public ulong LastIndex => Base + (ulong)_entries.Count;

    public ulong LastTerm => _entries.Count > 0 ? _entries[^1].Term : BaseTerm;

    public Entry this[ulong index] => _entries[(int)(index - Base - 1)];

    /// <summary>Starts from what was persisted.</summary>
    /// <remarks>Entries reaching below the snapshot are kept for laggards. The term before the first of them is not known, so
    /// that one only serves as the base. Entries that do not connect to the snapshot are worthless and dropped.</remarks>
    public static RaftLog Restore(RaftRestore restore)
    {
        var log = new RaftLog();
        var entries = restore.Entries;
        var snapshot = restore.Snapshot;
        CheckConsecutive(entries);
        if (snapshot is not null && (entries.Count == 0 || entries[^1].Index < snapshot.Index
            || (entries[0].Index <= snapshot.Index && entries[(int)(snapshot.Index - entries[0].Index)].Term != snapshot.Term)))
        {
            (log.Base, log.BaseTerm) = (snapshot.Index, snapshot.Term);
        }
        else if (snapshot is not null && entries[0].Index <= snapshot.Index)
        {
            (log.Base, log.BaseTerm) = (entries[0].Index, entries[0].Term);
            log._entries.AddRange(entries.Skip(1));
        }
        else
        {
            (log.Base, log.BaseTerm) = (snapshot?.Index ?? 0, snapshot?.Term ?? 0);
            log._entries.AddRange(entries);
        }

        if (log._entries.Count > 0 && log._entries[0].Index != log.FirstIndex)
        {
            throw new ArgumentException("The restored log does not start after the snapshot.", nameof(restore));
        }

        log.Stable = log.LastIndex;
        log.Commit = Math.Min(Math.Max(restore.Commit, Math.Max(snapshot?.Index ?? 0, log.Base)), log.LastIndex);
        return log;
    }

    /// <summary>The term at <paramref name="index"/>, or 0 when it is compacted or not there yet. (Index 0 has term 0.)</summary>
    public ulong TermAt(ulong index) =>
        index == Base ? BaseTerm
        : index < Base || index > LastIndex ? 0
        : this[index].Term;

    /// <summary>True if the term at <paramref name="index"/> is known.</summary>
    public bool Knows(ulong index) => index >= Base && index <= LastIndex;

    /// <summary>The log matching check.</summary>
    public bool Matches(ulong index, ulong term) => Knows(index) && TermAt(index) == term;

    /// <summary>True if a log that ends there is at least as complete as this one (paper, 5.4.1).</summary>
    public bool IsUpToDate(ulong lastIndex, ulong lastTerm) =>
        lastTerm > LastTerm || (lastTerm == LastTerm && lastIndex >= LastIndex);

    public void Append(Entry entry) => _entries.Add(entry);

    /// <summary>Takes a leader's entries that follow a matching one; false if they contradict what is committed.</summary>
    /// <remarks>Only from the first conflict on is anything replaced: an old append must not shorten the log (paper, 5.3).</remarks>
    public bool TryMerge(IReadOnlyList<Entry> entries)
    {
        for (var i = 0; i < entries.Count; i++)
        {
            var index = entries[i].Index;
            if (Matches(index, entries[i].Term))
            {
                continue;
            }

            if (index <= Commit)
            {
                return false;
            }

            Truncate(index);
            for (; i < entries.Count; i++)
            {
                _entries.Add(entries[i]);
            }
        }

        return true;
    }

    /// <summary>The highest index at or below <paramref name="index"/> whose term is at most <paramref name="term"/> (or unknown).</summary>
    /// <remarks>Skips a whole conflicting term per round trip (paper, end of 5.3).</remarks>
    public ulong FindConflict(ulong index, ulong term)
    {
        index = Math.Min(index, LastIndex);
        while (Knows(index) && TermAt(index) > term)
        {
            index--;
        }

        return index;
    }

    /// <summary>Raises the commit index; false if it is already there.</summary>
    public bool CommitTo(ulong index)
    {
        var bounded = Math.Min(index, LastIndex);
        if (bounded <= Commit)
        {
            return false;
        }

        Commit = bounded;
        return true;
    }

    /// <summary>What was handed out to be persisted is durable, unless it has been replaced meanwhile.</summary>
    public void StableTo(ulong index, ulong term)
    {
        if (index > Stable && Matches(index, term))
        {
            Stable = index;
        }
    }

    /// <summary>Entries from <paramref name="from"/> to <paramref name="to"/> inclusive, at most <paramref name="maxBytes"/> but at least one.</summary>
    public IReadOnlyList<Entry> Slice(ulong from, ulong to, long maxBytes)
    {
        if (from > to)
        {
            return Ready.NoEntries;
        }

        var start = (int)(from - Base - 1);
        var limit = (int)(to - from) + 1;
        var count = 0;
        for (long bytes = 0; count < limit; count++)
        {
            bytes += _entries[start + count].Size;
            if (bytes > maxBytes && count > 0)
            {
                break;
            }
        }

        var slice = new Entry[count];
        _entries.CopyTo(start, slice, 0, count);
        return slice;
    }

    /// <summary>Drops the entries up to <paramref name="index"/>, which is applied and in a snapshot.</summary>
    public void CompactTo(ulong index)
    {
        if (index <= Base)
        {
            return;
        }

        BaseTerm = TermAt(index);
        _entries.RemoveRange(0, (int)(index - Base));
        Base = index;
    }

    /// <summary>Replaces everything by a snapshot from the leader.</summary>
    public void Reset(Snapshot snapshot)
    {
        _entries.Clear();
        (Base, BaseTerm, Stable, Commit) = (snapshot.Index, snapshot.Term, snapshot.Index, snapshot.Index);
    }

    private void Truncate(ulong from)
    {
        if (from <= LastIndex)
        {
            var keep = (int)(from - Base - 1);
            _entries.RemoveRange(keep, _entries.Count - keep);
            Stable = Math.Min(Stable, from - 1);
        }
    }

    private static void CheckConsecutive(IReadOnlyList<Entry> entries)
    {
        for (var i = 1; i < entries.Count; i++)
        {
            if (entries[i].Index != entries[i - 1].Index + 1)
            {
                throw new ArgumentException("The restored log has a gap.", nameof(entries));
            }
        }
    }
}

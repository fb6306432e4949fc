namespace Trefoil.Storage;

/// <summary>One entry of the Raft log as it is stored. <paramref name="Kind"/> is the caller's; persisted, so append-only.</summary>
public sealed record StoredEntry(ulong Index, ulong Term, byte Kind, ReadOnlyMemory<byte> Data);

/// <summary>The state machine at one index, and the voters it was cut under.</summary>
public sealed record StoredSnapshot(ulong Index, ulong Term, ReadOnlyMemory<byte> Configuration, ReadOnlyMemory<byte> Data);

/// <summary>One step of Raft's persistence. Performed in the order of the members; one fsync of the log at most.</summary>
public sealed record RaftWrite
{
    /// <summary>Term and vote, always made durable (0 = no vote); null = unchanged.</summary>
    public (ulong Term, ulong Vote)? Ballot { get; init; }

    /// <summary>A new snapshot, always made durable; null = unchanged.</summary>
    public StoredSnapshot? Snapshot { get; init; }

    /// <summary>The snapshot came from a leader: the log restarts, empty, at its index + 1.</summary>
    public bool SnapshotReplacesLog { get; init; }

    /// <summary>Entries below this index are no longer needed (0 = keep all); at most the snapshot's index + 1 takes effect.</summary>
    public ulong KeepFrom { get; init; }

    /// <summary>Entries to append, consecutive. The first may overwrite: the stored suffix from its index on is truncated first.</summary>
    public IReadOnlyList<StoredEntry> Entries { get; init; } = [];

    /// <summary>The commit index now known; stored with the entries and never a reason to write by itself.</summary>
    public ulong Commit { get; init; }

    /// <summary>The entries, and all before them, must be durable on return.</summary>
    public bool MustSync { get; init; }
}

/// <summary>What a restart finds.</summary>
/// <param name="Term">The last durable term; 0 on an empty directory.</param>
/// <param name="Vote">Whom it voted for in that term; 0 = nobody.</param>
/// <param name="Commit">A lower bound of the commit index: at least the snapshot's, never above the last entry.</param>
/// <param name="Snapshot">The last snapshot, if any.</param>
/// <param name="Entries">The entries after the snapshot, consecutive.</param>
/// <param name="TornBytes">Bytes given up as a torn write; a voter that finds any abstains until it has caught up.</param>
public sealed record RaftRecovery(
    ulong Term, ulong Vote, ulong Commit, StoredSnapshot? Snapshot, IReadOnlyList<StoredEntry> Entries, long TornBytes);

/// <summary>A store with what it recovered, or the reason why it may not start.</summary>
public abstract record RaftOpenResult
{
    private RaftOpenResult()
    {
    }

    /// <summary>Ready for use.</summary>
    public sealed record Opened(RaftStore Store, RaftRecovery Recovery) : RaftOpenResult;

    /// <summary>Durable data is damaged; the text names file and offset and says what to do.</summary>
    public sealed record Refused(string Refusal) : RaftOpenResult;
}

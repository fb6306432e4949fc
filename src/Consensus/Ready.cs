namespace Trefoil.Consensus;

/// <summary>What a participant wants done, performed by the caller in declaration order; then <see cref="RaftNode.Advance"/>.</summary>
public sealed record Ready
{
    internal static readonly IReadOnlyList<RaftMessage> NoMessages = [];
    internal static readonly IReadOnlyList<Entry> NoEntries = [];
    internal static readonly IReadOnlyList<ReadState> NoReads = [];

    /// <summary>1. May leave BEFORE anything below is durable: the leader writes its log while the followers write theirs
    /// (thesis, 10.2.1), because it counts itself only after <see cref="RaftNode.Advance"/>.</summary>
    public IReadOnlyList<RaftMessage> MessagesBefore { get; init; } = NoMessages;

    /// <summary>2. Persist: the current term and the vote in it; null if unchanged.</summary>
    public (ulong Term, ulong Vote)? Ballot { get; init; }

    /// <summary>3. Persist, then install: replaces the whole log and the state machine; null if none.</summary>
    public Snapshot? Snapshot { get; init; }

    /// <summary>4. Persist: the first may overwrite an entry of the same index, whose whole suffix then goes.</summary>
    public IReadOnlyList<Entry> Entries { get; init; } = NoEntries;

    /// <summary>5. Persist with the entries: the commit index now known. Never worth an fsync of its own.</summary>
    public ulong Commit { get; init; }

    /// <summary>6. Whether 2..5 must reach the disk (one fsync) before going on.</summary>
    public bool MustSync { get; init; }

    /// <summary>7. May leave only AFTER 2..6: votes and acknowledgements of what was persisted.</summary>
    public IReadOnlyList<RaftMessage> MessagesAfter { get; init; } = NoMessages;

    /// <summary>8. Apply to the state machine in order, after <see cref="Snapshot"/>. Every kind of entry is listed.</summary>
    public IReadOnlyList<Entry> Committed { get; init; } = NoEntries;

    /// <summary>9. Reads that may be answered once their index is applied.</summary>
    public IReadOnlyList<ReadState> Reads { get; init; } = NoReads;
}

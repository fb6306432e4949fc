namespace Trefoil.Consensus;

/// <summary>An entry that the sender knows to be committed; who has the same entry may commit it too.</summary>
/// <remarks>
/// Carried by elections, because a configuration counts from its commit on: a voter that misses the commit of another one's removal
/// would go on asking that one for its vote, and be refused for its shorter log, for ever.
/// </remarks>
public readonly record struct CommitPoint(ulong Index, ulong Term);

/// <summary>Everything participants say to each other.</summary>
/// <param name="From">Sender.</param>
/// <param name="To">Receiver; a message for somebody else is counted and dropped.</param>
/// <param name="Term">The sender's term; of a pre-vote and its grant, the term the candidate would start.</param>
public abstract record RaftMessage(ulong From, ulong To, ulong Term)
{
    /// <summary>"Would you vote for me in <c>Term</c>?" Changes nothing at the receiver (thesis, 9.6).</summary>
    public sealed record PreVote(ulong From, ulong To, ulong Term, ulong LastIndex, ulong LastTerm, CommitPoint Commit)
        : RaftMessage(From, To, Term);

    /// <summary>A grant repeats the asked term; a refusal carries the receiver's own.</summary>
    public sealed record PreVoteReply(ulong From, ulong To, ulong Term, bool Granted, CommitPoint Commit) : RaftMessage(From, To, Term);

    /// <summary>RequestVote. <paramref name="Transfer"/>: the leader asked for it, so its lease does not stand in the way.</summary>
    public sealed record Vote(ulong From, ulong To, ulong Term, ulong LastIndex, ulong LastTerm, bool Transfer, CommitPoint Commit)
        : RaftMessage(From, To, Term);

    /// <summary>Answer to <see cref="Vote"/>; a grant is durable before it leaves.</summary>
    public sealed record VoteReply(ulong From, ulong To, ulong Term, bool Granted, CommitPoint Commit) : RaftMessage(From, To, Term);

    /// <summary>AppendEntries: <paramref name="Entries"/> follow (<paramref name="PrevIndex"/>, <paramref name="PrevTerm"/>) without a gap.</summary>
    /// <param name="From">Leader.</param>
    /// <param name="To">Follower or learner.</param>
    /// <param name="Term">The leader's term.</param>
    /// <param name="PrevIndex">Where both logs must agree.</param>
    /// <param name="PrevTerm">The term there.</param>
    /// <param name="Commit">The leader's commit index, which may lie beyond the entries.</param>
    /// <param name="Entries">May be empty: a probe, or news of the commit index.</param>
    public sealed record Append(
        ulong From, ulong To, ulong Term, ulong PrevIndex, ulong PrevTerm, ulong Commit, IReadOnlyList<Entry> Entries)
        : RaftMessage(From, To, Term);

    /// <summary>Answer to <see cref="Append"/> and to a finished snapshot.</summary>
    /// <param name="From">Follower or learner.</param>
    /// <param name="To">Leader.</param>
    /// <param name="Term">The follower's term.</param>
    /// <param name="Index">Accepted: highest index now durable and known to agree. Rejected: the PrevIndex that did not.</param>
    /// <param name="Rejected">The logs do not agree at <paramref name="Index"/>.</param>
    /// <param name="HintIndex">Rejected: an index at or below which they may.</param>
    /// <param name="HintTerm">The follower's term there; 0 if unknown.</param>
    /// <param name="Forgot">Rejected by a member that lost a torn tail: what it acknowledged earlier no longer counts.</param>
    public sealed record AppendReply(
        ulong From, ulong To, ulong Term, ulong Index, bool Rejected, ulong HintIndex, ulong HintTerm, bool Forgot)
        : RaftMessage(From, To, Term);

    /// <summary>The leader lives. <paramref name="Commit"/> never passes what the receiver has acknowledged.</summary>
    /// <param name="From">Leader.</param>
    /// <param name="To">Any member.</param>
    /// <param name="Term">The leader's term.</param>
    /// <param name="Commit">An index the receiver may commit.</param>
    /// <param name="Round">Number of the round, echoed: what reads are confirmed by.</param>
    public sealed record Heartbeat(ulong From, ulong To, ulong Term, ulong Commit, ulong Round) : RaftMessage(From, To, Term);

    /// <summary>Echo of a heartbeat's round.</summary>
    public sealed record HeartbeatReply(ulong From, ulong To, ulong Term, ulong Round) : RaftMessage(From, To, Term);

    /// <summary>InstallSnapshot: bytes [<paramref name="Offset"/>, Offset + Data.Length) of <paramref name="Total"/>.</summary>
    /// <param name="From">Leader.</param>
    /// <param name="To">Follower or learner.</param>
    /// <param name="Term">The leader's term.</param>
    /// <param name="Index">Last entry in the snapshot.</param>
    /// <param name="IndexTerm">Its term.</param>
    /// <param name="Configuration">The configuration there; repeated in each chunk, so that chunks need no order of their own.</param>
    /// <param name="Offset">Where these bytes belong.</param>
    /// <param name="Total">Length of the whole snapshot.</param>
    /// <param name="Data">The bytes.</param>
    /// <param name="Done">These are the last ones.</param>
    public sealed record SnapshotChunk(
        ulong From, ulong To, ulong Term, ulong Index, ulong IndexTerm, Configuration Configuration,
        ulong Offset, ulong Total, ReadOnlyMemory<byte> Data, bool Done)
        : RaftMessage(From, To, Term);

    /// <summary>The receiver holds the first <paramref name="Offset"/> bytes of the snapshot at <paramref name="Index"/>: go on from there.</summary>
    public sealed record SnapshotReply(ulong From, ulong To, ulong Term, ulong Index, ulong Offset) : RaftMessage(From, To, Term);

    /// <summary>The leader asks the receiver to start an election at once (thesis, 3.10).</summary>
    public sealed record TimeoutNow(ulong From, ulong To, ulong Term) : RaftMessage(From, To, Term);
}

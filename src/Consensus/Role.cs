namespace Trefoil.Consensus;

/// <summary>What a participant is doing at the moment.</summary>
public enum Role : byte
{
    /// <summary>Follows a leader or waits for one; so does every learner.</summary>
    Follower,

    /// <summary>Asks whether it would win, without disturbing anyone (thesis, 9.6).</summary>
    PreCandidate,

    /// <summary>Asks for votes in a new term.</summary>
    Candidate,

    /// <summary>Has the votes of a quorum in its term.</summary>
    Leader,
}

/// <summary>How a leader sends to one follower.</summary>
public enum ProgressState : byte
{
    /// <summary>Where the logs agree is unknown: one append at a time.</summary>
    Probe,

    /// <summary>The logs agree: appends are streamed ahead of their answers.</summary>
    Replicate,

    /// <summary>What the follower needs is compacted: a snapshot is sent.</summary>
    Snapshot,
}

/// <summary>A leader's view of one member.</summary>
/// <param name="Id">The member.</param>
/// <param name="Match">Highest index known to be durable there.</param>
/// <param name="State">How it is being sent to.</param>
/// <param name="RecentlyActive">It was heard within an election timeout; always true of the leader itself.</param>
/// <param name="IsLearner">It does not count in any quorum.</param>
public readonly record struct ProgressView(ulong Id, ulong Match, ProgressState State, bool RecentlyActive, bool IsLearner);

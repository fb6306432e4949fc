namespace Trefoil.Consensus;

/// <summary>What happened so far, for metrics. Only grows.</summary>
public sealed class RaftCounters
{
    /// <summary>Messages for somebody else, from nobody, or larger than a limit.</summary>
    public ulong MessagesDropped { get; internal set; }

    /// <summary>Appends that contradicted committed entries: refused; anything but 0 means broken peers.</summary>
    public ulong CommittedContradicted { get; internal set; }

    /// <summary>Vote requests ignored because a leader is alive.</summary>
    public ulong VotesIgnored { get; internal set; }

    /// <summary>Pre-vote rounds started.</summary>
    public ulong PreVotes { get; internal set; }

    /// <summary>Elections started.</summary>
    public ulong Elections { get; internal set; }

    /// <summary>Elections won.</summary>
    public ulong ElectionsWon { get; internal set; }

    /// <summary>Snapshots installed from a leader.</summary>
    public ulong SnapshotsInstalled { get; internal set; }

    /// <summary>Committed configuration entries that the configuration did not allow, and that therefore changed nothing.</summary>
    public ulong ChangesRefused { get; internal set; }
}

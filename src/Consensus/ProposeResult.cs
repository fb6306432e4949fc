namespace Trefoil.Consensus;

/// <summary>What became of a proposal at once; whether it commits is seen in <see cref="Ready.Committed"/>.</summary>
public enum ProposeStatus : byte
{
    /// <summary>In the leader's log. Committed when (index, term) is; lost when another term's entry commits at that index.</summary>
    Accepted,

    /// <summary>Only the leader takes proposals.</summary>
    NotLeader,

    /// <summary>Too many uncommitted bytes (<see cref="RaftConfig.MaxUncommittedBytes"/>): try again after some commit.</summary>
    Full,

    /// <summary>Leadership is being handed over: try again at the next leader.</summary>
    Transferring,

    /// <summary>A configuration change that the configuration does not allow now: see the reason.</summary>
    Refused,
}

/// <summary>The answer to a proposal.</summary>
/// <param name="Status">Whether it is in the log.</param>
/// <param name="Index">Its index if accepted, else 0.</param>
/// <param name="Term">Its term if accepted, else 0.</param>
/// <param name="Reason">Why a configuration change was refused, else null.</param>
public readonly record struct ProposeResult(ProposeStatus Status, ulong Index, ulong Term, string? Reason)
{
    /// <summary>True when the entry is in this leader's log.</summary>
    public bool IsAccepted => Status == ProposeStatus.Accepted;

    internal static ProposeResult NotLeader => new(ProposeStatus.NotLeader, 0, 0, null);

    internal static ProposeResult Full => new(ProposeStatus.Full, 0, 0, null);

    internal static ProposeResult Transferring => new(ProposeStatus.Transferring, 0, 0, null);

    internal static ProposeResult Accepted(ulong index, ulong term) => new(ProposeStatus.Accepted, index, term, null);

    internal static ProposeResult Refused(string reason) => new(ProposeStatus.Refused, 0, 0, reason);
}

/// <summary>What became of a read request at once; the answer itself comes in <see cref="Ready.Reads"/>.</summary>
public enum ReadIndexResult : byte
{
    /// <summary>Will be answered by exactly one <see cref="ReadState"/>.</summary>
    Accepted,

    /// <summary>Only the leader answers.</summary>
    NotLeader,

    /// <summary>Too many reads wait (<see cref="RaftConfig.MaxPendingReads"/>).</summary>
    Full,
}

/// <summary>The answer to a read request.</summary>
/// <param name="Token">The caller's own number for the request.</param>
/// <param name="Index">The state machine may answer once it has applied this index; 0 if leadership was lost first.</param>
public readonly record struct ReadState(ulong Token, ulong Index)
{
    /// <summary>Leadership was lost before a quorum confirmed it: ask the next leader.</summary>
    public bool IsLost => Index == 0;
}

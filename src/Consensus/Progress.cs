namespace Trefoil.Consensus;

/// <summary>What a leader knows of one member's log, and what it may send it next.</summary>
/// <remarks>
/// Invariant: Match &lt; Next. Probe: one append at a time until one is answered. Replicate: Next runs ahead of Match by what is
/// in the window. Snapshot: nothing but chunks, until what the follower has reaches the log again.
/// </remarks>
internal sealed class Progress(ulong id, ulong next, Inflights inflights, TimeSpan now)
{
    private bool _probeSent;

    public ulong Id { get; } = id;

    /// <summary>Highest index known to be durable there.</summary>
    public ulong Match { get; private set; }

    /// <summary>First index not sent yet.</summary>
    public ulong Next { get; private set; } = next;

    public ProgressState State { get; private set; }

    public bool IsLearner { get; set; }

    /// <summary>When it was last heard; a new member gets one election timeout of grace.</summary>
    public TimeSpan HeardAt { get; set; } = now;

    /// <summary>Highest heartbeat round it has echoed.</summary>
    public ulong Round { get; set; }

    /// <summary>Commit index it will have once it has what was sent: news beyond it are worth an empty append.</summary>
    public ulong CommitSent { get; private set; }

    /// <summary>The snapshot on its way; only in state Snapshot.</summary>
    public SnapshotTransfer? Transfer { get; private set; }

    public Inflights Inflights { get; } = inflights;

    public bool IsPaused => State switch
    {
        ProgressState.Probe => _probeSent,
        ProgressState.Replicate => Inflights.IsFull,
        _ => true,
    };

    public void BecomeProbe()
    {
        Next = Match + 1;
        Reset(ProgressState.Probe);
    }

    public void BecomeReplicate()
    {
        var commitSent = CommitSent;
        Next = Match + 1;
        Reset(ProgressState.Replicate);
        CommitSent = commitSent;
    }

    public void BecomeSnapshot(Snapshot snapshot)
    {
        Reset(ProgressState.Snapshot);
        Transfer = new SnapshotTransfer(snapshot);
    }

    /// <summary>Records an append that ends at <paramref name="last"/> (Next − 1 if it was empty).</summary>
    public void Sent(ulong last, long bytes, ulong commit)
    {
        CommitSent = Math.Max(CommitSent, Math.Min(commit, last));
        if (State == ProgressState.Probe)
        {
            _probeSent = true; // Next stays: where the logs agree is still a guess
        }
        else if (last >= Next)
        {
            Next = last + 1;
            Inflights.Add(last, bytes);
        }
    }

    /// <summary>An acknowledgement; false if it says nothing new.</summary>
    public bool Acknowledge(ulong index)
    {
        if (index <= Match)
        {
            return false;
        }

        Match = index;
        Next = Math.Max(Next, index + 1);
        _probeSent = false;
        return true;
    }

    /// <summary>A rejection of the append after <paramref name="rejected"/>; false if it is stale.</summary>
    public bool Reject(ulong rejected, ulong hint)
    {
        if (State == ProgressState.Snapshot || (State == ProgressState.Replicate ? rejected <= Match : Next - 1 != rejected))
        {
            return false;
        }

        if (State == ProgressState.Replicate)
        {
            BecomeProbe();
        }
        else
        {
            Next = Math.Max(Math.Min(rejected, hint + 1), Match + 1);
        }

        (_probeSent, CommitSent) = (false, 0);
        return true;
    }

    /// <summary>The member lost what it had acknowledged beyond <paramref name="hint"/>.</summary>
    public void Forget(ulong hint)
    {
        Match = Math.Min(Match, hint);
        BecomeProbe();
    }

    /// <summary>The member answers heartbeats: whatever was lost may be sent again.</summary>
    public void Resume()
    {
        _probeSent = false;
        if (State == ProgressState.Replicate && Inflights.IsFull)
        {
            Inflights.FreeFirst();
        }
    }

    /// <summary><c>StateProbe match=0 next=1 learner</c>, leaving out what is false.</summary>
    public override string ToString() =>
        $"State{State} match={Match} next={Next}" + (IsLearner ? " learner" : "") + (IsPaused ? " paused" : "");

    private void Reset(ProgressState state)
    {
        (State, _probeSent, CommitSent, Transfer) = (state, false, 0, null);
        Inflights.Clear();
    }
}

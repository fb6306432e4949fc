namespace Trefoil.Consensus;

/// <summary>Handing leadership to a chosen voter (thesis, 3.10).</summary>
public sealed partial class RaftNode
{
    private ulong _transferTo;
    private TimeSpan _transferDeadline;

    /// <summary>The voter being handed the leadership; 0 if none.</summary>
    public ulong TransferTarget => _transferTo;

    /// <summary>Brings <paramref name="to"/> up to date and asks it to take over; false if this node does not lead or
    /// <paramref name="to"/> is no other voter. Proposals are refused until it has, or an election timeout has passed.</summary>
    public bool TransferLeadership(ulong to)
    {
        if (Role != Role.Leader || to == Id || !Configuration.IsVoter(to) || _tracker.Find(to) is not { } progress)
        {
            return false;
        }

        if (_transferTo == to)
        {
            return true;
        }

        (_transferTo, _transferDeadline) = (to, _now + _config.ElectionTimeoutMax);
        if (progress.Match == _log.LastIndex)
        {
            SendTimeoutNow(to);
        }
        else
        {
            progress.Resume();
            SendAppend(progress);
        }

        return true;
    }

    private void SendTimeoutNow(ulong to) => _before.Add(new RaftMessage.TimeoutNow(Id, to, Term));

    private void HandleTimeoutNow(RaftMessage.TimeoutNow m)
    {
        if (Role != Role.Leader && m.From == LeaderId && MayCampaign)
        {
            StartElection(transfer: true); // no pre-vote: the leader itself asked
        }
    }
}

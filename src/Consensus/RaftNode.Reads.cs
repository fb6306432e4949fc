namespace Trefoil.Consensus;

/// <summary>Linearizable reads without a log entry (thesis, 6.4).</summary>
public sealed partial class RaftNode
{
    private readonly ReadQueue _reads;
    private ulong _round;

    private bool MayStartReadRound => _reads.HasWaiting && Role == Role.Leader && _log.Commit >= _termStart;

    /// <summary>Asks for an index at which a read is linearizable; the answer comes in <see cref="Ready.Reads"/>.</summary>
    /// <remarks>Answered after a quorum echoed a heartbeat that was sent after this call, and after an entry of this term is
    /// committed: before that the leader may not know of everything its predecessor committed.</remarks>
    public ReadIndexResult ReadIndex(ulong token) =>
        Role != Role.Leader ? ReadIndexResult.NotLeader
        : _reads.TryAdd(token) ? ReadIndexResult.Accepted
        : ReadIndexResult.Full;

    private void StartReadRound()
    {
        if (!MayStartReadRound)
        {
            return;
        }

        SendHeartbeats();
        _reads.Start(_log.Commit, _round);
        ConfirmReads();
    }

    private void ConfirmReads()
    {
        if (!_reads.IsEmpty)
        {
            _reads.Confirm(_tracker.CommittedRound, _answers);
        }
    }
}

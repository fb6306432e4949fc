namespace Trefoil.Replication;

/// <content>Primary: snapshots for followers that records cannot bring up.</content>
public sealed partial class ReplicaNode
{
    private void TendTransfers(Leadership lead, List<ReplicaEffect> effects)
    {
        foreach (var transfer in lead.Transfers)
        {
            if (transfer.Ready && !Reaches(transfer.CoveredLsn + 1))
            {
                Note(ReplicaEvent.SnapshotRestarted, $"the backlog begins at {_log.FirstLsn}, behind the snapshot's {transfer.CoveredLsn}", effects);
                Release(lead, transfer);
            }
        }

        foreach (var follower in lead.Followers)
        {
            if (follower.Transfer is not null && _now - follower.LastHeard > _config.TransferTimeout)
            {
                (follower.Transfer, follower.State, follower.Session) = (null, FollowerState.Unknown, 0);
            }

            if (follower.State == FollowerState.WaitSnapshot && follower.Transfer is null && !IsInSomeSet(lead, follower.Id)
                && _now >= lead.SnapshotAfter && follower.RefusedAt is null && _now - follower.LastHeard <= _config.LinkTimeout)
            {
                follower.Transfer = TransferFor(lead, effects);
                StartSending(follower);
            }
        }

        for (var i = lead.Transfers.Count - 1; i >= 0; i--)
        {
            if (!lead.Followers.Exists(follower => follower.Transfer == lead.Transfers[i]))
            {
                _log.DropSnapshot(lead.Transfers[i].Id);
                lead.Transfers.RemoveAt(i);
            }
        }
    }

    /// <summary>One that is being made or can still be followed by records, or a new one.</summary>
    private SnapshotTransfer TransferFor(Leadership lead, List<ReplicaEffect> effects)
    {
        if (lead.Transfers.Find(known => !known.IsSuspect && (!known.Ready || Reaches(known.CoveredLsn + 1))) is { } shared)
        {
            return shared;
        }

        var transfer = new SnapshotTransfer(NextNumber());
        lead.Transfers.Add(transfer);
        Note(ReplicaEvent.Snapshot, $"transfer {transfer.Id & uint.MaxValue} begins at {_log.LastLsn}", effects);
        _log.MakeSnapshot(transfer.Id);
        return transfer;
    }

    private void TakeSnapshot(ReplicaInput.SnapshotMade made, List<ReplicaEffect> effects)
    {
        if (_lead is not { } lead || lead.Transfers.Find(known => known.Id == made.Transfer) is not { } transfer)
        {
            return; // Dropped meanwhile.
        }

        if (!made.Ok || made.Length <= 0)
        {
            Note(ReplicaEvent.Snapshot, $"transfer {transfer.Id & uint.MaxValue} failed here", effects);
            lead.SnapshotAfter = _now + _config.SnapshotRetry;
            Release(lead, transfer);
            return;
        }

        (transfer.Ready, transfer.CoveredLsn, transfer.Length) = (true, made.CoveredLsn, made.Length);
        foreach (var follower in lead.Followers.Where(follower => follower.Transfer == transfer))
        {
            StartSending(follower);
        }
    }

    private void StartSending(Follower follower)
    {
        if (follower.Transfer is { Ready: true })
        {
            follower.State = FollowerState.SendSnapshot;
            (follower.PartsSent, follower.PartsAcked, follower.Probing, follower.ProgressAt) = (0, 0, false, _now);
        }
    }

    /// <summary>Takes a snapshot away from its followers; they wait for another.</summary>
    private static void Release(Leadership lead, SnapshotTransfer transfer)
    {
        foreach (var follower in lead.Followers.Where(follower => follower.Transfer == transfer))
        {
            (follower.Transfer, follower.State) = (null, FollowerState.WaitSnapshot);
        }
    }

    private void ShipParts(Leadership lead, Follower follower, List<ReplicaEffect> effects)
    {
        if (follower.State != FollowerState.SendSnapshot || follower.Transfer is not { } transfer)
        {
            return;
        }

        var window = follower.Probing ? 1 : _config.WindowBytes;
        while (follower.PartsSent < transfer.Length && follower.PartsSent - follower.PartsAcked < window)
        {
            _writer.Clear();
            var count = _log.ReadSnapshot(transfer.Id, follower.PartsSent, _config.MaxMessageBytes, _writer);
            if (count <= 0)
            {
                Note(ReplicaEvent.Snapshot, $"transfer {transfer.Id & uint.MaxValue} cannot be read at {follower.PartsSent}", effects);
                lead.SnapshotAfter = _now + _config.SnapshotRetry;
                Release(lead, transfer);
                return;
            }

            if (follower.PartsSent == follower.PartsAcked)
            {
                follower.ProgressAt = _now;
            }

            effects.Add(new ReplicaEffect.Send(follower.Id, new ReplicaMessage.SnapshotPart(
                lead.Epoch, follower.Session, transfer.Id, transfer.Length, follower.Shared, follower.PartsSent, _writer.ToArray())));
            follower.PartsSent += count;
        }
    }

    private void TakePartAck(Follower follower, ReplicaMessage.SnapshotAck ack)
    {
        follower.Heard(_now);
        if (follower.State != FollowerState.SendSnapshot || follower.Transfer is not { } transfer || transfer.Id != ack.Transfer
            || ack.Offset > transfer.Length || ack.Offset <= follower.PartsAcked)
        {
            return;
        }

        (follower.PartsAcked, follower.ProgressAt, follower.Probing) = (ack.Offset, _now, false);
        follower.PartsSent = Math.Max(follower.PartsSent, ack.Offset);
    }
}

namespace Trefoil.Replication;

/// <content>Replica: taking a snapshot in place of its own log.</content>
public sealed partial class ReplicaNode
{
    /// <summary>While it lasts, nobody knows where this log ends; it outlives the view in which it began.</summary>
    private (ulong Local, ulong Shared, ulong OpenedAt)? _installing;

    private void TakePart(Following follow, ReplicaMessage.SnapshotPart part, List<ReplicaEffect> effects)
    {
        follow.AckDue = true;
        if (_installing is not null || part.Transfer < follow.Receiving?.Transfer)
        {
            return;
        }

        if (follow.Receiving is not { } receiving || receiving.Transfer != part.Transfer)
        {
            CommitReceived();
            ClearPartial(follow);
            receiving = new Receiving(part.Transfer, NextNumber(), part.Length, part.Shared);
            follow.Receiving = receiving;
            Note(ReplicaEvent.Snapshot, $"receiving {part.Length} bytes from {follow.Primary}", effects);
        }

        if (part.Length != receiving.Length || part.Offset + part.Bytes.Length > receiving.Length)
        {
            _malformed++;
            return;
        }

        if (part.Offset != receiving.Offset || part.Bytes.Length == 0)
        {
            return; // Here already, or after something that was lost: the answer says where to go on.
        }

        _log.Receive(receiving.Local, part.Offset, part.Bytes.Span);
        receiving.Offset += part.Bytes.Length;
        if (receiving.Offset == receiving.Length)
        {
            _installing = (receiving.Local, receiving.Shared, follow.OpenedAt);
            _log.Install(receiving.Local);
        }
    }

    private void FinishInstall(ReplicaInput.Installed installed, List<ReplicaEffect> effects)
    {
        if (_installing is not { } install || install.Local != installed.Transfer)
        {
            return;
        }

        _installing = null;
        if (!installed.Ok)
        {
            Note(ReplicaEvent.InstallFailed, "the snapshot could not be read; taking another", effects);
        }
        else
        {
            Note(ReplicaEvent.Installed, $"up to {_log.LastLsn}, consistent from {_log.ConsistentLsn}", effects);
            if (install.Shared > 0 && install.OpenedAt >= install.Shared)
            {
                var records = install.OpenedAt - (install.Shared - 1);
                _dropped += records;
                effects.Add(new ReplicaEffect.Dropped(records));
            }
        }

        if (_follow is { } follow)
        {
            OpenSession(follow, installed.Ok ? _now : _now + _config.SnapshotRetry);
        }
    }
}

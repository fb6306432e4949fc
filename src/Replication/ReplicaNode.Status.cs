using Trefoil.Primitives;

namespace Trefoil.Replication;

/// <content>Where a node stands.</content>
public sealed partial class ReplicaNode
{
    /// <summary>Where this node stands, after the effects of the last call.</summary>
    public ReplicaStatus Status() => new()
    {
        Role = _view is not { } view ? ReplicaRole.None
            : view.IsElecting ? ReplicaRole.Electing
            : view.Primary == Self ? ReplicaRole.Primary
            : ReplicaRole.Replica,
        Epoch = _view?.Epoch ?? 0,
        Version = _version,
        Begun = _lead is not null,
        Serving = _lead?.Serving ?? false,
        Paused = _lead?.HandOver is not null,
        Fenced = _fenced,
        Primary = _view?.Primary ?? NodeId.None,
        AckedLsn = _lead is { } leading ? AckedOf(leading) : _follow?.AckedLsn ?? 0,
        HeldLsn = _lead is { Serving: true } serving ? HeldFor(serving) : 0,
        LastEpoch = _log.History.LastEpoch(_cluster),
        LastLsn = _log.LastLsn,
        Consistent = _installing is null && !_stuck && _log.ConsistentLsn <= _log.LastLsn,
        LinkUp = _follow?.IsAlive(_now, _config.LinkTimeout) ?? false,
        LastHeard = _follow?.LastHeard,
        PrimaryLsn = _follow is { } follow ? Math.Max(follow.PrimaryLsn, _log.LastLsn) : 0,
        Syncing = _installing is not null || _follow?.Receiving is not null,
        SnapshotBytes = _follow?.Receiving?.Offset ?? 0,
        SnapshotLength = _follow?.Receiving?.Length ?? 0,
        DroppedRecords = _dropped,
        Malformed = _malformed,
        Followers = _lead is not { } lead ? [] : [.. lead.Followers.Select(StatusOf)],
    };

    private FollowerStatus StatusOf(Follower follower) => new(
        follower.Id, _view!.ReplicaSet.Contains(follower.Id), follower.State, follower.Position(AckKind.Received),
        follower.Position(AckKind.Durable), _log.LastLsn - Math.Min(_log.LastLsn, follower.Received), follower.LastHeard,
        follower.PartsAcked, follower.Transfer?.Length ?? 0);
}

using Trefoil.Primitives;
using Trefoil.Sharding;

namespace Trefoil.ControlPlane;

/// <summary>Failover: a lease runs out → a new epoch is committed → members, fenced by it, tell how far their logs go → the best is promoted.</summary>
public sealed partial class ControlNode
{
    private static readonly TimeSpan TellAgain = TimeSpan.FromMilliseconds(200);

    // Member: the last thing this process said of its log, and in which epoch. Only in such an epoch may it begin to serve.
    private LogPosition? _position;
    private ulong _toldFor;
    private TimeSpan _nextTelling;
    private ulong _wonEpoch;

    // Leader: what the members of electing shards have said.
    private readonly SortedDictionary<NodeId, ShardVotes> _votes = [];

    private void TakeFence(ControlInput.LogFenced fenced, List<ControlEffect> effects)
    {
        if (fenced.Cluster == _identity.Cluster && OwnShard is { IsElecting: true } shard && shard.Epoch == fenced.Epoch)
        {
            _position = fenced.Position;
            TellPosition(shard, effects);
        }
    }

    /// <summary>Tells the leader where this node's log ends; by then it accepts nothing of an older epoch, and still will after a restart.</summary>
    private void TellPosition(ShardRecord shard, List<ControlEffect> effects)
    {
        if (_position is not { } position)
        {
            return;
        }

        if (_toldFor != shard.Epoch)
        {
            _toldFor = shard.Epoch;
            effects.Add(new ControlEffect.SaveTopology(_machine.Snapshot(), Durable: true));
        }

        _nextTelling = _now + TellAgain;
        var message = new ControlMessage.ShardPosition(shard.Id, shard.Epoch, position);
        if (IsLeader)
        {
            TakePosition(_identity.Node, message);
        }
        else if (LeaderAddress() is { } leader)
        {
            Send(leader, message, effects);
        }
    }

    /// <summary>A member's part in an election that it sees in its topology.</summary>
    private void FollowShard(List<ControlEffect> effects)
    {
        if (OwnShard is not { IsElecting: true } shard)
        {
            _position = null;
        }
        else if (shard.Epoch == _toldFor && _now >= _nextTelling)
        {
            TellPosition(shard, effects);
        }
    }

    /// <summary>
    /// The winner's topology is durable before anybody here may act on it: a process that is started later finds the epoch begun, and does not
    /// begin it a second time with other contents.
    /// </summary>
    private void RememberVictory(List<ControlEffect> effects)
    {
        if (OwnShard is { IsElecting: false } shard && shard.Primary == _identity.Node && shard.Epoch == _toldFor && _wonEpoch != shard.Epoch)
        {
            _wonEpoch = shard.Epoch;
            effects.Add(new ControlEffect.SaveTopology(_machine.Snapshot(), Durable: true));
        }
    }

    private void TakePosition(NodeId from, ControlMessage.ShardPosition told)
    {
        var topology = _machine.Topology;
        if (!IsLeader || topology.FindShard(told.Shard) is not { IsElecting: true } shard || shard.Epoch != told.Epoch
            || topology.Find(from)?.ShardId != shard.Id)
        {
            return; // The leader may not have applied the election yet: they tell it again.
        }

        if (!_votes.TryGetValue(shard.Id, out var votes) || votes.Epoch != shard.Epoch)
        {
            _votes[shard.Id] = votes = new ShardVotes(shard.Epoch, _now);
        }

        votes.Positions[from] = told.Position;
    }

    /// <summary>Leader: ends elections that can be decided.</summary>
    private void DecideElections(List<ControlEffect> effects)
    {
        if (!IsLeader || _votes.Count == 0)
        {
            return;
        }

        foreach (var (id, votes) in _votes.ToArray())
        {
            if (_machine.Topology.FindShard(id) is not { IsElecting: true } shard || shard.Epoch != votes.Epoch)
            {
                _votes.Remove(id);
            }
            else if (ElectionRules.Decide(shard, votes, IsLeaseOver(id), IsAlive, _now) is { } outcome && !IsProposed<TopologyCommand.Promote>(p => p.Shard == id))
            {
                Note(ControlEvent.Promoting, outcome.Describe(shard), effects);
                var promote = new TopologyCommand.Promote(NextRequest(), id, shard.Epoch, outcome.Winner, outcome.ReplicaSet);
                Start(new Pending(promote, Timeout(promote)) { Then = static (_, _) => { } }, effects);
            }
        }
    }

    /// <summary>Leader: begins an election wherever a primary's lease has run out and somebody else could serve.</summary>
    private void ReplaceSilentPrimaries(List<ControlEffect> effects)
    {
        if (!IsLeader)
        {
            return;
        }

        foreach (var shard in _machine.Topology.Shards)
        {
            if (!shard.IsElecting && shard.ReplicaSet.Count > 1 && IsLeaseOver(shard.Id))
            {
                BeginElection(shard, NodeId.None, effects);
            }
        }
    }

    private void BeginElection(ShardRecord shard, NodeId candidate, List<ControlEffect> effects)
    {
        if (_pending.Count >= _config.MaxPending || IsProposed<TopologyCommand.BeginElection>(begin => begin.Shard == shard.Id))
        {
            return;
        }

        Note(ControlEvent.ElectionBegins, $"shard {shard.Id} after epoch {shard.Epoch} of {shard.Primary}", effects);
        var command = new TopologyCommand.BeginElection(NextRequest(), shard.Id, shard.Epoch, candidate, IsForced: false);
        Start(new Pending(command, Timeout(command)) { Then = static (_, _) => { } }, effects);
    }

    private bool IsProposed<T>(Func<T, bool> same)
        where T : TopologyCommand => _pending.Exists(pending => pending.Command is T command && same(command));

    /// <summary>A winner has as long to ask for its lease as a holder to renew it.</summary>
    private void NotePromotion(TopologyCommand.Promote promote, CommandResult result)
    {
        if (IsLeader && result is CommandResult.Done)
        {
            _granted[promote.Shard] = _now + LeaderLease;
        }
    }

    /// <summary>A slot taken from a dead owner without its word: not before no lease lets that owner answer for it.</summary>
    private bool WaitsForLease(TopologyCommand command)
    {
        var (owner, proposer) = command switch
        {
            TopologyCommand.MoveSlot move => (move.From, move.Request.Proposer),
            TopologyCommand.SetSlotOwner set when set.Slot is >= 0 and < HashSlot.Count
                => (_machine.Topology.OwnerOf(set.Slot)?.Id ?? NodeId.None, set.Request.Proposer),
            _ => (NodeId.None, NodeId.None),
        };
        return !owner.IsNone && owner != proposer && _machine.Topology.ShardOf(owner) is { } shard && shard.Primary == owner && !IsLeaseOver(shard.Id);
    }
}

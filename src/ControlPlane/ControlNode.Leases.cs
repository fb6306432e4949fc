using Trefoil.Consensus;
using Trefoil.Primitives;
using Trefoil.Sharding;

namespace Trefoil.ControlPlane;

/// <summary>Leases (correctness.md, 3): a primary answers clients only while the leader vouches that nobody was put in its place.</summary>
/// <remarks>
/// The holder counts from the moment it asked, the leader from its answer and a tenth longer, and answers only after a round of heartbeats that
/// began after the question: a deposed leader vouches for nobody (thesis, 6.4). So whatever a holder believes ends before its leader's record of it does.
/// </remarks>
public sealed partial class ControlNode
{
    private const int MaxOpenAsks = 16;

    // Holder: questions without an answer yet, by token, and when each was sent.
    private readonly SortedDictionary<ulong, TimeSpan> _asked = [];
    private ulong _leaseToken;
    private ulong _askedEpoch;
    private TimeSpan _nextAsk;

    // Leader: until when each shard may have a primary that believes in its lease; questions that wait for a round, and rounds on their way.
    private readonly SortedDictionary<NodeId, TimeSpan> _granted = [];
    private readonly SortedDictionary<ulong, List<LeaseQuestion>> _rounds = [];
    private readonly List<ReadState> _confirmed = [];
    private List<LeaseQuestion> _questions = [];
    private ulong _roundToken;
    private TimeSpan _leaderSince;

    /// <summary>As a primary, asks at once in a new epoch, then every <see cref="ControlConfig.LeaseInterval"/>.</summary>
    private void AskForLease(List<ControlEffect> effects)
    {
        if (_offer is not null || OwnShard is not { IsElecting: false } shard || shard.Primary != _identity.Node)
        {
            _askedEpoch = 0;
            return;
        }

        if (shard.Epoch == _askedEpoch && _now < _nextAsk)
        {
            return;
        }

        _askedEpoch = shard.Epoch;
        _nextAsk = _now + _config.LeaseInterval;
        if (_asked.Count == MaxOpenAsks)
        {
            _asked.Remove(_asked.First().Key);
        }

        _asked.Add(++_leaseToken, _now);
        var question = new ControlMessage.LeaseRequest(shard.Id, shard.Epoch, MayBegin: _toldFor == shard.Epoch, _leaseToken);
        if (IsLeader)
        {
            TakeLeaseRequest(new PeerIdentity(_identity.Node, _identity.Cluster, default), question, effects);
        }
        else if (LeaderAddress() is { } leader)
        {
            Send(leader, question, effects);
        }
    }

    private void TakeLease(ControlMessage.LeaseGrant grant, List<ControlEffect> effects)
    {
        if (_asked.Remove(grant.Token, out var sent)
            && OwnShard is { IsElecting: false } shard && shard.Epoch == grant.Epoch && shard.Primary == _identity.Node)
        {
            effects.Add(new ControlEffect.Lease(grant.Epoch, sent + _config.Lease));
        }
    }

    private void TakeLeaseRequest(PeerIdentity from, ControlMessage.LeaseRequest request, List<ControlEffect> effects)
    {
        if (!IsLeader || _machine.Topology.FindShard(request.Shard) is not { IsElecting: false } shard
            || shard.Primary != from.Node || shard.Epoch != request.Epoch)
        {
            return; // It will see why in its topology.
        }

        if (request.MayBegin)
        {
            _questions.Add(new LeaseQuestion(from, request));
        }
        else
        {
            // It was restarted: what its log has lost it may not know, so it is one candidate among others.
            BeginElection(shard, NodeId.None, effects);
        }
    }

    /// <summary>One round of heartbeats serves every question that waits.</summary>
    private void StartLeaseRound()
    {
        if (_questions.Count > 0)
        {
            if (_raft!.ReadIndex(++_roundToken) == ReadIndexResult.Accepted)
            {
                _rounds.Add(_roundToken, _questions);
            }

            _questions = [];
        }
    }

    private void GrantLeases(List<ControlEffect> effects)
    {
        if (_confirmed.Count == 0)
        {
            return;
        }

        foreach (var round in _confirmed.ToArray())
        {
            if (round.Index > _machine.Topology.Version)
            {
                continue; // Not applied yet: it may say that somebody else leads the shard.
            }

            _confirmed.Remove(round);
            if (_rounds.Remove(round.Token, out var questions) && round.Index > 0 && IsLeader)
            {
                foreach (var question in questions)
                {
                    Grant(question, effects);
                }
            }
        }
    }

    private void Grant(LeaseQuestion question, List<ControlEffect> effects)
    {
        var request = question.Request;
        if (_machine.Topology.FindShard(request.Shard) is not { IsElecting: false } shard
            || shard.Primary != question.From.Node || shard.Epoch != request.Epoch)
        {
            return;
        }

        _granted[shard.Id] = _now + LeaderLease;
        var grant = new ControlMessage.LeaseGrant(request.Token, shard.Id, shard.Epoch);
        if (question.From.Node == _identity.Node)
        {
            TakeLease(grant, effects);
        }
        else
        {
            Send(question.From.Address, grant, effects);
        }
    }

    /// <summary>True once no primary of this shard can believe that it holds a lease, as far as this leader or one before it could have given any.</summary>
    private bool IsLeaseOver(NodeId shard) =>
        _now >= _leaderSince + LeaderLease && (!_granted.TryGetValue(shard, out var until) || _now >= until);

    private TimeSpan LeaderLease => _config.Lease * 1.1;

    private ShardRecord? OwnShard => _identity.Cluster.IsNone ? null : _machine.Topology.ShardOf(_identity.Node);

    private void ForgetLeases()
    {
        _granted.Clear();
        _rounds.Clear();
        _confirmed.Clear();
        _questions = [];
        _votes.Clear();
        _leaderSince = _now;
    }

    private readonly record struct LeaseQuestion(PeerIdentity From, ControlMessage.LeaseRequest Request);
}

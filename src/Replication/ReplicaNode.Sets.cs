using Trefoil.Primitives;
using Trefoil.Sharding;

namespace Trefoil.Replication;

/// <content>Primary: what is acknowledged, by whom it must be, and who belongs to the set (correctness.md, 1).</content>
public sealed partial class ReplicaNode
{
    private readonly List<ulong> _positions = [];

    /// <summary>
    /// Moves the acknowledged LSN: required members of the committed set <i>and of every set that may have been committed meanwhile</i>
    /// hold it. So it makes no difference to a record which of them an election will find (Kafka's maximal ISR).
    /// </summary>
    private void Acknowledge(Leadership lead, List<ReplicaEffect> effects)
    {
        if (lead.HandOver is { Proposed: true })
        {
            return; // The successor has what was acknowledged; whatever follows it may not have.
        }

        var held = Held(_view!.ReplicaSet, _view.Mode);
        foreach (var proposal in lead.Proposals)
        {
            held = Math.Min(held, Held(proposal.Set, proposal.Mode));
        }

        if (held != ulong.MaxValue)
        {
            lead.Acked = Math.Max(lead.Acked, held);
        }

        var told = held == ulong.MaxValue ? held : lead.Acked;
        if (told != lead.ToldAcked)
        {
            lead.ToldAcked = told;
            effects.Add(new ReplicaEffect.Acked(told));
        }

        SetServing(lead, told >= lead.EpochLsn, effects);
    }

    private static void SetServing(Leadership lead, bool on, List<ReplicaEffect> effects)
    {
        if (on == lead.Serving)
        {
            return;
        }

        lead.Serving = on;
        effects.Add(new ReplicaEffect.Serve(on, lead.Epoch));
        if (on)
        {
            Note(ReplicaEvent.Serving, $"epoch {lead.Epoch}", effects);
        }
    }

    /// <summary>As <see cref="Held"/>, of the set and of every proposed one, and never of nobody.</summary>
    private ulong HeldFor(Leadership lead)
    {
        var held = Held(_view!.ReplicaSet, Strict(_view.Mode));
        foreach (var proposal in lead.Proposals)
        {
            held = Math.Min(held, Held(proposal.Set, Strict(proposal.Mode)));
        }

        return held;
    }

    private static ReplicationMode Strict(ReplicationMode mode) => mode == ReplicationMode.Quorum ? mode : ReplicationMode.Synchronous;

    /// <summary>The largest LSN that required members of the set hold; all of them when none is required.</summary>
    private ulong Held(IReadOnlyList<NodeId> set, ReplicationMode mode)
    {
        var required = RequiredAcks.Of(mode, set.Count);
        if (required == 0)
        {
            return ulong.MaxValue;
        }

        _positions.Clear();
        foreach (var id in set)
        {
            _positions.Add(id == Self ? OwnPosition() : _lead!.Find(id)?.Position(_ack) ?? 0);
        }

        _positions.Sort();
        return _positions[^required];
    }

    private ulong OwnPosition() => _ack == AckKind.Received ? _log.LastLsn : _log.DurableLsn;

    /// <summary>Proposes the set that should be, unless it is; and something at all while the outcome of a proposal is unknown.</summary>
    private void TendSet(Leadership lead, List<ReplicaEffect> effects)
    {
        if (lead.HandOver is { Proposed: true } || _now < lead.ProposeAfter)
        {
            return;
        }

        var (view, set) = (_view!, WantedSet(lead, _view!));
        lead.Proposals.RemoveAll(intended => intended.Times == 0 && !intended.Is(set, _wanted));
        var isCommitted = _wanted == view.Mode && set.SequenceEqual(view.ReplicaSet);
        if (isCommitted && (lead.Proposals.Count == 0 || _now < lead.Proposals[^1].SentAt + _config.ProposalRetry))
        {
            return;
        }

        var proposal = lead.Proposals.Find(known => known.Is(set, _wanted));
        if (proposal is null && lead.Proposals.Count < _config.MaxProposals)
        {
            proposal = new Proposal(set, _wanted) { SentAt = _now };
            lead.Proposals.Add(proposal);
        }

        proposal ??= lead.Proposals[^1];
        if (proposal.Times > 0 && _now >= proposal.SentAt + _config.ProposalRetry)
        {
            Propose(proposal, effects);
        }

        PursueIntention(lead, effects);
    }

    /// <summary>
    /// A quorum of a new set must hold what was acknowledged before the set is proposed. Under load that moment would never come by itself:
    /// an intended set counts for acknowledgements at once, so that those wait until its members are level.
    /// </summary>
    private void PursueIntention(Leadership lead, List<ReplicaEffect> effects)
    {
        if (lead.Proposals.Find(proposal => proposal.Times == 0) is not { } intended)
        {
            return;
        }

        if (Held(intended.Set, intended.Mode) >= lead.Promised || intended.Is(_view!.ReplicaSet, _view.Mode))
        {
            Note(ReplicaEvent.SetProposed, $"{intended.Set.Count} of {_view!.Members.Count}, {intended.Mode}, after {_view.ConfigVersion}", effects);
            Propose(intended, effects);
        }
        else if (_now - intended.SentAt >= _config.IntentionTimeout)
        {
            lead.Proposals.Remove(intended);
            lead.ProposeAfter = _now + _config.HoldOff;
        }
    }

    private void Propose(Proposal proposal, List<ReplicaEffect> effects)
    {
        (proposal.Token, proposal.SentAt, proposal.Times) = (NextNumber(), _now, proposal.Times + 1);
        effects.Add(new ReplicaEffect.Propose(proposal.Token, _view!.ConfigVersion, proposal.Set, proposal.Mode));
    }

    private List<NodeId> WantedSet(Leadership lead, ShardView view)
    {
        var set = new List<NodeId> { Self };
        foreach (var follower in lead.Followers)
        {
            if (view.ReplicaSet.Contains(follower.Id) ? MayStay(follower) : MayEnter(follower))
            {
                set.Add(follower.Id);
            }
        }

        set.Sort();
        return set;
    }

    /// <summary>It answers, and what it holds counts. One that must take a snapshot leaves first: while it does, its old log is gone.</summary>
    private bool MayStay(Follower follower) =>
        _now - follower.LastHeard < _config.RemoveAfter
        && !(follower.RefusedAt is { } refused && _now - refused >= _config.RemoveAfterRefusal)
        && follower.State is FollowerState.Unknown or FollowerState.Online
        && _now - follower.CaughtUpAt < _config.RemoveAfterLag;

    private bool MayEnter(Follower follower) =>
        follower.Counts && _now - follower.CaughtUpAt <= _config.CaughtUpWithin && follower.RefusedAt is null
        && _now >= follower.HoldUntil && _now - follower.LastHeard <= _config.CaughtUpWithin;

    /// <summary>A record with a higher version is the outcome of every proposal that compared itself with a lower one.</summary>
    private void ResolveProposals(Leadership lead, ShardView before, ShardView view, List<ReplicaEffect> effects)
    {
        if (view.ConfigVersion <= before.ConfigVersion)
        {
            return;
        }

        lead.Proposals.Clear();
        lead.ProposeAfter = _now;
        foreach (var follower in lead.Followers)
        {
            if (before.ReplicaSet.Contains(follower.Id) && !view.ReplicaSet.Contains(follower.Id))
            {
                follower.Removed(_now, _config);
            }
        }

        Note(ReplicaEvent.SetChanged, $"{view.ReplicaSet.Count} of {view.Members.Count}, {view.Mode}, at {view.ConfigVersion}", effects);
    }

    private void TakeRefusal(ReplicaInput.ProposalRefused refused, List<ReplicaEffect> effects)
    {
        if (_lead is not { } lead)
        {
            return;
        }

        if (lead.HandOver is { Proposed: true } going && going.ProposalToken == refused.Token)
        {
            GiveUpHandOver(lead, going, refused.Error, effects);
            return;
        }

        // Of one proposed several times only the last is known to have failed: it stays, until a record with a higher version is seen.
        lead.Proposals.RemoveAll(proposal => proposal.Token == refused.Token && proposal.Times == 1);
        lead.ProposeAfter = _now + (2 * _config.Housekeeping);
    }

    /// <summary>Committed, or perhaps so.</summary>
    private bool IsInSomeSet(Leadership lead, NodeId id) =>
        _view!.ReplicaSet.Contains(id) || lead.Proposals.Exists(proposal => proposal.Set.Contains(id));
}

using Trefoil.Primitives;
using Trefoil.Sharding;

namespace Trefoil.ControlPlane;

/// <summary>MEET and absorption, as the side that takes someone in; and leaving: RESET, removal.</summary>
public sealed partial class ControlNode
{
    private OpenReset? _reset;

    // The cluster this node was in before, as it last knew it.
    private TopologyMachine? _former;

    /// <summary>The messages that cross clusters; false for all others.</summary>
    private bool HandleJoining(PeerIdentity from, ControlMessage message, List<ControlEffect> effects)
    {
        switch (message)
        {
            case ControlMessage.Offer offer:
                TakeOffer(from, offer, effects);
                return true;
            case ControlMessage.Withdraw withdraw:
                TakeWithdrawal(from, withdraw, effects);
                return true;
            case ControlMessage.Invite invite:
                TakeInvitation(from, invite, effects);
                return true;
            case ControlMessage.Accepted accepted:
                AcceptJoin(accepted, effects);
                return true;
            case ControlMessage.Declined declined:
                AcceptRefusal(from, declined, effects);
                return true;
            case ControlMessage.Crossed crossed:
                SettleCrossing(crossed, effects);
                return true;
            case ControlMessage.InviteRefused refused:
                if (_meetings.Find(m => m.Invitation == refused.Invitation) is { } meeting)
                {
                    End(meeting, new CommandResult.Refused($"ERR {meeting.Other.ControlAddress} refused: {refused.Reason}"));
                }

                return true;
            default:
                return false;
        }
    }

    private void TakeOffer(PeerIdentity from, ControlMessage.Offer offer, List<ControlEffect> effects)
    {
        if (offer.ClusterName != _identity.ClusterName)
        {
            Send(from.Address, new ControlMessage.Declined(
                offer.Join, $"its cluster is named '{_identity.ClusterName}', not '{offer.ClusterName}'"), effects);
        }
        else if (_offer is not null)
        {
            Send(from.Address, new ControlMessage.Crossed(offer.Join), effects);
        }
        else if (offer.To != _identity.Cluster)
        {
            DeclineElsewhere(from, offer.Join, offer.To, effects);
        }
        else if (_machine.TryGetResult(offer.Join, out var known))
        {
            ReplyToOffer(from.Address, from.Node, offer.Join, known, effects);
        }
        else if (!_identity.Cluster.IsNone
            && !_pending.Exists(p => p.Command.Request == offer.Join)
            && _pending.Count < _config.MaxPending
            && TopologyCommandCodec.TryDecode(offer.AddNode, out var command)
            && command is TopologyCommand.AddNode join
            && join.Request == offer.Join
            && join.Record.Id == from.Node)
        {
            Start(new Pending(join, _now + _config.OfferTimeout)
            {
                Then = (result, output) => ReplyToOffer(from.Address, from.Node, offer.Join, result, output),
            }, effects);
        }
    }

    private void ReplyToOffer(
        HostPort to, NodeId node, RequestId join, CommandResult result, List<ControlEffect> effects)
    {
        if (_machine.Topology.Find(node) is { } member && result is CommandResult.Done)
        {
            Send(to, new ControlMessage.Accepted(join, _identity.Cluster, member.MemberId, _machine.Snapshot()), effects);
        }
        else if (_machine.TryGetResult(join, out var committed))
        {
            var reason = committed is CommandResult.Refused refused ? refused.Error : "the node was removed again";
            Send(to, new ControlMessage.Declined(join, reason), effects);
        }

        // Otherwise the proposal timed out: nothing is known, so nothing is said, and the lone node asks again.
    }

    private void TakeWithdrawal(PeerIdentity from, ControlMessage.Withdraw withdraw, List<ControlEffect> effects)
    {
        if (withdraw.To != _identity.Cluster || _identity.Cluster.IsNone)
        {
            DeclineElsewhere(from, withdraw.Join, withdraw.To, effects);
        }
        else if (!_pending.Exists(p => p.Command is TopologyCommand.CancelJoin cancel && cancel.Join == withdraw.Join))
        {
            // Committed even while this node is offered itself: a promise kept in memory would not outlive a restart, and a
            // late copy of the offer could then be committed after all.
            Start(new Pending(new TopologyCommand.CancelJoin(NextRequest(), withdraw.Join), _now + _config.OfferTimeout)
            {
                Then = (result, output) => ReplyToWithdrawal(from, withdraw, result, output),
            }, effects);
        }
    }

    /// <summary>An offer to another cluster than ours is only declined when that cluster can never commit it.</summary>
    /// <remarks>To no cluster at all, or to the lone one of this node that ended when it was absorbed. Of a cluster that this node
    /// has left and that goes on without it, it knows nothing: silence keeps the asker fenced, which is safe.</remarks>
    private void DeclineElsewhere(PeerIdentity from, RequestId join, ClusterId to, List<ControlEffect> effects)
    {
        if (to.IsNone || to == _identity.Dissolved)
        {
            Send(from.Address, new ControlMessage.Declined(join, "it belongs to another cluster by now"), effects);
        }
    }

    private void ReplyToWithdrawal(
        PeerIdentity from, ControlMessage.Withdraw withdraw, CommandResult result, List<ControlEffect> effects)
    {
        if (result is CommandResult.Done)
        {
            Send(from.Address, new ControlMessage.Declined(withdraw.Join, "the offer was withdrawn in time"), effects);
        }
        else if (_machine.TryGetResult(withdraw.Join, out var joined))
        {
            ReplyToOffer(from.Address, withdraw.Node, withdraw.Join, joined, effects);
        }
    }

    private void TakeInvitation(PeerIdentity from, ControlMessage.Invite invite, List<ControlEffect> effects)
    {
        if (_offer is not null || (from.Cluster == _identity.Cluster && IsMember(from.Node, from.Cluster)))
        {
            return; // On its way already.
        }

        if (invite.ClusterName != _identity.ClusterName)
        {
            Send(from.Address, new ControlMessage.InviteRefused(
                invite.Invitation, $"its cluster is named '{_identity.ClusterName}'"), effects);
        }
        else if (!IsLone && !_identity.Cluster.IsNone)
        {
            Send(from.Address, new ControlMessage.InviteRefused(
                invite.Invitation, "both nodes have other members or keys: only a lone, empty node can be taken in"), effects);
        }
        else if (_pending.Count == 0)
        {
            _offer = new OpenOffer(new Offer(NextRequest(), from.Address, from.Node, from.Cluster))
            {
                Deadline = _now + _config.OfferTimeout,
                InvitedBy = (from.Address, invite.Invitation),
            };
            effects.Add(new ControlEffect.Fence(true));
        }
    }

    private void RefuseInvitation(OpenOffer offer, string reason, List<ControlEffect> effects)
    {
        if (offer.InvitedBy is { } inviter)
        {
            Send(inviter.Address, new ControlMessage.InviteRefused(inviter.Invitation, reason), effects);
        }
    }

    private void StartReset(ControlInput.Reset input, List<ControlEffect> effects)
    {
        if (_reset is not null || (_offer is not null && !input.Hard))
        {
            Answer(input.Token, new CommandResult.Refused(_reset is not null
                ? "ERR This node is leaving its cluster, try again"
                : "ERR This node is joining another cluster, try again; CLUSTER RESET HARD gives that up under a new node id"));
            return;
        }

        if (_offer is not null)
        {
            // The way out when the cluster it was offered to is gone for good: whatever that cluster may still commit names an
            // id that nobody has any more.
            _offer = null;
            effects.Add(new ControlEffect.Fence(false));
        }

        _reset = new OpenReset(input.Token, input.Hard, _now + _config.ProposalTimeout);
        if (IsLone || _identity.Cluster.IsNone)
        {
            BecomeLone(input.Hard, "reset", effects);
            return;
        }

        // Leave by consent first: the others then know, and a voter is replaced before it goes.
        var command = new TopologyCommand.RemoveNode(NextRequest(), _identity.Node, input.NowMs);
        Start(new Pending(command, _reset.Deadline) { Then = static (_, _) => { } }, effects);
    }

    /// <summary>Starts over as a cluster of one without slots; HARD also takes a new node id and forgets the epoch.</summary>
    private void BecomeLone(bool hard, string why, List<ControlEffect> effects)
    {
        _keptEpoch = hard ? 0 : _machine.Topology.Find(_identity.Node)?.ConfigEpoch ?? _keptEpoch;
        if (hard)
        {
            _identity = _identity with { Node = NodeId.Draw(_random) };
        }

        var left = _pending.ToArray();
        _pending.Clear();
        foreach (var pending in left.Where(p => p.Then is null))
        {
            Answer(pending.Token, new CommandResult.Refused("ERR This node has left the cluster"));
        }

        _former = _machine;
        ForgetLeader();
        _health.Clear();
        Note(_reset is null ? ControlEvent.Expelled : ControlEvent.Reset, why, effects);
        Found(ClusterId.Draw(_random), effects);
        if (_reset is { } reset)
        {
            _reset = null;
            Answer(reset.Token, CommandResult.Ok);
        }
    }

    private void ForgetLeader()
    {
        _gossiped = 0; // SWIM starts anew too, and the new cluster may happen to be at the same version.
        _heardLeader = _now;
        _leaderHint = NodeId.None;
        _beaconTerm = 0;
        _beaconVoters = [];
        _memberAddresses.Clear();
        _silentSince.Clear();
    }

    private sealed record OpenReset(ulong Token, bool Hard, TimeSpan Deadline);
}

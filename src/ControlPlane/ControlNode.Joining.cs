using Trefoil.Primitives;
using Trefoil.Sharding;

namespace Trefoil.ControlPlane;

/// <summary>MEET and absorption, as the side that is being taken in (correctness.md, 6).</summary>
/// <remarks>
/// A lone node persists its offer and refuses writes <i>before</i> it sends it: from then on the other cluster may commit the
/// join at any moment, with exactly the slots the offer names. It takes the offer back only when that cluster has said
/// that the join is not committed and never will be.
/// </remarks>
public sealed partial class ControlNode
{
    private const int MaxMeetings = 64;
    private static readonly TimeSpan MeetingPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan JoinRetry = TimeSpan.FromMilliseconds(200);

    private readonly List<Meeting> _meetings = [];
    private OpenOffer? _offer;
    private ulong _keptEpoch;

    private void RestoreOffer()
    {
        if (_identity.Offer is { } kept)
        {
            _offer = new OpenOffer(kept) { Sent = true, Deadline = _now + _config.OfferTimeout };
        }
    }

    private void StartMeeting(ControlInput.Meet input, List<ControlEffect> effects)
    {
        var other = input.Other;
        if (other.Node == _identity.Node || IsMember(other.Node, other.Cluster))
        {
            Answer(input.Token, CommandResult.Ok);
        }
        else if (other.ClusterName != _identity.ClusterName)
        {
            Answer(input.Token, new CommandResult.Refused(
                $"ERR {other.ControlAddress} belongs to cluster '{other.ClusterName}', this node to '{_identity.ClusterName}'"));
        }
        else if (_meetings.Count >= MaxMeetings)
        {
            Answer(input.Token, new CommandResult.Refused("ERR Too many CLUSTER MEET in progress, try again"));
        }
        else
        {
            var meeting = new Meeting(input.Token, other, NextRequest(), _now + (_config.OfferTimeout * 2));
            _meetings.Add(meeting);
            Advance(meeting, effects);
        }
    }

    private bool IsMember(NodeId node, ClusterId cluster) =>
        cluster == _identity.Cluster && _machine.Topology.Find(node) is not null;

    /// <summary>One try at bringing the two together; repeated until the peer is a member here, or time is up.</summary>
    private void Advance(Meeting meeting, List<ControlEffect> effects)
    {
        meeting.NextTry = _now + JoinRetry;
        if (_machine.Topology.Find(meeting.Other.Node) is not null)
        {
            End(meeting, CommandResult.Ok);
        }
        else if (_now >= meeting.Deadline)
        {
            End(meeting, new CommandResult.Refused(
                $"ERR {meeting.Other.ControlAddress} did not come together with this node in time; CLUSTER NODES shows where it stands"));
        }
        else if (_offer is null && IsLone && !meeting.HasKeysHere)
        {
            if (_pending.Count == 0)
            {
                StartOffer(meeting.Other, effects);
            }
        }
        else if (_offer is null)
        {
            Send(meeting.Other.ControlAddress, new ControlMessage.Invite(meeting.Invitation, _identity.ClusterName), effects);
        }
    }

    private void StartOffer(MeetPeer other, List<ControlEffect> effects)
    {
        _offer = new OpenOffer(new Offer(NextRequest(), other.ControlAddress, other.Node, other.Cluster)) { Deadline = _now + _config.OfferTimeout };
        effects.Add(new ControlEffect.Fence(true));
    }

    /// <summary>Writes are fenced and the keys counted: persist the offer, then send it.</summary>
    private void ContinueOffer(long keys, List<ControlEffect> effects)
    {
        if (_offer is not { Sent: false } offer)
        {
            return;
        }

        if (keys > 0 || !(IsLone || _identity.Cluster.IsNone))
        {
            _offer = null;
            effects.Add(new ControlEffect.Fence(false));
            RefuseInvitation(offer, "this node has keys or is no longer alone", effects);
            foreach (var meeting in _meetings.Where(m => m.Other.Node == offer.Kept.TargetId))
            {
                meeting.HasKeysHere = true;
            }

            return;
        }

        offer.Sent = true;
        _identity = _identity with { Offer = offer.Kept };
        effects.Add(new ControlEffect.SaveIdentity(_identity));
        Note(ControlEvent.Offered, $"to {offer.Kept.Target}", effects);
        SendOffer(offer, effects);
    }

    private void SendOffer(OpenOffer offer, List<ControlEffect> effects)
    {
        offer.NextSend = _now + JoinRetry;
        if (offer.Withdrawing)
        {
            Send(offer.Kept.Target, new ControlMessage.Withdraw(offer.Kept.Join, _identity.Node, offer.Kept.Cluster), effects);
            return;
        }

        var self = _machine.Topology.Find(_identity.Node);
        var record = new NodeRecord
        {
            Id = _identity.Node,
            Endpoints = _endpoints,
            Zone = _zone,
            ShardId = self?.ShardId ?? _identity.Node,
            ConfigEpoch = self?.ConfigEpoch ?? 0,
        };
        var join = new TopologyCommand.AddNode(
            offer.Kept.Join, record, [.. _machine.Topology.RangesOf(_identity.Node)]);
        Send(
            offer.Kept.Target,
            new ControlMessage.Offer(
                offer.Kept.Join, _identity.ClusterName, offer.Kept.Cluster, TopologyCommandCodec.Encode(join)),
            effects);
    }

    private void RetryJoining(List<ControlEffect> effects)
    {
        if (_offer is { Sent: true } offer && _now >= offer.NextSend)
        {
            offer.Withdrawing |= _now >= offer.Deadline;
            SendOffer(offer, effects);
        }

        foreach (var meeting in _meetings.Where(m => _now >= m.NextTry).ToArray())
        {
            Advance(meeting, effects);
        }

        if (_reset is { } reset && _now >= reset.Deadline)
        {
            BecomeLone(reset.Hard, "reset without the cluster's consent", effects);
        }
    }

    /// <summary>Both lone and told to meet each other: the smaller id stays, the larger keeps offering.</summary>
    private void SettleCrossing(ControlMessage.Crossed crossed, List<ControlEffect> effects)
    {
        if (_offer is { Sent: true } offer && offer.Kept.Join == crossed.Join && _identity.Node < offer.Kept.TargetId)
        {
            offer.Withdrawing = true;
            SendOffer(offer, effects);
        }
    }

    private void AcceptJoin(ControlMessage.Accepted accepted, List<ControlEffect> effects)
    {
        if (_offer is not { Sent: true } offer || offer.Kept.Join != accepted.Join)
        {
            return;
        }

        var machine = new TopologyMachine();
        if (!machine.TryRestore(accepted.Snapshot) || machine.Topology.Find(_identity.Node) is null)
        {
            return; // Not an answer to build on; the offer is sent again.
        }

        _offer = null;
        _former = _machine;
        _machine = machine;
        _window.Clear();
        _raft = null;
        _dormant = false;
        ForgetLeader();
        _identity = _identity with
        {
            Cluster = accepted.Cluster,
            MemberId = accepted.MemberId,
            Offer = null,
            Dissolved = _identity.Cluster,
        };
        effects.Add(new ControlEffect.SaveTopology(accepted.Snapshot, Durable: true));
        effects.Add(new ControlEffect.SaveIdentity(_identity));
        effects.Add(new ControlEffect.Rebase(_identity.Node, accepted.Cluster, SwimSeeds()));
        BanRemoved(effects);
        effects.Add(new ControlEffect.Fence(false));
        Note(ControlEvent.Joined, $"cluster {accepted.Cluster} as member {accepted.MemberId}", effects);
        foreach (var meeting in _meetings.ToArray())
        {
            Advance(meeting, effects);
        }
    }

    private void AcceptRefusal(PeerIdentity from, ControlMessage.Declined declined, List<ControlEffect> effects)
    {
        if (_offer is not { Sent: true } offer || offer.Kept.Join != declined.Join)
        {
            return;
        }

        // Crossed: the other side comes to us. Moved: it is in another cluster by now. Either way the meeting goes on.
        var goesOn = (offer.Withdrawing && _now < offer.Deadline) || from.Cluster != offer.Kept.Cluster;
        _offer = null;
        _identity = _identity with { Offer = null };
        effects.Add(new ControlEffect.SaveIdentity(_identity));
        effects.Add(new ControlEffect.Fence(false));
        Note(ControlEvent.OfferWithdrawn, declined.Reason, effects);
        RefuseInvitation(offer, declined.Reason, effects);
        foreach (var meeting in _meetings.Where(m => m.Other.Node == offer.Kept.TargetId).ToArray())
        {
            if (goesOn)
            {
                // Not at once: offering again before the other side's offer comes would only cross it again.
                meeting.Other = meeting.Other with { Cluster = from.Cluster };
                meeting.NextTry = _now + MeetingPause;
            }
            else
            {
                End(meeting, new CommandResult.Refused($"ERR {offer.Kept.Target} refused: {declined.Reason}"));
            }
        }
    }

    private List<HostPort> SwimSeeds() =>
    [
        .. _machine.Topology.Nodes
            .Where(node => node.Id != _identity.Node)
            .Select(node => new HostPort(node.Endpoints.Host, node.Endpoints.SwimPort)),
    ];

    private void End(Meeting meeting, CommandResult result)
    {
        _meetings.Remove(meeting);
        Answer(meeting.Token, result);
    }

    /// <summary>A CLUSTER MEET that has not been answered yet.</summary>
    private sealed class Meeting(ulong token, MeetPeer other, RequestId invitation, TimeSpan deadline)
    {
        public ulong Token { get; } = token;

        public MeetPeer Other { get; set; } = other;

        public RequestId Invitation { get; } = invitation;

        public TimeSpan Deadline { get; } = deadline;

        public TimeSpan NextTry { get; set; }

        public bool HasKeysHere { get; set; }
    }

    /// <summary>This node's offer of itself, from the fence to the answer.</summary>
    private sealed class OpenOffer(Offer kept)
    {
        public Offer Kept { get; } = kept;

        public TimeSpan Deadline { get; init; }

        public TimeSpan NextSend { get; set; }

        public bool Sent { get; set; }

        public bool Withdrawing { get; set; }

        public (HostPort Address, RequestId Invitation)? InvitedBy { get; init; }
    }
}

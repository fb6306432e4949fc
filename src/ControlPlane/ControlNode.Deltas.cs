using Trefoil.Consensus;
using Trefoil.Primitives;
using Trefoil.Sharding;

namespace Trefoil.ControlPlane;

/// <summary>How members that keep no log stay current: pushed deltas, beacons, and pulls as the repair path.</summary>
public sealed partial class ControlNode
{
    private static readonly TimeSpan PullPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan ForgottenAfter = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan ForgottenRetry = TimeSpan.FromSeconds(1);

    private ulong _pushed;
    private ulong _beaconTerm;
    private IReadOnlyList<NodeId> _beaconVoters = [];
    private TimeSpan _nextBeacon;
    private TimeSpan _nextPull;
    private TimeSpan _heardLeader;
    private (Configuration? Configuration, IReadOnlyList<NodeRecord>? Nodes) _votersOf;
    private IReadOnlyList<NodeId> _voters = [];

    private void PushDeltas(List<ControlEffect> effects)
    {
        var version = _machine.Topology.Version;
        var from = _pushed;
        _pushed = version;
        if (!IsLeader || version <= from || _window.After(from) is not { Count: > 0 } entries)
        {
            return; // Whoever misses something sees it in the next beacon and pulls.
        }

        SendToObservers(entries[0].Index, entries, effects);
    }

    private void SendBeacons(List<ControlEffect> effects)
    {
        if (IsLeader && _now >= _nextBeacon)
        {
            _nextBeacon = _now + _config.Beacon;
            SendToObservers(_machine.Topology.Version + 1, [], effects);
        }
    }

    private void SendToObservers(ulong from, IReadOnlyList<Delta> entries, List<ControlEffect> effects)
    {
        ControlMessage? message = null;
        foreach (var node in _machine.Topology.Nodes)
        {
            if (node.Id != _identity.Node && !_raft!.Configuration.IsMember(node.MemberId) && IsAlive(node.Id))
            {
                message ??= new ControlMessage.Deltas(_identity.Node, _raft.Term, VoterNodes(), from, entries);
                Send(ControlAddress(node), message, effects);
            }
        }
    }

    private void ApplyDeltas(PeerIdentity from, ControlMessage.Deltas deltas, List<ControlEffect> effects)
    {
        if (deltas.Term >= _beaconTerm && !deltas.Leader.IsNone)
        {
            _beaconTerm = deltas.Term;
            _beaconVoters = deltas.Voters;
            _heardLeader = _now;
            NoticeBeacon(deltas, effects);
        }

        if (deltas.From > _machine.Topology.Version + 1)
        {
            Pull(from.Address, effects);
            return;
        }

        var cluster = _identity.Cluster;
        foreach (var entry in deltas.Entries)
        {
            ApplyEntry(entry.Index, entry.Command, effects);
            if (_identity.Cluster != cluster)
            {
                return; // That entry removed this node.
            }
        }
    }

    private void NoticeBeacon(ControlMessage.Deltas deltas, List<ControlEffect> effects)
    {
        // Only a beacon as new as our own configuration can know better: an older one is from before we voted, and a sole
        // voter that believed it would never wake again.
        var version = deltas.From + (ulong)deltas.Entries.Count - 1;
        if (_raft is { } raft && deltas.Term >= raft.Term && version >= raft.AppliedIndex
            && !deltas.Voters.Contains(_identity.Node))
        {
            _dormant = true;
        }

        if (_leaderHint != deltas.Leader)
        {
            _leaderHint = deltas.Leader;
            ResendProposals(effects);
        }
    }

    private void PullIfBehind(NodeId node, ulong version, List<ControlEffect> effects)
    {
        if (version > _machine.Topology.Version && !KeepsLog && _machine.Topology.Find(node) is { } source)
        {
            Pull(ControlAddress(source), effects);
        }
    }

    private void Pull(HostPort from, List<ControlEffect> effects)
    {
        if (_now >= _nextPull)
        {
            _nextPull = _now + PullPause;
            Send(from, new ControlMessage.Pull(_machine.Topology.Version), effects);
        }
    }

    /// <summary>A member that no leader speaks to asks anyone what has become of it: it may have been removed while away.</summary>
    private void PullWhenForgotten(List<ControlEffect> effects)
    {
        if (IsLone || IsLeader || (KeepsLog && _raft!.LeaderId != 0))
        {
            _heardLeader = _now;
        }
        else if (_now - _heardLeader >= ForgottenAfter)
        {
            _heardLeader = _now - ForgottenAfter + ForgottenRetry;
            var others = _machine.Topology.Nodes.Where(node => node.Id != _identity.Node).ToList();
            Pull(ControlAddress(others[_random.Below(others.Count)]), effects);
        }
    }

    private void AnswerPull(PeerIdentity from, ulong version, List<ControlEffect> effects)
    {
        var topology = _machine.Topology;
        if (topology.Find(from.Node) is null)
        {
            Send(from.Address, new ControlMessage.Expelled(from.Node, topology.Version), effects);
        }
        else if (version < topology.Version)
        {
            // The leader field is none: only the leader itself may claim to lead, and it says so in beacons.
            Send(
                from.Address,
                _window.After(version) is { } entries
                    ? new ControlMessage.Deltas(IsLeader ? _identity.Node : NodeId.None, _raft?.Term ?? 0, VoterNodes(), version + 1, entries)
                    : new ControlMessage.Full(_machine.Snapshot()),
                effects);
        }
    }

    private void InstallFull(byte[] snapshot, List<ControlEffect> effects)
    {
        var machine = new TopologyMachine();
        if (!machine.TryRestore(snapshot)
            || machine.Topology.ClusterId != _identity.Cluster
            || machine.Topology.Version <= _machine.Topology.Version)
        {
            return;
        }

        var before = _machine.Topology;
        _machine = machine;
        _window.Clear();
        AnswerApplied(effects);
        FollowReplacement(before, effects);
    }

    private void AcceptExpulsion(ControlMessage.Expelled expelled, List<ControlEffect> effects)
    {
        // A peer that is behind us may simply not know of our join yet.
        if (expelled.Node == _identity.Node && expelled.Version >= _machine.Topology.Version && _machine.Topology.Nodes.Count > 1)
        {
            BecomeLone(_reset?.Hard ?? false, "removed from the cluster while away", effects);
        }
    }

    private void TellRemoved(Topology before, NodeId gone, List<ControlEffect> effects)
    {
        if (IsLeader && before.Find(gone) is { } node)
        {
            Send(ControlAddress(node), new ControlMessage.Expelled(gone, _machine.Topology.Version), effects);
        }
    }

    /// <summary>True for a voter or learner, whose topology comes through Raft.</summary>
    private bool KeepsLog => _raft is { } raft && !_dormant && raft.Configuration.IsMember(_identity.MemberId);

    private NodeId LeaderNode()
    {
        if (_raft is { } raft && !_dormant && raft.LeaderId != 0 && NodeOf(raft.LeaderId) is { IsNone: false } known)
        {
            return known;
        }

        return KeepsLog ? NodeId.None : _leaderHint;
    }

    /// <summary>Asked for after every round: made anew only when the configuration or the members have changed.</summary>
    private IReadOnlyList<NodeId> VoterNodes()
    {
        if (!KeepsLog)
        {
            return _beaconVoters;
        }

        var (configuration, nodes) = (_raft!.Configuration, _machine.Topology.Nodes);
        if (!ReferenceEquals(configuration, _votersOf.Configuration) || !ReferenceEquals(nodes, _votersOf.Nodes))
        {
            _votersOf = (configuration, nodes);
            _voters = [.. configuration.Incoming.Select(NodeOf).Where(id => !id.IsNone)];
        }

        return _voters;
    }

    private NodeId NodeOf(ulong member)
    {
        foreach (var node in _machine.Topology.Nodes)
        {
            if (node.MemberId == member)
            {
                return node.Id;
            }
        }

        return NodeId.None;
    }

    private string RoleName() => _raft is null || _dormant ? "observer" : _raft.Role switch
    {
        Role.Leader => "leader",
        Role.Candidate or Role.PreCandidate => "candidate",
        _ => _raft.Configuration.IsVoter(_raft.Id) ? "follower" : "learner",
    };

    /// <summary>A node that came back under other addresses tells the cluster once it is a member that can.</summary>
    private void AnnounceOwnEndpoints(List<ControlEffect> effects)
    {
        if (_offer is null
            && _machine.Topology.Find(_identity.Node) is { } self
            && (self.Endpoints != _endpoints || self.Zone != _zone)
            && !_pending.Exists(p => p.Command is TopologyCommand.UpdateNode))
        {
            var command = new TopologyCommand.UpdateNode(NextRequest(), _identity.Node, _endpoints, _zone);
            Start(new Pending(command, Timeout(command)) { Then = static (_, _) => { } }, effects);
        }
    }
}

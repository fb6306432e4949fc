using Trefoil.Consensus;
using Trefoil.Primitives;
using Trefoil.Sharding;
using Trefoil.Storage;

namespace Trefoil.ControlPlane;

/// <summary>What a control node finds on disk when it starts.</summary>
/// <param name="Identity">The identity file, its boot epoch already raised for this start.</param>
/// <param name="Log">The log of the identity's cluster; null when this node never kept one.</param>
/// <param name="SavedTopology">The last topology this node kept a copy of; may be older than the log, or absent.</param>
public sealed record ControlRestore(Identity Identity, RaftRecovery? Log, byte[]? SavedTopology);

/// <summary>One node's part in the control plane: Raft and the topology machine, joining and leaving, deltas and pulls.</summary>
/// <remarks>
/// <para>A pure, synchronous core with one owner. <see cref="Handle"/> takes inputs, <see cref="Tick"/> lets time pass and
/// settles what the inputs have caused; both append effects that must be performed in list order, because a
/// <see cref="ControlEffect.Persist"/> stands before whatever may only happen once it is durable. Call Tick after each
/// batch of inputs: the batch becomes one group commit.</para>
/// <para>The flow of a topology change, top to bottom: <c>Propose</c> (here or from a peer) → leader's log → Ready: send,
/// persist, send → committed → <c>ApplyEntry</c> → deltas to non-voters → <c>Publish</c> → <c>Answer</c>. A proposer is
/// answered when <i>its own</i> machine has applied its request, so OK means that this node shows it
/// (correctness.md, 5). Entries reach a machine through Raft or as deltas; both are the same committed sequence, so the
/// version decides and the later copy is ignored.</para>
/// </remarks>
public sealed partial class ControlNode
{
    private readonly ControlConfig _config;
    private readonly Prng _random;
    private readonly NodeEndpoints _endpoints;
    private readonly string _zone;
    private readonly SortedDictionary<NodeId, HealthRecord> _health = [];
    private readonly DeltaWindow _window;
    private Identity _identity;
    private TopologyMachine _machine = new();
    private RaftNode? _raft;
    private TimeSpan _now;
    private TimeSpan _nextHousekeeping;
    private Topology? _published;
    private ulong _gossiped;
    private TimeSpan _nextSave;
    private ulong _savedVersion;
    private uint _sequence;
    private bool _wasLeader;
    private bool _started;
    private long _elections;

    /// <summary>Restores a node. Nothing is sent before the first <see cref="Tick"/>.</summary>
    public ControlNode(
        ControlConfig config, ControlRestore restore, NodeEndpoints endpoints, string zone, Prng random, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(restore);
        _config = config;
        _identity = restore.Identity;
        _endpoints = endpoints;
        _zone = zone;
        _random = random;
        _now = now;
        _window = new DeltaWindow(config.KeepEntries);
        RestoreOffer();
        RestoreTopology(restore);
        if (restore.Log is { } log && !_identity.Cluster.IsNone)
        {
            _raft = new RaftNode(RaftConfigOf(_identity.MemberId), ToRaftRestore(log), _random.Fork(), now);
        }
    }

    /// <summary>The topology this node shows.</summary>
    public Topology Topology => _machine.Topology;

    /// <summary>Who this node is.</summary>
    public Identity Identity => _identity;

    /// <summary>True while this node is offered to another cluster and must refuse every write.</summary>
    public bool IsOffered => _offer is not null;

    /// <summary>Where Raft stands here, for oracles; null for a member that keeps no log.</summary>
    public RaftNode? Raft => _raft;

    /// <summary>When <see cref="Tick"/> next has something to do.</summary>
    public TimeSpan Deadline =>
        _raft is { } raft && !_dormant && raft.Deadline < _nextHousekeeping ? raft.Deadline : _nextHousekeeping;

    private bool IsLeader => _raft is { Role: Role.Leader };

    /// <summary>Alone in its cluster, or in none yet.</summary>
    private bool IsLone => _machine.Topology.Nodes.Count <= 1;

    /// <summary>Takes one input.</summary>
    public void Handle(TimeSpan now, ControlInput input, List<ControlEffect> effects)
    {
        _now = now;
        switch (input)
        {
            case ControlInput.Peer peer:
                HandlePeer(peer.From, peer.Message, effects);
                break;
            case ControlInput.Propose propose:
                ProposeLocally(propose, effects);
                break;
            case ControlInput.Meet meet:
                StartMeeting(meet, effects);
                break;
            case ControlInput.Reset reset:
                StartReset(reset, effects);
                break;
            case ControlInput.Fenced fenced:
                ContinueOffer(fenced.Keys, effects);
                break;
            case ControlInput.Health health:
                _health[health.Node] = new HealthRecord(health.State, now);
                break;
            case ControlInput.VersionSeen seen:
                PullIfBehind(seen.Node, seen.Version, effects);
                break;
            case ControlInput.LogFenced fenced:
                TakeFence(fenced, effects);
                break;
            case ControlInput.EpochDeclined declined when declined.Cluster == _identity.Cluster && declined.Epoch == _toldFor:
                _toldFor = 0; // The next question for a lease says so.
                break;
            case ControlInput.Unreachable gone:
                ReportUnreachable(gone.Address);
                break;
        }
    }

    /// <summary>Lets time pass to <paramref name="now"/> and settles everything that the inputs since the last call caused.</summary>
    public void Tick(TimeSpan now, List<ControlEffect> effects)
    {
        _now = now;
        if (_identity.Cluster.IsNone && _offer is null && _config.Bootstrap)
        {
            Found(ClusterId.Draw(_random), effects);
        }

        if (!_started)
        {
            _started = true;
            Settle(effects); // What was committed before the restart comes first: a sole voter is due at once.
            BanRemoved(effects);
        }

        if (!_dormant)
        {
            _raft?.Tick(now);
        }

        Settle(effects);
        if (now >= _nextHousekeeping)
        {
            _nextHousekeeping = now + _config.Housekeeping;
            Housekeep(effects);
            Settle(effects);
        }
    }

    /// <summary>Where this node stands.</summary>
    public ControlStatus Status() => new(
        RoleName(), _raft?.Term ?? _beaconTerm, LeaderNode(), VoterNodes(), _raft?.CommitIndex ?? _machine.Topology.Version,
        _machine.Topology.Version, _elections);

    private void HandlePeer(PeerIdentity from, ControlMessage message, List<ControlEffect> effects)
    {
        if (HandleJoining(from, message, effects))
        {
            return;
        }

        if (from.Cluster != _identity.Cluster || _identity.Cluster.IsNone)
        {
            // Another cluster's packet, or ours from before a join: only joining crosses clusters. But whoever was left behind
            // in the cluster that this node was in before may know nobody else to ask what became of it.
            if (message is ControlMessage.Pull pull && _former is { } former
                && former.Topology.ClusterId == from.Cluster && former.Topology.Version > pull.Version)
            {
                effects.Add(new ControlEffect.Send(from.Address, from.Cluster, new ControlMessage.Full(former.Snapshot())));
            }

            return;
        }

        if (message is ControlMessage.Raft or ControlMessage.Propose && _machine.Topology.Find(from.Node) is null)
        {
            // Removed while it was away, and SWIM's ban keeps it from hearing so; or we have not heard of its join yet,
            // which the version tells it.
            Send(from.Address, new ControlMessage.Expelled(from.Node, _machine.Topology.Version), effects);
            if (message is ControlMessage.Propose)
            {
                return;
            }
        }

        switch (message)
        {
            case ControlMessage.Raft raft:
                StepRaft(from, raft.Message, effects);
                break;
            case ControlMessage.Propose propose:
                ProposeForPeer(from, propose, effects);
                break;
            case ControlMessage.NotLeader other:
                FollowHint(other, effects);
                break;
            case ControlMessage.Deltas deltas:
                ApplyDeltas(from, deltas, effects);
                break;
            case ControlMessage.Pull pull:
                AnswerPull(from, pull.Version, effects);
                break;
            case ControlMessage.Full full:
                InstallFull(full.Snapshot, effects);
                break;
            case ControlMessage.Expelled expelled:
                AcceptExpulsion(expelled, effects);
                break;
            case ControlMessage.LeaseRequest request:
                TakeLeaseRequest(from, request, effects);
                break;
            case ControlMessage.LeaseGrant grant:
                TakeLease(grant, effects);
                break;
            case ControlMessage.ShardPosition told:
                TakePosition(from.Node, told);
                break;
        }
    }

    /// <summary>Raft first, since its commits are what the rest reports; then outward: deltas, the new topology, answers.</summary>
    private void Settle(List<ControlEffect> effects)
    {
        DrainRaft(effects);
        DecideElections(effects);
        AskForLease(effects);
        StartLeaseRound();
        DrainRaft(effects);
        GrantLeases(effects);
        PushDeltas(effects);
        if (!ReferenceEquals(_published, _machine.Topology))
        {
            RememberVictory(effects);
            _published = _machine.Topology;
            effects.Add(new ControlEffect.Publish(_published));
        }

        effects.AddRange(_answers);
        _answers.Clear();
    }

    private void Housekeep(List<ControlEffect> effects)
    {
        RetryProposals(effects);
        RetryJoining(effects);
        SendBeacons(effects);
        PullWhenForgotten(effects);
        ControlVoters(effects);
        ReplaceSilentPrimaries(effects);
        FollowShard(effects);
        MigrateReplicas(effects);
        ProposeSettings(effects);
        AnnounceOwnEndpoints(effects);
        CompactLog(effects);
        var version = _machine.Topology.Version;
        if (version != _gossiped)
        {
            _gossiped = version;
            effects.Add(new ControlEffect.GossipVersion(version));
        }

        if (version != _savedVersion && _now >= _nextSave)
        {
            _savedVersion = version;
            _nextSave = _now + TimeSpan.FromSeconds(1);
            effects.Add(new ControlEffect.SaveTopology(_machine.Snapshot(), Durable: false));
        }
    }

    private RequestId NextRequest() => new(_identity.Node, ((ulong)_identity.BootEpoch << 32) | ++_sequence);

    private void Send(HostPort to, ControlMessage message, List<ControlEffect> effects) =>
        effects.Add(new ControlEffect.Send(to, _identity.Cluster, message));

    private static void Note(ControlEvent what, string detail, List<ControlEffect> effects) =>
        effects.Add(new ControlEffect.Note(what, detail));

    private static HostPort ControlAddress(NodeRecord node) => new(node.Endpoints.Host, node.Endpoints.RpcPort);

    private bool IsAlive(NodeId node) =>
        node == _identity.Node || !_health.TryGetValue(node, out var health) || health.State is PeerHealth.Alive or PeerHealth.Unknown;

    private readonly record struct HealthRecord(PeerHealth State, TimeSpan Since);
}

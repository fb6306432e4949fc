using Trefoil.Primitives;
using Trefoil.Sharding;

namespace Trefoil.Replication;

/// <summary>One node's part in its shard: ships its log as primary, follows another's as replica, and knows when neither is right.</summary>
/// <remarks>
/// <para>A pure, synchronous core with one owner. <see cref="Handle"/> takes inputs, <see cref="Tick"/> lets time pass and settles
/// what the inputs have caused; both append effects to be performed in list order. Call Tick after each batch of inputs: the batch
/// becomes one commit and one acknowledgement. <c>now</c> is the time since start and never goes backwards.</para>
/// <para>The topology drives everything: a view (<see cref="ReplicaInput.ShardChanged"/>) makes this node primary, replica or fenced.
/// The log is called directly, since what may be said next depends on what it holds.</para>
/// </remarks>
public sealed partial class ReplicaNode
{
    private readonly ReplicationConfig _config;
    private readonly IReplicatedLog _log;
    private readonly ByteWriter _writer = new(4096);
    private TimeSpan _now;
    private TimeSpan _nextHousekeeping;
    private AckKind _ack;
    private ClusterId _cluster;
    private ShardView? _view;
    private ReplicationMode _wanted;
    private ulong _version;
    private bool _started;
    private ulong _floor;
    private ulong _electionSeen;
    private bool _fenced;
    private uint _counter;
    private ulong _dropped;
    private long _malformed;

    /// <summary>Starts as a follower of nobody: whatever it was before, the first view says what it is now.</summary>
    public ReplicaNode(NodeId self, ReplicationConfig config, IReplicatedLog log, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(log);
        (Self, _config, _log, _now) = (self, config, log, now);
        _ack = config.Ack;
        _log.Follow();
    }

    /// <summary>Who this is.</summary>
    public NodeId Self { get; }

    /// <summary>When <see cref="Tick"/> next has something to do.</summary>
    public TimeSpan Deadline =>
        _view is null ? TimeSpan.MaxValue
        : _lead?.HandOver is { Proposed: false } going && going.StableSince + _config.HandOverSettle < _nextHousekeeping
            ? Later(going.StableSince + _config.HandOverSettle, _now + TimeSpan.FromMilliseconds(1))
        : _nextHousekeeping;

    /// <summary>Takes one input. Call <see cref="Tick"/> after each batch of them.</summary>
    public void Handle(TimeSpan now, ReplicaInput input, List<ReplicaEffect> effects)
    {
        ArgumentNullException.ThrowIfNull(effects);
        _now = Later(now, _now);
        switch (input)
        {
            case ReplicaInput.ShardChanged changed:
                ChangeView(changed, effects);
                break;
            case ReplicaInput.Peer peer:
                HandlePeer(peer.From, peer.Message, effects);
                break;
            case ReplicaInput.SnapshotMade made:
                TakeSnapshot(made, effects);
                break;
            case ReplicaInput.Installed installed:
                FinishInstall(installed, effects);
                break;
            case ReplicaInput.Unreachable gone:
                ReportUnreachable(gone.Node);
                break;
            case ReplicaInput.ProposalRefused refused:
                TakeRefusal(refused, effects);
                break;
            case ReplicaInput.HandOverAsked asked:
                AskHandOver(asked, effects);
                break;
            case ReplicaInput.Settings settings:
                _ack = settings.Ack;
                break;
        }
    }

    /// <summary>Lets time pass to <paramref name="now"/> and settles everything that the inputs since the last call caused.</summary>
    public void Tick(TimeSpan now, List<ReplicaEffect> effects)
    {
        ArgumentNullException.ThrowIfNull(effects);
        _now = Later(now, _now);
        var due = _now >= _nextHousekeeping;
        if (due)
        {
            _nextHousekeeping = _now + _config.Housekeeping;
        }

        if (_view is { IsElecting: true })
        {
            _fenced = _installing is null && _log.MakeDurable();
        }

        if (_lead is { } lead)
        {
            SettleLeading(lead, due, effects);
        }

        if (_follow is { } follow)
        {
            SettleFollowing(follow, due, effects);
        }

        if (due)
        {
            RetryAsking(effects);
        }
    }

    private void HandlePeer(NodeId from, ReplicaMessage message, List<ReplicaEffect> effects)
    {
        if (_view is not { } view || from == Self)
        {
            return;
        }

        if (message.Epoch < view.Epoch && message is ReplicaMessage.Records or ReplicaMessage.Heartbeat or ReplicaMessage.SnapshotPart)
        {
            effects.Add(new ReplicaEffect.Send(from, new ReplicaMessage.Refused(view.Epoch)));
            return;
        }

        if (message is ReplicaMessage.HandOverRequest request)
        {
            AnswerRequest(from, request, effects);
            return;
        }

        if (_lead is { } lead && lead.Find(from) is { } follower)
        {
            HandleFollower(lead, follower, message, effects);
        }
        else if (_follow is { } follow && from == follow.Primary && message.Epoch == follow.Epoch)
        {
            HandlePrimary(follow, message, effects);
        }
    }

    /// <summary>What this node is from now on. The log is brought to rest first, so that a position read afterwards stays true.</summary>
    private void ChangeView(ReplicaInput.ShardChanged changed, List<ReplicaEffect> effects)
    {
        var other = !_started || changed.Cluster != _cluster;
        if (!other && changed.Version < _version)
        {
            return;
        }

        CommitReceived();
        if (other)
        {
            Depose("the node is in another cluster", effects);
            StopFollowing();
        }

        var before = other ? null : _view;
        (_cluster, _view, _wanted, _version) = (changed.Cluster, changed.Shard, changed.Wanted, changed.Version);
        if (other)
        {
            // An epoch known at the start may have been begun by an earlier process, and part of it lost with the power. Not one that
            // still elects: a winner's topology is durable before it begins, and its log was when it told its position.
            _floor = _view is null ? 0 : _view.IsElecting ? _view.Epoch - 1 : _view.Epoch;
            (_started, _electionSeen) = (true, 0);
        }

        if (_view is not { IsElecting: false } view)
        {
            _electionSeen = _view?.Epoch ?? _electionSeen;
            Depose(_view is null ? "the node is in no shard" : $"election {_view.Epoch} has begun", effects);
            StopFollowing();
            if (_view is not null && before?.Epoch != _view.Epoch)
            {
                Note(ReplicaEvent.Fenced, $"epoch {_view.Epoch}", effects);
            }
        }
        else if (view.Primary == Self)
        {
            StopFollowing();
            Lead(view, before, effects);
        }
        else
        {
            Depose($"{view.Primary} is the primary of epoch {view.Epoch}", effects);
            Follow(view, effects);
        }

        _fenced = false;
        ConcludeHandOver(effects);
        _nextHousekeeping = _now;
    }

    /// <summary>
    /// An epoch is begun by the process that was elected, once: the position on which it was chosen must be this process's, and a second
    /// beginning would give one epoch two contents.
    /// </summary>
    private bool MayBegin(ShardView view) =>
        view.Epoch > _floor && _electionSeen == view.Epoch && _installing is null && _log.ConsistentLsn <= _log.LastLsn;

    private ulong NextNumber() => ((ulong)_config.Incarnation << 32) | ++_counter;

    private static TimeSpan Later(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private static void Note(ReplicaEvent what, string detail, List<ReplicaEffect> effects) =>
        effects.Add(new ReplicaEffect.Note(what, detail));
}

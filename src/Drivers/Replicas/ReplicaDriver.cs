using Trefoil.ControlPlane;
using Trefoil.Drivers.Peers;
using Trefoil.Primitives;
using Trefoil.Replication;
using Trefoil.Sharding;
using Trefoil.Wire.Peer;

namespace Trefoil.Drivers.Replicas;

/// <summary>The thread that owns a <see cref="ReplicaNode"/>: one bounded inbox, the newest topology, one loop, effects performed in order.</summary>
public sealed class ReplicaDriver : IDisposable
{
    /// <summary>Messages that may wait; more are dropped, and said again by their senders. With 256 KiB in each this bounds what a peer can pile up.</summary>
    private const int MaxInbox = 1024;

    private static readonly TimeSpan TellAgain = TimeSpan.FromMilliseconds(500);

    private readonly string _clusterName;
    private readonly HostPort _self;
    private readonly IReplicatedLog _log;
    private readonly PeerTransport _transport;
    private readonly ReplicaCallbacks _callbacks;
    private readonly Func<NodeId, IReplicatedLog, TimeSpan, ReplicaNode> _create;
    private readonly TimeProvider _time;
    private readonly long _start;
    private readonly Thread _thread;
    private readonly Inbox<ReplicaInput> _inbox = new(MaxInbox);
    private readonly Lock _lock = new();
    private readonly Dictionary<ulong, TaskCompletionSource<string?>> _asking = [];
    private readonly List<ReplicaEffect> _effects = [];
    private ReplicaNode _node;
    private volatile Place _place;
    private readonly Topology _first;
    private Topology? _seen;
    private ReplicaInput.ShardChanged? _view;
    private (ulong Epoch, LogPosition Position, TimeSpan At) _told;
    private ulong _nextToken;
    private volatile bool _grown;
    private volatile ReplicaStatus _status = new();

    /// <summary>Builds the driver; <see cref="Start"/> lets it run.</summary>
    /// <param name="create">Makes the core for this node's id; again when a hard reset gives it another.</param>
    /// <param name="log">What is shipped, or filled; touched by this driver's thread only.</param>
    /// <param name="transport">Sends; its <see cref="PeerTransport.ReplicaReceived"/> must call <see cref="Take"/>.</param>
    /// <param name="clusterName">For the envelope.</param>
    /// <param name="self">Where peers reach this node.</param>
    /// <param name="first">The topology that the node knew when it started: an epoch that began before then is never begun again.</param>
    /// <param name="selfId">This node.</param>
    /// <param name="callbacks">Where everything else goes.</param>
    /// <param name="time">The monotonic clock.</param>
    public ReplicaDriver(
        Func<NodeId, IReplicatedLog, TimeSpan, ReplicaNode> create, IReplicatedLog log, PeerTransport transport, string clusterName, HostPort self,
        Topology first, NodeId selfId, ReplicaCallbacks callbacks, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(create);
        ArgumentNullException.ThrowIfNull(time);
        (_create, _log, _transport, _clusterName, _self, _callbacks, _time) = (create, log, transport, clusterName, self, callbacks, time);
        (_first, _place) = (first, new Place(first, selfId));
        _start = time.GetTimestamp();
        _node = create(selfId, log, TimeSpan.Zero);
        _thread = new Thread(Run) { IsBackground = true, Name = "replica", Priority = ThreadPriority.AboveNormal };
    }

    /// <summary>Where this node stands, as of the last round.</summary>
    public ReplicaStatus Status => _status;

    /// <summary>The driver's clock: what the times in <see cref="Status"/> are counted by.</summary>
    public TimeSpan Now => _time.GetElapsedTime(_start);

    /// <summary>Starts the loop.</summary>
    public void Start() => _thread.Start();

    /// <summary>This is the topology now, and this node's id in it. From any thread; only the newest is looked at.</summary>
    public void Follow(Topology topology, NodeId self)
    {
        _place = new Place(topology, self);
        _inbox.Ring();
    }

    /// <summary>The log has grown, or more of it is durable. From any thread.</summary>
    public void LogGrew()
    {
        if (!_grown)
        {
            _grown = true;
            _inbox.Ring();
        }
    }

    /// <summary>A transport thread: a peer said something. Dropped when too much waits, and unless it is a member of our cluster.</summary>
    public void Take(PeerIdentity from, ReplicaMessage message)
    {
        var topology = _place.Topology;
        if (topology.ClusterId == from.Cluster && topology.Find(from.Node) is not null)
        {
            Post(new ReplicaInput.Peer(from.Node, message));
        }
    }

    /// <summary>Hands over an input from any thread; false, and the input dropped, when the inbox is full.</summary>
    public bool Post(ReplicaInput input) => _inbox.Post(input, mayDrop: input is ReplicaInput.Peer);

    /// <summary>A connection to this address failed.</summary>
    public void ReportUnreachable(HostPort address)
    {
        foreach (var node in _place.Topology.Nodes)
        {
            if (AddressOf(node) == address)
            {
                Post(new ReplicaInput.Unreachable(node.Id));
            }
        }
    }

    /// <summary>CLUSTER FAILOVER: null once the topology shows <paramref name="to"/> as primary, else why not.</summary>
    public Task<string?> HandOver(NodeId to)
    {
        var answer = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        ulong token;
        lock (_lock)
        {
            token = ++_nextToken;
            _asking.Add(token, answer);
        }

        if (!Post(new ReplicaInput.HandOverAsked(token, to)))
        {
            Answer(token, "ERR The node is shutting down");
        }

        return answer.Task;
    }

    /// <summary>Stops the loop and waits for it.</summary>
    public void Dispose()
    {
        _inbox.Stop();
        if (_thread.IsAlive)
        {
            _thread.Join(TimeSpan.FromSeconds(5));
        }

        foreach (var token in _asking.Keys.ToArray())
        {
            Answer(token, "ERR The node is shutting down");
        }
    }

    private static HostPort AddressOf(NodeRecord node) => new(node.Endpoints.Host, node.Endpoints.RpcPort);

    private void Run()
    {
        var batch = new List<ReplicaInput>();
        try
        {
            // Whatever has been agreed on since the start comes second: the core must know what it was before.
            LookAt(_first, _node.Self);
            while (_inbox.Take(batch, Patience()))
            {
                var (topology, self) = _place;
                if (!ReferenceEquals(topology, _seen) || self != _node.Self)
                {
                    LookAt(topology, self);
                }

                foreach (var input in batch)
                {
                    _node.Handle(Now, input, _effects);
                    Perform();
                }

                if (_grown)
                {
                    _grown = false;
                    _node.Handle(Now, new ReplicaInput.Appended(), _effects);
                    Perform();
                }

                _node.Tick(Now, _effects);
                Perform();
                _status = _node.Status();
                _callbacks.Reported(_status, Now);
                TellPosition();
            }
        }
        catch (IOException failure)
        {
            _callbacks.Fatal(failure.Message);
        }
    }

    private TimeSpan Patience() => !ReferenceEquals(_place.Topology, _seen) ? TimeSpan.Zero
        : _node.Deadline == TimeSpan.MaxValue ? TellAgain : _node.Deadline - Now;

    /// <summary>Tells the core when its place in the topology is another; not of each of the thousands of moved slots.</summary>
    private void LookAt(Topology topology, NodeId self)
    {
        _seen = topology;
        if (self != _node.Self)
        {
            _callbacks.Deposed();
            _node = _create(self, _log, Now);
            _view = null;
        }

        var shard = topology.ShardOf(self);
        var view = shard is null ? null : new ShardView(
            shard.Id, shard.Primary, shard.Epoch, shard.IsElecting, shard.ConfigVersion, shard.ReplicaSet, shard.Mode,
            [.. topology.MembersOf(shard).Select(member => member.Id)]);
        var changed = new ReplicaInput.ShardChanged(topology.ClusterId, view, topology.WantedMode, topology.Version);
        if (_view is { } before && before.Cluster == changed.Cluster && before.Wanted == changed.Wanted && Same(before.Shard, view))
        {
            return;
        }

        _view = changed;
        _callbacks.Viewed(view);
        var ack = topology.SettingOf("replication_ack") == "durable" ? AckKind.Durable : AckKind.Received;
        _node.Handle(Now, new ReplicaInput.Settings(ack), _effects);
        _node.Handle(Now, changed, _effects);
        Perform();
    }

    private static bool Same(ShardView? one, ShardView? other) => one is null || other is null
        ? ReferenceEquals(one, other)
        : one with { ReplicaSet = other.ReplicaSet, Members = other.Members } == other
            && one.ReplicaSet.SequenceEqual(other.ReplicaSet) && one.Members.SequenceEqual(other.Members);

    /// <summary>Fenced: tells the control plane where the log ends, again while the election lasts, since what an install is doing changes it.</summary>
    private void TellPosition()
    {
        if (_view is { Shard: { IsElecting: false } led } && led.Primary == _node.Self && _status.Epoch == led.Epoch && !_status.Begun)
        {
            if (_told.Epoch != led.Epoch || Now - _told.At >= TellAgain)
            {
                _told = (led.Epoch, default, Now);
                _callbacks.Control(new ControlInput.EpochDeclined(_view.Cluster, led.Epoch));
            }

            return;
        }

        if (_view is not { Shard: { IsElecting: true } shard, Cluster: var cluster } || !_status.Fenced)
        {
            return;
        }

        var position = new LogPosition(_status.LastEpoch, _status.LastLsn, _status.Consistent);
        if (_told.Epoch != shard.Epoch || _told.Position != position || Now - _told.At >= TellAgain)
        {
            _told = (shard.Epoch, position, Now);
            _callbacks.Control(new ControlInput.LogFenced(cluster, shard.Epoch, position));
        }
    }

    private void Perform()
    {
        foreach (var effect in _effects)
        {
            Perform(effect);
        }

        _effects.Clear();
    }

    private void Perform(ReplicaEffect effect)
    {
        switch (effect)
        {
            case ReplicaEffect.Send send:
                if (_seen!.Find(send.To) is { } node)
                {
                    _transport.Send(AddressOf(node), new PeerEnvelope(_clusterName, _seen.ClusterId, _node.Self, _self), send.Message);
                }

                break;
            case ReplicaEffect.Acked acked:
                _callbacks.Acked(acked.Lsn);
                break;
            case ReplicaEffect.Serve { On: true } serve:
                _callbacks.Opened(serve.Epoch);
                break;
            case ReplicaEffect.Serve:
                _callbacks.Closed();
                break;
            case ReplicaEffect.PauseForHandOver:
                _callbacks.Paused();
                break;
            case ReplicaEffect.ResumeAfterHandOver:
                _callbacks.Opened(_view!.Shard!.Epoch);
                break;
            case ReplicaEffect.Deposed:
                _callbacks.Deposed();
                break;
            case ReplicaEffect.Propose propose:
                var id = _view!.Shard!.Id;
                Propose(propose.Token, request => new TopologyCommand.ChangeReplicaSet(request, id, propose.ConfigVersion, propose.Set, propose.Mode));
                break;
            case ReplicaEffect.ProposeHandOver over:
                id = _view!.Shard!.Id;
                Propose(over.Token, request => new TopologyCommand.BeginElection(request, id, over.Epoch, over.To, IsForced: false));
                break;
            case ReplicaEffect.HandOverDone done:
                Answer(done.Token, done.Error);
                break;
            case ReplicaEffect.Dropped dropped:
                _callbacks.Note(ReplicaEvent.Dropped, $"{dropped.Records} records that were never acknowledged");
                break;
            case ReplicaEffect.Note note:
                _callbacks.Note(note.Event, note.Detail);
                break;
            case ReplicaEffect.Fatal fatal:
                _callbacks.Fatal(fatal.Reason);
                break;
        }
    }

    /// <summary>Only a refusal that is certain is passed on: of an unknown outcome the topology tells.</summary>
    private void Propose(ulong token, Func<RequestId, TopologyCommand> build) => _callbacks.Propose(build).ContinueWith(
        outcome =>
        {
            if (outcome is { IsCompletedSuccessfully: true, Result: CommandResult.Refused { Error: not Refusals.OutcomeUnknown } refused })
            {
                Post(new ReplicaInput.ProposalRefused(token, refused.Error));
            }
        },
        CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

    private void Answer(ulong token, string? error)
    {
        TaskCompletionSource<string?>? waiting;
        lock (_lock)
        {
            _asking.Remove(token, out waiting);
        }

        waiting?.TrySetResult(error);
    }

    private sealed record Place(Topology Topology, NodeId Self);
}

using System.Globalization;
using Trefoil.ControlPlane;
using Trefoil.Drivers.Peers;
using Trefoil.Migration;
using Trefoil.Primitives;
using Trefoil.Replication;
using Trefoil.Sharding;
using Trefoil.Wire.Peer;

namespace Trefoil.Drivers.Migrations;

/// <summary>The thread that owns a <see cref="MigrationNode"/>. It sleeps while no migration concerns this node.</summary>
/// <remarks>A thread of its own and not replication's: copying slots is bulk work, and acknowledgements may not wait for it.</remarks>
public sealed class MigrationDriver : IDisposable
{
    /// <summary>The setting that limits how fast each node copies slots, in bytes per second; absent or 0: no limit.</summary>
    public const string RateSetting = "migration_rate";

    /// <summary>Messages that may wait; more are dropped, and said again by their senders.</summary>
    private const int MaxInbox = 1024;

    private readonly string _clusterName;
    private readonly HostPort _self;
    private readonly PeerTransport _transport;
    private readonly MigrationCallbacks _callbacks;
    private readonly Func<NodeId, TimeSpan, MigrationNode> _create;
    private readonly TimeProvider _time;
    private readonly long _start;
    private readonly Thread _thread;
    private readonly Inbox<MigrationInput> _inbox = new(MaxInbox);
    private readonly List<MigrationEffect> _effects = [];
    private MigrationNode _node;
    private volatile Place _place;
    private volatile Standing _standing = new(0, 0);
    private volatile bool _grown;
    private volatile bool _busy;
    private Place? _seen;
    private Standing _told = new(0, 0);

    /// <summary>Builds the driver; <see cref="Start"/> lets it run.</summary>
    /// <param name="create">Makes the core for this node's id; again when a hard reset gives it another.</param>
    /// <param name="transport">Sends; its <see cref="PeerTransport.MigrationReceived"/> must call <see cref="Take"/>.</param>
    /// <param name="clusterName">For the envelope.</param>
    /// <param name="self">Where peers reach this node.</param>
    /// <param name="topology">As the node shows it now.</param>
    /// <param name="selfId">This node.</param>
    /// <param name="callbacks">Where everything else goes.</param>
    /// <param name="time">The monotonic clock, and the wall clock of proposals.</param>
    public MigrationDriver(
        Func<NodeId, TimeSpan, MigrationNode> create, PeerTransport transport, string clusterName, HostPort self,
        Topology topology, NodeId selfId, MigrationCallbacks callbacks, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(create);
        ArgumentNullException.ThrowIfNull(time);
        (_create, _transport, _clusterName, _self, _callbacks, _time) = (create, transport, clusterName, self, callbacks, time);
        _place = new Place(topology, selfId);
        _start = time.GetTimestamp();
        _node = create(selfId, TimeSpan.Zero);
        _thread = new Thread(Run) { IsBackground = true, Name = "migration" };
    }

    /// <summary>The driver's clock: what the times in a status are counted by.</summary>
    public TimeSpan Now => _time.GetElapsedTime(_start);

    /// <summary>Starts the loop.</summary>
    public void Start() => _thread.Start();

    /// <summary>
    /// This is the topology now, and this node's id in it. From any thread, and only once commands find it, too (<see cref="MigrationInput.TopologyChanged"/>).
    /// A change that concerns no migration wakes nobody.
    /// </summary>
    public void Follow(Topology topology, NodeId self)
    {
        ArgumentNullException.ThrowIfNull(topology);
        var before = _place;
        _place = new Place(topology, self);
        if (before.Self != self || before.Topology.ClusterId != topology.ClusterId || !ReferenceEquals(before.Topology.Migrations, topology.Migrations)
            || (topology.Migrations.Count > 0 && !ReferenceEquals(before.Topology.Shards, topology.Shards))
            || (topology.Migrations.Count > 0 && !ReferenceEquals(before.Topology.Settings, topology.Settings)))
        {
            _inbox.Ring();
        }
    }

    /// <summary>Where replication stands: from its thread, after each of its rounds.</summary>
    public void Report(ReplicaStatus status)
    {
        ArgumentNullException.ThrowIfNull(status);
        var standing = status is { Serving: true, Paused: false } ? new Standing(status.Epoch, status.HeldLsn) : new Standing(0, 0);
        var before = _standing;
        if (standing != before)
        {
            _standing = standing;
            if (_busy || standing.Epoch != before.Epoch)
            {
                _inbox.Ring();
            }
        }
    }

    /// <summary>The log has grown. From any thread.</summary>
    public void LogGrew()
    {
        if (_busy && !_grown)
        {
            _grown = true;
            _inbox.Ring();
        }
    }

    /// <summary>A transport thread: a peer said something. Dropped when too much waits, and unless it is a member of our cluster.</summary>
    public void Take(PeerIdentity from, MigrationMessage message)
    {
        var topology = _place.Topology;
        if (topology.ClusterId == from.Cluster && topology.Find(from.Node) is not null)
        {
            _inbox.Post(new MigrationInput.Peer(from.Node, message), mayDrop: true);
        }
    }

    /// <summary>Stops the loop and waits for it.</summary>
    public void Dispose()
    {
        _inbox.Stop();
        if (_thread.IsAlive)
        {
            _thread.Join(TimeSpan.FromSeconds(5));
        }
    }

    private void Run()
    {
        var batch = new List<MigrationInput>();
        try
        {
            do
            {
                Look();
                foreach (var input in batch)
                {
                    Hand(input);
                }

                _node.Tick(Now, _effects);
                Perform();
                var status = _node.Status();
                _busy = status.Migrations.Count > 0;
                _callbacks.Reported(status, Now);
            }
            while (_inbox.Take(batch, Patience()));
        }
        catch (IOException failure)
        {
            _callbacks.Fatal(failure.Message);
        }
    }

    private TimeSpan? Patience() => _node.Deadline == TimeSpan.MaxValue ? null : _node.Deadline - Now;

    /// <summary>What has changed of that of which only the newest matters.</summary>
    private void Look()
    {
        var place = _place;
        if (!ReferenceEquals(place, _seen))
        {
            if (_seen is { } before && before.Self != place.Self)
            {
                _node = _create(place.Self, Now);
                _told = new Standing(0, 0);
            }

            _seen = place;
            Hand(new MigrationInput.Settings(RateOf(place.Topology)));
            Hand(new MigrationInput.TopologyChanged(place.Topology));
        }

        var standing = _standing;
        if (standing.Epoch != _told.Epoch)
        {
            Hand(new MigrationInput.Serving(standing.Epoch));
        }

        if (standing != _told && standing.Epoch != 0)
        {
            Hand(new MigrationInput.Held(standing.Epoch, standing.Held));
        }

        _told = standing;
        if (_grown)
        {
            _grown = false;
            Hand(new MigrationInput.Appended());
        }
    }

    private static long RateOf(Topology topology) =>
        long.TryParse(topology.SettingOf(RateSetting), NumberStyles.None, CultureInfo.InvariantCulture, out var rate) ? rate : 0;

    private void Hand(MigrationInput input)
    {
        _node.Handle(Now, input, _effects);
        Perform();
    }

    private void Perform()
    {
        foreach (var effect in _effects)
        {
            switch (effect)
            {
                case MigrationEffect.Send send:
                    Send(send);
                    break;
                case MigrationEffect.Propose propose:
                    Propose(propose.Token, propose.Proposal);
                    break;
                case MigrationEffect.Note note:
                    _callbacks.Note(note.Event, note.Detail);
                    break;
            }
        }

        _effects.Clear();
    }

    private void Send(MigrationEffect.Send send)
    {
        var topology = _seen!.Topology;
        if (topology.Find(send.To) is { } node)
        {
            var address = new HostPort(node.Endpoints.Host, node.Endpoints.RpcPort);
            _transport.Send(address, new PeerEnvelope(_clusterName, topology.ClusterId, _node.Self, _self), send.Message);
        }
    }

    /// <summary>Only a refusal that is certain is passed on: of an unknown outcome the topology tells.</summary>
    private void Propose(ulong token, MigrationProposal proposal)
    {
        var now = _time.GetUtcNow().ToUnixTimeMilliseconds();
        _callbacks.Propose(request => CommandOf(request, proposal, now)).ContinueWith(
            outcome =>
            {
                if (outcome is { IsCompletedSuccessfully: true, Result: CommandResult.Refused { Error: not Refusals.OutcomeUnknown } refused })
                {
                    _inbox.Post(new MigrationInput.Refused(token, refused.Error));
                }
            },
            CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private static TopologyCommand CommandOf(RequestId request, MigrationProposal proposal, long nowMs) => proposal switch
    {
        MigrationProposal.Restart restart => new TopologyCommand.RestartMigration(request, restart.Migration, restart.Attempt, restart.Reason, nowMs),
        MigrationProposal.Complete complete => new TopologyCommand.CompleteMigration(request, complete.Migration, complete.Attempt, nowMs),
        MigrationProposal.Abort abort => new TopologyCommand.AbortMigration(request, abort.Migration, abort.Reason, nowMs),
        MigrationProposal.Clean clean => new TopologyCommand.CleanMigration(request, clean.Migration, clean.Epoch),
        _ => throw new ArgumentException($"No command for {proposal}.", nameof(proposal)),
    };

    private sealed record Place(Topology Topology, NodeId Self);

    /// <summary>The epoch that this node serves (0: none), and how far its replica set holds its log.</summary>
    private sealed record Standing(ulong Epoch, ulong Held);
}

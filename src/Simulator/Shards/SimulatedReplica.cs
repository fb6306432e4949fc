using Trefoil.ControlPlane;
using Trefoil.KeyValue.Replication;
using Trefoil.Migration;
using Trefoil.Primitives;
using Trefoil.Replication;
using Trefoil.Sharding;

namespace Trefoil.Simulator.Shards;

/// <summary>A machine's part in its shard: the core over the engine's log and gate. Wired as ReplicaDriver and ShardReplication wire it.</summary>
internal sealed class SimulatedReplica(SimulatedNode node, Simulation world, Prng random)
{
    /// <summary>Tokens of its proposals: above those of the workload.</summary>
    public const ulong FirstToken = 1UL << 60;

    private static readonly TimeSpan TellAgain = TimeSpan.FromMilliseconds(500);

    private readonly List<ReplicaEffect> _effects = [];
    private readonly Dictionary<ulong, ulong> _proposals = [];
    private ReplicaNode? _core;
    private ReplicaInput.ShardChanged? _view;
    private (ulong Epoch, LogPosition Position, TimeSpan At) _told;
    private ulong _lastToken = FirstToken;
    private TimeSpan _wakeAt = TimeSpan.MaxValue;
    private bool _ticking;
    private ulong _toldServing;
    private (ulong, ulong) _toldHeld;

    public ReplicaNode Core => _core ?? throw new InvalidOperationException("The node was never started.");

    /// <summary>The gate is open and a lease holds, now.</summary>
    public bool Answers => node.Keys.Answers;

    /// <summary>The shard as this node shows it; null before it is in one.</summary>
    public ShardRecord? Shard => Topology.ShardOf(node.Identity.Node);

    public ClusterId Cluster => Topology.ClusterId;

    /// <summary>What decides here who owns a slot.</summary>
    public Topology Topology { get; private set; } = Topology.Empty;

    private ServingGate Gate => node.Keys.Server.Gate;

    public void Start(Topology first)
    {
        (_toldServing, _toldHeld) = (0, default);
        (_view, _told, _wakeAt, _ticking) = (null, default, TimeSpan.MaxValue, false);
        _effects.Clear();
        _proposals.Clear();
        _core = Create();
        Show(first);
    }

    /// <summary>A topology; and if it elects, what the control plane is told of the log, after the gate is shut.</summary>
    public void Show(Topology topology)
    {
        Topology = topology;
        var self = node.Identity.Node;
        if (self != _core!.Self)
        {
            Gate.Depose();
            (_core, _view) = (Create(), null);
        }

        // As ShardReplication: the setting may come with no change of the shard at all.
        var durable = topology.SettingOf("replication_ack") == "durable";
        if (_view is null || node.Keys.Replica.SyncsAtOnce != durable)
        {
            node.Keys.Replica.SyncsAtOnce = durable;
            Post(new ReplicaInput.Settings(durable ? AckKind.Durable : AckKind.Received));
        }

        var shard = Shard;
        var view = shard is null ? null : new ShardView(
            shard.Id, shard.Primary, shard.Epoch, shard.IsElecting, shard.ConfigVersion, shard.ReplicaSet, shard.Mode,
            [.. topology.MembersOf(shard).Select(member => member.Id)]);
        var changed = new ReplicaInput.ShardChanged(topology.ClusterId, view, topology.WantedMode, topology.Version);
        if (_view is { } before && before.Cluster == changed.Cluster && before.Wanted == changed.Wanted && Same(before.Shard, view))
        {
            return;
        }

        _view = changed;
        node.Keys.Replica.HasPeers = view is { Members.Count: > 1 };
        Post(changed);
    }

    public void Post(ReplicaInput input)
    {
        if (!node.Up || node.PostponedWhilePaused(() => Post(input)))
        {
            return;
        }

        if (!node.Keys.Guarded(() =>
        {
            if (world.Sabotage.Told(node, input) is { } told)
            {
                _core!.Handle(node.Clock.Now, told, _effects);
            }

            Perform();
        }))
        {
            return;
        }

        if (!_ticking)
        {
            _ticking = true;
            Wake(random.Between(TimeSpan.Zero, TimeSpan.FromMicroseconds(300)));
        }
    }

    /// <summary>What became of a proposal: only a certain refusal is passed on.</summary>
    public void Answered(ControlEffect.Answer answer)
    {
        if (_proposals.Remove(answer.Token, out var token) && answer.Result is CommandResult.Refused { Error: not Refusals.OutcomeUnknown } refused)
        {
            Post(new ReplicaInput.ProposalRefused(token, refused.Error));
        }
    }

    private ReplicaNode Create()
    {
        var log = world.Sabotage.Log(node, world.Oracles.Shards.Watch(node, node.Keys.Replica));
        return new ReplicaNode(node.Identity.Node, world.Plan.Replication with { Incarnation = node.Identity.BootEpoch }, log, node.Clock.Now);
    }

    private static bool Same(ShardView? one, ShardView? other) => one is null || other is null
        ? ReferenceEquals(one, other)
        : one with { ReplicaSet = other.ReplicaSet, Members = other.Members } == other
            && one.ReplicaSet.SequenceEqual(other.ReplicaSet) && one.Members.SequenceEqual(other.Members);

    private void Wake(TimeSpan delay)
    {
        var life = node.Life;
        world.Queue.At(world.Now + delay, () =>
        {
            if (life == node.Life && node.Up)
            {
                Tick();
            }
        });
    }

    private void Tick()
    {
        if (node.PostponedWhilePaused(Tick))
        {
            return;
        }

        _ticking = false;
        if (!node.Keys.Guarded(() =>
        {
            _core!.Tick(node.Clock.Now, _effects);
            Perform();
        }))
        {
            return;
        }

        var status = _core!.Status();
        TellMigrations(status);
        node.Keys.Server.Replication.Publish(status, node.Clock.Now);
        TellPosition(status);
        var deadline = node.Clock.WorldAt(_core.Deadline);
        if (deadline != TimeSpan.MaxValue && (deadline < _wakeAt || _wakeAt <= world.Now))
        {
            _wakeAt = deadline;
            Wake(deadline > world.Now ? deadline - world.Now : TimeSpan.FromMicroseconds(100));
        }
    }

    private void TellPosition(ReplicaStatus status)
    {
        var now = node.Clock.Now;
        if (_view is { Shard: { IsElecting: false } led } && led.Primary == node.Identity.Node && status.Epoch == led.Epoch && !status.Begun)
        {
            if (_told.Epoch != led.Epoch || now - _told.At >= TellAgain)
            {
                _told = (led.Epoch, default, now);
                node.Post(new ControlInput.EpochDeclined(_view.Cluster, led.Epoch));
            }

            return;
        }

        if (_view is not { Shard: { IsElecting: true } shard } || !status.Fenced)
        {
            return;
        }

        var position = new LogPosition(status.LastEpoch, status.LastLsn, status.Consistent);
        if (_told.Epoch != shard.Epoch || _told.Position != position || now - _told.At >= TellAgain)
        {
            _told = (shard.Epoch, position, now);
            node.Post(new ControlInput.LogFenced(_view.Cluster, shard.Epoch, position));
        }
    }

    private void Perform()
    {
        world.Sabotage.Wanted(node, _effects);
        for (var i = 0; i < _effects.Count; i++)
        {
            Perform(_effects[i]);
        }

        _effects.Clear();
    }

    /// <summary>As the driver does: a hand-over under way suspends migrations, since what is recorded during it may be lost.</summary>
    private void TellMigrations(ReplicaStatus status)
    {
        var serving = status is { Serving: true, Paused: false } ? status.Epoch : 0;
        if (_toldServing != serving)
        {
            _toldServing = serving;
            Later(() => node.Migrations.Post(new MigrationInput.Serving(serving)));
        }

        var held = (status.Epoch, status.HeldLsn);
        if (_toldHeld != held)
        {
            _toldHeld = held;
            Later(() => node.Migrations.Post(new MigrationInput.Held(held.Epoch, held.HeldLsn)));
        }
    }

    /// <summary>What another core hears, it hears in an event of its own, as through its inbox.</summary>
    private void Later(Action action)
    {
        var life = node.Life;
        world.Queue.At(world.Now, () =>
        {
            if (life == node.Life && node.Up)
            {
                action();
            }
        });
    }

    private void Perform(ReplicaEffect effect)
    {
        switch (effect)
        {
            case ReplicaEffect.Send send:
                Send(send);
                break;
            case ReplicaEffect.Acked acked:
                world.Oracles.Shards.Acknowledged(node, _core!.Status().Epoch, acked.Lsn);
                node.Keys.Replica.Acked(acked.Lsn);
                break;
            case ReplicaEffect.Serve { On: true } serve:
                world.Counts.Add(SimulationCounts.Progress.Served);
                Gate.Open(serve.Epoch);
                break;
            case ReplicaEffect.Serve:
                Gate.Close();
                break;
            case ReplicaEffect.Deposed:
                Gate.Depose();
                break;
            case ReplicaEffect.PauseForHandOver:
                node.Keys.Replica.Pause();
                break;
            case ReplicaEffect.ResumeAfterHandOver:
                Gate.Open(_view!.Shard!.Epoch);
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
                world.Counts.Add(SimulationCounts.Progress.HandedOver, done.Error is null ? 1 : 0);
                node.Keys.Cluster.Answered(done.Token, done.Error is { } error ? new CommandResult.Refused("ERR " + error) : CommandResult.Ok);
                break;
            case ReplicaEffect.Dropped:
                world.Counts.Add(SimulationCounts.Progress.Dropped);
                break;
            case ReplicaEffect.Fatal fatal:
                throw new OracleViolation($"n{node.Index} cannot follow: {fatal.Reason}");
            case ReplicaEffect.Note note:
                world.Note("replica", node.Index, -1, (ulong)note.Event, $"{note.Event}: {note.Detail}");
                break;
        }
    }

    private void Propose(ulong token, Func<RequestId, TopologyCommand> build)
    {
        var own = ++_lastToken;
        _proposals[own] = token;
        Later(() => node.Post(new ControlInput.Propose(own, build)));
    }

    private void Send(ReplicaEffect.Send send)
    {
        if (Topology.Find(send.To) is not { } member || world.NodeAt(member.Endpoints.Host) is not { } to)
        {
            return;
        }

        if (send.Message is ReplicaMessage.Ack ack)
        {
            world.Oracles.Shards.Said(node, world.Plan.AckDurable ? ack.DurableLsn : ack.ReceivedLsn);
        }

        var writer = new ByteWriter();
        ReplicaCodec.Write(writer, send.Message);
        var (life, cluster, self) = (node.Life, Cluster, node.Identity.Node);
        world.Network.Send(world.Now, node.Index, to.Index, writer.ToArray(), bytes =>
        {
            if (to.Up && to.Replica.Cluster == cluster && to.Replica.Topology.Find(self) is not null)
            {
                to.Replica.Post(new ReplicaInput.Peer(self, ReplicaCodec.Read(bytes) ?? throw new OracleViolation($"unreadable: {send.Message}")));
            }
            else if (!to.Up && life == node.Life)
            {
                Post(new ReplicaInput.Unreachable(send.To));
            }
        }, channel: Channel.Bulk);
    }
}

using Trefoil.ControlPlane;
using Trefoil.Migration;
using Trefoil.Primitives;
using Trefoil.Replication;
using Trefoil.Sharding;
using Trefoil.Simulator.Slots;
using Trefoil.Storage;

namespace Trefoil.Simulator.Shards;

/// <summary>A machine's part in its shard: a log that outlives its processes, the core, and the gate that clients meet. Wired as ReplicaDriver and ShardReplication wire it.</summary>
internal sealed class SimulatedReplica(SimulatedNode node, Simulation world, Prng random)
{
    /// <summary>Tokens of its proposals: above those of the workload.</summary>
    public const ulong FirstToken = 1UL << 60;

    private static readonly TimeSpan Sweep = TimeSpan.FromMilliseconds(20);

    private readonly List<ReplicaEffect> _effects = [];
    private readonly List<(ulong Needed, Action Answered)> _held = [];
    private readonly Dictionary<ulong, ulong> _proposals = [];
    private ReplicaNode? _core;
    private ReplicaInput.ShardChanged? _view;
    private Topology _topology = Topology.Empty;
    private LogPosition? _told;
    private ulong _lastToken = FirstToken;
    private ulong _acked;
    private ulong _epoch;
    private TimeSpan _leaseUntil;
    private TimeSpan _wakeAt = TimeSpan.MaxValue;
    private bool _paused;
    private bool _ticking;
    private bool _declined;
    private ulong _toldServing;
    private (ulong, ulong) _toldHeld;

    public ModelLog Log { get; } = new(ModelSlots.Registers);

    public ReplicaNode Core => _core ?? throw new InvalidOperationException("The node was never started.");

    /// <summary>The gate is open and a lease holds, now.</summary>
    public bool Answers => node.Up && !node.IsPaused && _epoch != 0 && !_paused && node.Clock.Now < _leaseUntil;

    /// <summary>The shard as this node shows it; null before it is in one.</summary>
    public ShardRecord? Shard => _topology.ShardOf(node.Identity.Node);

    public ClusterId Cluster => _topology.ClusterId;

    /// <summary>What decides here who owns a slot.</summary>
    public Topology Topology => _topology;

    public void Start(Topology first)
    {
        (_toldServing, _toldHeld) = (0, default);
        (_view, _told, _acked, _epoch, _leaseUntil, _wakeAt, _paused, _ticking) = (null, null, 0, 0, default, TimeSpan.MaxValue, false, false);
        _effects.Clear();
        _proposals.Clear();
        var config = world.Plan.Replication with
        {
            Incarnation = node.Identity.BootEpoch,
            Ack = world.Plan.AckDurable ? AckKind.Durable : AckKind.Received,
        };
        _core = new ReplicaNode(node.Identity.Node, config, Log, node.Clock.Now);
        Show(first);
        Tend();
    }

    public void Crash(CrashMode mode)
    {
        // With copies that count once the kernel has them, only a loss of power at several machines at once could lose what was acknowledged.
        Log.Crash(random, world.Plan.AckDurable ? mode : CrashMode.KeepAll);
        Drop();
    }

    public void Lease(TimeSpan until) => _leaseUntil = until;

    /// <summary>A topology; and if it elects, what the control plane is told of the log, after the gate is shut.</summary>
    public void Show(Topology topology)
    {
        _topology = topology;
        var shard = Shard;
        var view = shard is null ? null : new ShardView(
            shard.Id, shard.Primary, shard.Epoch, shard.IsElecting, shard.ConfigVersion, shard.ReplicaSet, shard.Mode,
            [.. topology.MembersOf(shard).Select(member => member.Id)]);
        if (_view is { } before && before.Cluster == topology.ClusterId && before.Shard?.ConfigVersion == view?.ConfigVersion
            && before.Shard?.Id == view?.Id && before.Wanted == topology.WantedMode && before.Shard?.Members.Count == view?.Members.Count)
        {
            return;
        }

        _declined = false;
        _view = new ReplicaInput.ShardChanged(topology.ClusterId, view, topology.WantedMode, topology.Version);
        Post(_view);
    }

    public void Post(ReplicaInput input)
    {
        if (!node.Up || node.PostponedWhilePaused(() => Post(input)))
        {
            return;
        }

        _core!.Handle(node.Clock.Now, input, _effects);
        Perform();
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

    /// <summary>A client's call; not taken while the gate is shut.</summary>
    public void Execute(RegisterCall call)
    {
        if (!Answers)
        {
            return;
        }

        var lsn = call.IsWrite ? Log.Write(call.Register, call.Value) : Log.Registers[call.Register].Lsn;
        if (call.IsWrite && lsn == 0)
        {
            throw new OracleViolation($"n{node.Index} is open and does not record");
        }

        call.Executed(lsn, Log.Registers[call.Register].Value);
        Hold(Math.Max(lsn, 1), call.Answered);
    }

    /// <summary>A reply that waits until the shard has acknowledged this record.</summary>
    public void Hold(ulong lsn, Action answered)
    {
        _held.Add((lsn, answered));
        Post(new ReplicaInput.Appended());
    }

    /// <summary>Disks sync, backlogs lose their oldest records, slow work ends.</summary>
    private void Tend()
    {
        var life = node.Life;
        world.Queue.At(world.Now + Sweep, () =>
        {
            if (life != node.Life || !node.Up)
            {
                return;
            }

            Log.Sync();
            if (random.Chance(0.01) && Log.LastLsn > 200)
            {
                Log.Trim(Log.LastLsn - 100);
            }

            Post(Log.Jobs > 0 && random.Chance(0.2) ? Log.FinishJob(!random.Chance(0.05)) : new ReplicaInput.Appended());
            Tend();
        });
    }

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
        _core!.Tick(node.Clock.Now, _effects);
        Perform();
        TellPosition();
        var deadline = node.Clock.WorldAt(_core.Deadline);
        if (deadline != TimeSpan.MaxValue && (deadline < _wakeAt || _wakeAt <= world.Now))
        {
            _wakeAt = deadline;
            Wake(deadline > world.Now ? deadline - world.Now : TimeSpan.FromMicroseconds(100));
        }
    }

    private void TellPosition()
    {
        var status = _core!.Status();
        if (_view is { Shard: { IsElecting: false } led } && led.Primary == node.Identity.Node && status.Epoch == led.Epoch && !status.Begun && !_declined)
        {
            _declined = true;
            node.Post(new ControlInput.EpochDeclined(_view.Cluster, led.Epoch));
        }

        if (_view is not { Shard: { IsElecting: true } shard })
        {
            _told = null;
            return;
        }

        var position = new LogPosition(status.LastEpoch, status.LastLsn, status.Consistent);
        if (_told != position && status.Fenced)
        {
            _told = position;
            node.Post(new ControlInput.LogFenced(_view.Cluster, shard.Epoch, position));
        }
    }

    private void Perform()
    {
        for (var i = 0; i < _effects.Count; i++)
        {
            if ((world.Options.Sabotage.ReplicaEffect is { } filter ? filter(_effects[i]) : _effects[i]) is { } effect)
            {
                Perform(effect);
            }
        }

        _effects.Clear();
        Release();
        TellMigrations();
    }

    /// <summary>As the driver does: a hand-over under way suspends migrations, since what is recorded during it may be lost.</summary>
    private void TellMigrations()
    {
        var status = _core!.Status();
        var serving = status is { Serving: true, Paused: false } ? status.Epoch : 0;
        if (_toldServing != serving)
        {
            _toldServing = serving;
            node.Migrations.Post(new MigrationInput.Serving(serving));
        }

        if (_toldHeld != (status.Epoch, status.HeldLsn))
        {
            _toldHeld = (status.Epoch, status.HeldLsn);
            node.Migrations.Post(new MigrationInput.Held(status.Epoch, status.HeldLsn));
        }
    }

    private void Perform(ReplicaEffect effect)
    {
        switch (effect)
        {
            case ReplicaEffect.Send send:
                Send(send);
                break;
            case ReplicaEffect.Acked acked:
                _acked = acked.Lsn;
                break;
            case ReplicaEffect.Serve serve:
                (_epoch, _paused) = (serve.On ? serve.Epoch : 0, false);
                world.Counts.Add(SimulationCounts.Progress.Served, serve.On ? 1 : 0);
                break;
            case ReplicaEffect.Deposed:
                (_epoch, _leaseUntil) = (0, default);
                Drop();
                break;
            case ReplicaEffect.PauseForHandOver:
                _paused = true;
                break;
            case ReplicaEffect.ResumeAfterHandOver:
                _paused = false;
                break;
            case ReplicaEffect.Propose propose:
                var id = Shard!.Id;
                Propose(propose.Token, request => new TopologyCommand.ChangeReplicaSet(request, id, propose.ConfigVersion, propose.Set, propose.Mode));
                break;
            case ReplicaEffect.ProposeHandOver over:
                id = Shard!.Id;
                Propose(over.Token, request => new TopologyCommand.BeginElection(request, id, over.Epoch, over.To, IsForced: false));
                break;
            case ReplicaEffect.HandOverDone { Error: null }:
                world.Counts.Add(SimulationCounts.Progress.HandedOver);
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
        _proposals[++_lastToken] = token;
        node.Post(new ControlInput.Propose(_lastToken, build));
    }

    private void Send(ReplicaEffect.Send send)
    {
        if (_topology.Find(send.To) is not { } member || world.NodeAt(member.Endpoints.Host) is not { } to)
        {
            return;
        }

        var writer = new ByteWriter();
        ReplicaCodec.Write(writer, send.Message);
        var (bytes, life, cluster, self) = (writer.ToArray(), node.Life, Cluster, node.Identity.Node);
        world.Network.Send(world.Now, node.Index, to.Index, () =>
        {
            if (to.Up && to.Replica.Cluster == cluster && to.Replica._topology.Find(self) is not null)
            {
                to.Replica.Post(new ReplicaInput.Peer(self, ReplicaCodec.Read(bytes) ?? throw new OracleViolation($"unreadable: {send.Message}")));
            }
            else if (!to.Up && life == node.Life)
            {
                Post(new ReplicaInput.Unreachable(send.To));
            }
        });
    }

    /// <summary>A reply leaves only acknowledged, and under a lease that holds now.</summary>
    private void Release()
    {
        for (var i = 0; i < _held.Count && _epoch != 0 && !node.IsPaused && node.Clock.Now < _leaseUntil;)
        {
            if (_held[i].Needed <= _acked)
            {
                _held[i].Answered();
                _held.RemoveAt(i);
            }
            else
            {
                i++;
            }
        }
    }

    private void Drop()
    {
        world.Counts.Add(SimulationCounts.Progress.Closed, _held.Count);
        _held.Clear();
    }
}

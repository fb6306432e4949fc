using Trefoil.Migration;
using Trefoil.Primitives;
using Trefoil.Sharding;
using Trefoil.Storage;
using Trefoil.Unit.Replication;

namespace Trefoil.Unit.Migration;

/// <summary>A node of a <see cref="MoveWorld"/>: log and slots outlive its processes, the production core does not.</summary>
internal sealed class MoveMember
{
    private readonly MoveWorld _world;
    private readonly List<MigrationEffect> _effects = [];
    private readonly List<(ulong Lsn, Action Reply)> _replies = [];
    private MigrationNode _core;
    private bool _ticking;
    private TimeSpan _wakeAt = TimeSpan.MaxValue;

    public MoveMember(MoveWorld world, int number)
    {
        (_world, Number, Id) = (world, number, Sharding.Cluster.Member(number));
        Slots = new ModelSlots(Log, new Prng((ulong)number)) { Mishaps = world.Plan.Mishaps, Released = Retry };
        _core = NewCore();
    }

    public int Number { get; }

    public NodeId Id { get; }

    public ModelLog Log { get; } = new(ModelSlots.Registers);

    public ModelSlots Slots { get; }

    public bool Up { get; private set; } = true;

    public int Life { get; private set; }

    /// <summary>What decides here who owns a slot.</summary>
    public Topology Seen { get; private set; } = Topology.Empty;

    /// <summary>The epoch whose primary this is; 0: of none.</summary>
    public ulong Serving { get; private set; }

    /// <summary>Epochs up to this one are not this process's to begin.</summary>
    public ulong Floor { get; private set; }

    /// <summary>As a follower: it continues the log of this epoch's primary.</summary>
    public ulong Follows { get; set; }

    /// <summary>Calls that wait for a held slot.</summary>
    public List<MoveCall> Parked { get; } = [];

    public MigrationStatus Status => _core.Status();

    /// <summary>A command on this slot would run here, now.</summary>
    public bool Executes(int slot) => _world.Answers(this) && Seen.Owns(Id, slot) && !Slots.IsHeld(slot);

    public void Crash()
    {
        (Up, Serving, Follows, _ticking, _wakeAt) = (false, 0, 0, false, TimeSpan.MaxValue);
        Life++;
        _replies.Clear();
        Parked.Clear();
        _effects.Clear();
        Log.Crash(_world.Random, CrashMode.KeepAll);
        Slots.Restarted();
    }

    public void Start()
    {
        (Up, _core) = (true, NewCore());
        Floor = Seen.ShardOf(Id)?.Epoch ?? 0;
        Hand(new MigrationInput.TopologyChanged(Seen));
        See(_world.Cluster.Topology);
    }

    /// <summary>A topology arrives: at what decides about commands and at replication first, at the core sooner or later.</summary>
    public void See(Topology topology)
    {
        if (!Up || topology.Version <= Seen.Version)
        {
            return;
        }

        Seen = topology;
        _world.Later(this, () => Hand(new MigrationInput.TopologyChanged(topology)));
        var shard = topology.ShardOf(Id);
        var leads = shard is { IsElecting: false } && shard.Primary == Id && (shard.Epoch > Floor || shard.Epoch == Serving) ? shard.Epoch : 0;
        if (leads == Serving)
        {
            return;
        }

        Log.Follow();
        _replies.Clear();
        if (leads != 0)
        {
            Log.BeginEpoch(topology.ClusterId, leads);
            Floor = leads;
        }

        (Serving, Follows) = (leads, 0);
        _world.Later(this, () => Hand(new MigrationInput.Serving(leads)));
    }

    public void Hand(MigrationInput input)
    {
        _core.Handle(_world.Now, input, _effects);
        Perform();
        if (Up && !_ticking)
        {
            _ticking = true;
            _world.Later(this, Tick);
        }
    }

    /// <summary>The set holds the log up to here: replies leave.</summary>
    public void Hold(ulong lsn)
    {
        Hand(new MigrationInput.Held(Serving, lsn));
        foreach (var (_, reply) in _replies.FindAll(each => each.Lsn <= lsn && _world.Answers(this)))
        {
            reply();
        }

        _replies.RemoveAll(each => each.Lsn <= lsn);
    }

    public void Execute(MoveCall call)
    {
        if (!_world.Answers(this))
        {
            return;
        }

        if (Slots.IsHeld(call.Slot))
        {
            Parked.Add(call);
            _world.Count("parked");
        }
        else if (Seen.Owns(Id, call.Slot))
        {
            if (call.Unique != 0)
            {
                Slots.Write(call.Slot, call.Key, call.Unique);
                _world.Later(this, () => Hand(new MigrationInput.Appended()));
            }

            var register = Slots[call.Slot, call.Key];
            _replies.Add((Math.Max(register.Lsn, 1), () => _world.Oracle.Answered(call, register.Value)));
        }
        else
        {
            _world.Count("moved");
        }
    }

    private void Retry()
    {
        MoveCall[] calls = [.. Parked];
        Parked.Clear();
        Array.ForEach(calls, Execute);
    }

    private void Tick()
    {
        _ticking = false;
        _core.Tick(_world.Now, _effects);
        Perform();
        if (Up && _core.Deadline is var at && at != TimeSpan.MaxValue && (at < _wakeAt || _wakeAt <= _world.Now))
        {
            _wakeAt = at > _world.Now ? at : _world.Now + TimeSpan.FromMicroseconds(200);
            _world.At(_wakeAt, this, Tick);
        }
    }

    /// <summary>The process may end between any two.</summary>
    private void Perform()
    {
        MigrationEffect[] effects = [.. _effects];
        _effects.Clear();
        var life = Life;
        foreach (var effect in effects)
        {
            _world.Perform(this, effect);
            if (life != Life)
            {
                return;
            }
        }
    }

    private MigrationNode NewCore()
    {
        var core = new MigrationNode(Id, _world.Plan.Config, Slots, _world.Now);
        core.Handle(_world.Now, new MigrationInput.Settings(_world.Plan.Rate), _effects);
        return core;
    }
}

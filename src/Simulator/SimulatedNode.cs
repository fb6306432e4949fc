using Trefoil.ControlPlane;
using Trefoil.Membership;
using Trefoil.Primitives;
using Trefoil.Sharding;
using Trefoil.Simulator.Clients;
using Trefoil.Simulator.Keys;
using Trefoil.Simulator.Shards;
using Trefoil.Simulator.Slots;
using Trefoil.Storage;

namespace Trefoil.Simulator;

/// <summary>One machine: a disk that outlives its processes, and the process that runs the production cores on it.</summary>
/// <remarks>Wired as <c>ControlDriver</c>, <c>SwimDriver</c> and <c>NodeHost</c> wire it, with the world in place of threads and sockets.</remarks>
internal sealed partial class SimulatedNode
{
    private const int SwimPort = 7003;
    private const int ControlPort = 7002;

    private readonly Simulation _world;
    private readonly Prng _random;
    private readonly MemoryDisk _disk = new();
    private readonly List<ControlEffect> _effects = [];
    private readonly List<SwimEffect> _swimEffects = [];
    private readonly NodeEndpoints _endpoints;
    private readonly string _zone;
    private ControlNode? _control;
    private ControlStore? _store;
    private Swim? _swim;
    private TimeSpan _wakeAt = TimeSpan.MaxValue;
    private TimeSpan _pausedUntil;
    private bool _controlDue;
    private int? _crashIn;

    public SimulatedNode(Simulation world, int index, Prng random)
    {
        _world = world;
        _random = random;
        Index = index;
        Host = $"10.0.0.{index + 1}";
        _endpoints = new NodeEndpoints(Host, RespPort: 7000, RpcPort: ControlPort, SwimPort: SwimPort);
        _zone = random.Chance(0.5) ? $"zone-{index % 3}" : "";
        Clock = new SimulatedClock(() => world.Now, world.Plan, new Prng(world.Options.Seed + (ulong)index));
        Keys = new SimulatedKeys(this, world, random.Fork());
        Replica = new SimulatedReplica(this, world, random.Fork());
        Migrations = new SimulatedMigrations(this, world, random.Fork());
        Connections = new NodeConnections(world.Queue, () => world.Now, new Prng((world.Options.Seed * 64) + (ulong)index))
        {
            PostponedWhilePaused = PostponedWhilePaused,
            Sendable = (client, bytes) => world.Sabotage.Sendable(this, client, bytes),
        };
    }

    public int Index { get; }

    public string Host { get; }

    public HostPort ControlAddress => new(Host, ControlPort);

    /// <summary>What time it is here.</summary>
    public SimulatedClock Clock { get; }

    /// <summary>Where it stands.</summary>
    public Simulation World => _world;

    /// <summary>Number of the process: what was meant for an earlier one never reaches a later one.</summary>
    public uint Life { get; private set; }

    public bool Up { get; private set; }

    /// <summary>Lost for ever.</summary>
    public bool Gone { get; set; }

    /// <summary>Its key-value engine; started only if the run is about shards.</summary>
    public SimulatedKeys Keys { get; }

    /// <summary>Its part in its shard; of no concern unless the run is about shards.</summary>
    public SimulatedReplica Replica { get; }

    /// <summary>Its part in migrations; as with its shard.</summary>
    public SimulatedMigrations Migrations { get; }

    /// <summary>Its clients.</summary>
    public NodeConnections Connections { get; }

    /// <summary>It runs nothing now.</summary>
    public bool IsPaused => _world.Now < _pausedUntil;

    public ControlNode Control => _control ?? throw new InvalidOperationException("The node was never started.");

    public Swim Swim => _swim ?? throw new InvalidOperationException("The node was never started.");

    /// <summary>The identity on disk, as far as the effects performed tell: what a restart would find.</summary>
    public Identity Identity { get; private set; } = new(NodeId.None, 0, "", ClusterId.None, 0, null);

    /// <summary>Starts a process on whatever the disk holds; if that fails because of the disk, it is tried again a while later.</summary>
    public void Start()
    {
        Life++;
        var life = Life;
        try
        {
            Run();
            IsDamaged = false;
        }
        catch (DamageFound found)
        {
            _world.Note("disk", Index, -1, 2, found.Message);
            _world.Counts.Add(SimulationCounts.Progress.FlipsFound);
            _world.Faults.Lose(this);
        }
        catch (IOException failure)
        {
            if (life == Life)
            {
                _world.Note("disk", Index, -1, 1, $"cannot start: {failure.Message}");
                _world.Counts.Add(SimulationCounts.Fault.FailedStart);
                _world.Faults.CrashAndRestart(this);
            }
        }
    }

    private void Run()
    {
        var opened = ControlStore.Open(_world.Sabotage.Disk(this, _disk), Simulation.ClusterName, _random.Fork());
        if (opened is not ControlOpenResult.Opened(var store, var restore))
        {
            throw Refused(((ControlOpenResult.Refused)opened).Refusal);
        }

        _store = store;
        restore = _world.Sabotage.Restored(this, restore);
        Identity = restore.Identity;
        var address = new HostPort(Host, SwimPort);
        _control = new ControlNode(_world.Plan.Control, restore, _endpoints, _zone, _random.Fork(), Clock.Now);
        _swim = new Swim(
            SwimConfig.Local, Identity.Node, address, Simulation.ClusterName, Identity.Cluster, Identity.BootEpoch, _random.Fork());
        _swim.Join(Seeds(_control.Topology));
        Up = true;
        _crashIn = null;
        _pausedUntil = TimeSpan.Zero;
        _effects.Clear();
        _world.Note("start", Index, -1, Identity.BootEpoch, new ControlEffect.SaveIdentity(Identity));
        _world.Oracles.Started(this, restore);
        _controlDue = true;
        if (_world.Options.Shards)
        {
            Keys.Start(_control.Topology, _control.IsOffered);
            Migrations.Start();
            Replica.Start(_control.Topology);
            Migrations.Show(_control.Topology);
        }

        Wake(_world.Now);
    }

    /// <summary>Ends the process; <paramref name="mode"/> decides what the disk keeps of what was not synced.</summary>
    public void Crash(CrashMode mode)
    {
        _world.Note("crash", Index, -1, (ulong)mode, mode.ToString());
        CheckSyncs();
        Up = false;
        Life++;
        _wakeAt = TimeSpan.MaxValue;
        _store?.Dispose();
        _disk.Crash(_random, mode);
        Keys.Crash(mode);
        _world.Oracles.Crashed(this);
    }

    /// <summary>Crashes before the effect that is this many effects away, whatever it is.</summary>
    public void CrashAfter(int effects) => _crashIn = effects;

    /// <summary>Runs nothing until then; what arrives waits.</summary>
    public void Pause(TimeSpan until) => _pausedUntil = until;

    /// <summary>Hands an input to the control core; it acts on it at its next round.</summary>
    public void Post(ControlInput input)
    {
        if (!Up || PostponedWhilePaused(() => Post(input)))
        {
            return;
        }

        _world.Oracles.Elections.Reaches(this, input);
        if (_world.Sabotage.Told(this, input) is { } told)
        {
            _world.Oracles.Told(this, told);
            _control!.Handle(Clock.Now, told, _effects);
        }

        _controlDue = true;
        Wake(_world.Now + _random.Between(TimeSpan.Zero, TimeSpan.FromMicroseconds(300)));
    }

    /// <summary>Hands an input to SWIM.</summary>
    public void Post(SwimInput input)
    {
        if (!Up || PostponedWhilePaused(() => Post(input)))
        {
            return;
        }

        if (_world.Sabotage.Told(this, input) is { } told)
        {
            _swim!.Handle(Clock.Now, told);
        }

        Wake(_world.Now);
    }

    /// <summary>True if it is paused; then this is done when it runs again, unless it ends before.</summary>
    public bool PostponedWhilePaused(Action retry)
    {
        if (_world.Now >= _pausedUntil)
        {
            return false;
        }

        var life = Life;
        _world.Queue.At(_pausedUntil, () =>
        {
            if (life == Life)
            {
                retry();
            }
        });
        return true;
    }

    private void Wake(TimeSpan at)
    {
        at = at > _world.Now ? at : _world.Now;
        if (at >= _wakeAt)
        {
            return;
        }

        _wakeAt = at;
        var life = Life;
        _world.Queue.At(at, () =>
        {
            if (life == Life && _wakeAt == at)
            {
                _wakeAt = TimeSpan.MaxValue;
                Round();
            }
        });
    }

    /// <summary>One turn of both drivers' loops.</summary>
    private void Round()
    {
        if (_world.Now < _pausedUntil)
        {
            Wake(_pausedUntil);
            return;
        }

        if (_controlDue || _control!.Deadline <= Clock.Now)
        {
            _controlDue = false;
            _control!.Tick(Clock.Now, _effects);
            _world.Sabotage.Wanted(this, _effects);
            _world.Oracles.Ticked(this, _effects);
            ControlEffect[] effects = [.. _effects];
            _effects.Clear();
            if (!Perform(effects))
            {
                return;
            }

            _world.Oracles.Stepped(this);
        }

        if (_swim!.Deadline <= Clock.Now)
        {
            _swim.Tick(Clock.Now, _swimEffects);
            _world.Sabotage.Wanted(this, _swimEffects);
            _world.Oracles.Members.Ticked(this);
            PerformSwim();
        }

        Wake(Clock.WorldAt(_control!.Deadline < _swim.Deadline ? _control.Deadline : _swim.Deadline));
    }

    private static List<HostPort> Seeds(Topology topology) =>
        [.. topology.Nodes.Select(node => new HostPort(node.Endpoints.Host, node.Endpoints.SwimPort))];
}

using System.Diagnostics.CodeAnalysis;
using Trefoil.Primitives;
using Trefoil.Sharding;

namespace Trefoil.Simulator.Clients;

/// <summary>Clients at work: each does one thing after the other, in bursts with calm in between; and at the end all look at what is left of it.</summary>
internal sealed class ClientTraffic
{
    /// <summary>Machines that clients run on.</summary>
    public const int Clients = 6;

    /// <summary>Those, and the operators'.</summary>
    public const int Machines = Clients + 1;

    /// <summary>How often it is looked at who serves what.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(50);

    /// <summary>How long a client of a healed cluster tries at most.</summary>
    public static readonly TimeSpan LastPatience = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan FinishLimit = TimeSpan.FromSeconds(60);

    private readonly Simulation _world;
    private readonly Prng _random;
    private readonly IReadOnlyList<ClusterClient> _clients;
    private ClusterId? _home;
    private bool _stopped;
    private bool _isBurst;
    private int _focus;
    private int _busy;

    public ClientTraffic(Simulation world, Prng random)
    {
        (_world, _random) = (world, random);
        _clients = [.. Enumerable.Range(0, Clients).Select(index => new ClusterClient(world, index, random.Fork()))];
        Operators = new Operators(world, new ClusterClient(world, Clients, random.Fork()), random.Fork());
        Registers = new RegisterWorkload(this);
        Workloads = world.Churns ? [new ChurnWorkload(this)] : [Registers, new PairWorkload(this), new CollectionWorkload(this), new ExpiryWorkload(this)];
    }

    /// <summary>All that clients do. Other leaves add theirs here.</summary>
    public IReadOnlyList<IWorkload> Workloads { get; }

    /// <summary>The registers, whose histories may be written down.</summary>
    public RegisterWorkload Registers { get; }

    public Operators Operators { get; }

    public Simulation World => _world;

    /// <summary>What the cluster promises its clients in this run.</summary>
    public ReplicationMode Mode { get; private set; }

    /// <summary>A write that was acknowledged is there for ever, and reads see it.</summary>
    public bool IsDurable => Mode != ReplicationMode.Asynchronous;

    /// <summary>What a key holds was known at all times: nobody emptied a node, and no key of the slot was in two places for want of an answer.</summary>
    public bool IsExact(int slot) => IsDurable && !Flushes && !Operators.MovedByKey.Contains(slot);

    /// <summary>Somebody empties nodes in this run (FLUSHALL).</summary>
    public bool Flushes { get; private set; }

    /// <summary>When somebody did so last, if at all.</summary>
    public TimeSpan? FlushedAt { get; private set; }

    /// <summary>Whatever clients touch at the moment, most of them.</summary>
    public int PickSlot(ClusterClient client) => client.Random.Chance(0.7) ? _focus : client.Random.Below(TestKeys.Slots);

    /// <summary>The one cluster that has slots, and so clients: the first that asks. Two that are not alone never become one.</summary>
    public bool IsHome(ClusterId cluster) => (_home ??= cluster) == cluster;

    /// <summary>The next that is still to be looked at and whose slot anybody serves: of a shard that is gone for good nothing can be asked, nor of any where too many are.</summary>
    public bool TryNext<T>(Queue<T> unread, Func<T, int> slotOf, [NotNullWhen(true)] out T? next)
        where T : class
    {
        while (unread.TryDequeue(out next))
        {
            var slot = slotOf(next);
            if (_world.Nodes.Any(node => node.Migrations.Executes(slot) && node.Keys.Server.View.IsUp))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A client's last look at a key, which a healed cluster must allow.</summary>
    public static void Require(ClientAnswer answer, TimeSpan patience, string key)
    {
        if (patience == LastPatience && answer.Kind != AnswerKind.Done)
        {
            throw new OracleViolation($"{key} cannot be read after healing: {answer.Reply?.Text ?? "no answer"}");
        }
    }

    public void Start()
    {
        Mode = _world.Plan.Control.Settings.FirstOrDefault(setting => setting.Key == "replication_mode").Value switch
        {
            "synchronous" => ReplicationMode.Synchronous,
            "quorum" => ReplicationMode.Quorum,
            _ => ReplicationMode.Asynchronous,
        };
        Flushes = _random.Chance(0.2);
        Operators.Start();
        _world.Queue.At(TimeSpan.FromSeconds(1), Watch);
        _world.Queue.At(TimeSpan.FromSeconds(2), Alternate);
        foreach (var client in _clients)
        {
            _world.Queue.At(TimeSpan.FromSeconds(2) + _random.Between(TimeSpan.Zero, TimeSpan.FromSeconds(1)), () => Next(client));
        }

        if (Flushes)
        {
            _world.Queue.At(_random.Between(TimeSpan.FromSeconds(5), _world.Options.FaultPhase), Flush);
        }
    }

    /// <summary>Nobody begins anything more; what was left open is seen to.</summary>
    public void Stop()
    {
        _stopped = true;
        Operators.Hurry();
    }

    /// <summary>After healing: has clients look at everything, and judges what they were told.</summary>
    /// <exception cref="OracleViolation">They were told what must not be, or nothing.</exception>
    public void Finish()
    {
        Await(() => _busy == 0);
        foreach (var client in _clients)
        {
            Look(client, 0);
        }

        Await(() => _busy == 0);
        foreach (var workload in Workloads)
        {
            workload.Judge();
        }
    }

    private void Await(Func<bool> isOver)
    {
        for (var end = _world.Now + FinishLimit; !isOver();)
        {
            if (_world.Now >= end)
            {
                throw new OracleViolation($"clients of a healed cluster are not done after {FinishLimit.TotalSeconds:F0} s");
            }

            _world.RunUntil(_world.Now + TimeSpan.FromMilliseconds(100));
        }
    }

    private void Look(ClusterClient client, int workload)
    {
        for (; workload < Workloads.Count; workload++)
        {
            var current = workload;
            if (Workloads[workload].Finish(client, () =>
            {
                _busy--;
                _world.Queue.At(_world.Now, () => Look(client, current));
            }))
            {
                _busy++;
                return;
            }
        }
    }

    private void Watch()
    {
        _world.Queue.At(_world.Now + (LookEvery * (0.2 + (1.6 * _random.Fraction()))), Watch);
        _world.Oracles.Copies.CheckServers();
        if (_random.Chance(0.05 / Math.Min(_world.Faults.Ease, 8)))
        {
            _world.Oracles.Copies.Compare();
        }
    }

    private void Alternate()
    {
        _isBurst = !_isBurst;
        _focus = _random.Below(TestKeys.Slots);
        var length = _isBurst ? _random.Between(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5)) : _random.Between(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(20));
        _world.Queue.At(_world.Now + length, Alternate);
    }

    private void Next(ClusterClient client)
    {
        if (_stopped)
        {
            return;
        }

        var pick = client.Random.Below(Workloads.Sum(workload => workload.Weight));
        var chosen = Workloads.First(workload => (pick -= workload.Weight) < 0);
        _busy++;
        chosen.Act(client, () =>
        {
            _busy--;
            var pause = _isBurst ? client.Random.Between(TimeSpan.Zero, TimeSpan.FromMilliseconds(120)) : client.Random.Between(TimeSpan.Zero, TimeSpan.FromSeconds(4));
            _world.Queue.At(_world.Now + (pause * Math.Min(_world.Faults.Ease, 8)), () => Next(client));
        });
    }

    /// <summary>FLUSHALL at one node: whatever it owns at the moment is gone, or not.</summary>
    private void Flush()
    {
        if (_stopped)
        {
            return;
        }

        FlushedAt = _world.Now;
        Registers.Flushed();
        var node = _world.Nodes[_random.Below(_world.Nodes.Count)];
        _clients[0].Ask(node, answer => _world.Counts.Add(SimulationCounts.Progress.Flushed, answer.Reply is { IsError: false } ? 1 : 0), "FLUSHALL");
        _world.Queue.At(_world.Now + _random.Between(TimeSpan.FromSeconds(5), _world.Options.FaultPhase), Flush);
    }
}

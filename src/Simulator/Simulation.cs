using Trefoil.KeyValue.Values;
using Trefoil.Primitives;
using Trefoil.Simulator.Clients;
using Trefoil.Simulator.Planting;
using Trefoil.Simulator.Slots;

namespace Trefoil.Simulator;

/// <summary>A whole cluster on virtual time: production cores, a network and disks that misbehave, and oracles that watch.</summary>
/// <remarks>
/// <para>One thread, one event queue, one seed. First faults and work happen together, and every oracle must hold at every step;
/// then faults stop, and every cluster must converge within <see cref="SimulationOptions.HealLimit"/>.</para>
/// </remarks>
public sealed class Simulation
{
    /// <summary>Events after which a run is taken to be running in circles.</summary>
    private const long MaxEventsPerSecond = 200_000;

    internal const string ClusterName = "sim";

    /// <summary>Virtual time zero in milliseconds since 1970.</summary>
    internal const long WallClockStart = 1_800_000_000_000;

    private readonly Trace _trace;

    /// <summary>The order of keys in a slot reaches what is logged and sent, so it must be the same in every process.</summary>
    static Simulation() => AppContext.SetSwitch(KeyHash.Repeatable, true);

    private Simulation(SimulationOptions options)
    {
        Options = options;
        Sabotage = options.Planted?.Plant(this) ?? new Sabotage();
        _trace = new Trace(options.Trace);
        var random = new Prng(options.Seed);
        var count = options.Nodes > 0 ? options.Nodes : 3 + random.Below(5);
        Plan = FaultPlan.Draw(random.Fork(), options.FaultPhase, count);
        Plan = options.Scenario?.Over(Plan, options.Seed) ?? Plan;
        Plan = options.CrashStep is null ? Plan : Plan.Quiet();
        Network = new VirtualNetwork(this, random.Fork(), count + ClientTraffic.Machines);
        Streams = new VirtualStreams(this);
        Oracles = new Oracles(this);
        Faults = new FaultInjector(this, random.Fork());
        Workload = new Workload(this, random.Fork());
        Traffic = new ClientTraffic(this, random.Fork());
        Steps = new CrashSteps(this);
        Nodes = [.. Enumerable.Range(0, count).Select(index => new SimulatedNode(this, index, random.Fork()))];
    }

    internal SimulationOptions Options { get; }

    /// <summary>Makes no mistakes, unless one is planted.</summary>
    internal Sabotage Sabotage { get; }

    internal TimeSpan Now { get; private set; }

    internal EventQueue Queue { get; } = new();

    internal SimulationCounts Counts { get; } = new();

    internal FaultPlan Plan { get; private set; }

    internal VirtualNetwork Network { get; }

    internal VirtualStreams Streams { get; }

    internal Oracles Oracles { get; }

    internal FaultInjector Faults { get; }

    internal Workload Workload { get; }

    internal ClientTraffic Traffic { get; }

    internal CrashSteps Steps { get; }

    /// <summary>Members come and go in this run.</summary>
    internal bool Churns => !Options.Shards || Options.Churn;

    /// <summary>Faults are over.</summary>
    internal bool IsHealing { get; private set; }

    /// <summary>Since when.</summary>
    internal TimeSpan HealingSince { get; private set; }

    internal IReadOnlyList<SimulatedNode> Nodes { get; }

    /// <summary>Runs one seed to its end. A violated oracle is in the result, as is whatever the code under test throws.</summary>
    public static SimulationResult Run(SimulationOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Nodes, 32, nameof(options));
        var world = new Simulation(options);
        string? failure = null;
        try
        {
            world.Run();
        }
        catch (OracleViolation violation)
        {
            failure = violation.Message;
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            failure = $"The code under test threw: {error}";
        }

        return new SimulationResult(
            options.Seed, world._trace.Hash, world.Now, world.Counts,
            failure is null ? null : $"seed {options.Seed} at {world.Now.TotalSeconds:F4} s: {failure}",
            failure is null ? [] : world._trace.Tail());
    }

    internal SimulatedNode? NodeAt(string host)
    {
        foreach (var node in Nodes)
        {
            if (node.Host == host)
            {
                return node;
            }
        }

        return null;
    }

    internal void Note(string what, int node, int other, ulong weight, object? detail) =>
        _trace.Add(Now, what, node, other, weight, detail);

    /// <summary>Enters the hash only: for what happens too often to be told.</summary>
    internal void Mix(int from, int to, int length) => _trace.Mix(Now, from, to, length);

    internal void RunUntil(TimeSpan end)
    {
        var budget = (long)(((end - Now).TotalSeconds + 1) * MaxEventsPerSecond);
        while (Queue.Next <= end)
        {
            Now = Queue.Next > Now ? Queue.Next : Now;
            Queue.Take()();
            if (--budget == 0)
            {
                throw new OracleViolation($"more than {MaxEventsPerSecond} events per virtual second: something runs in circles");
            }
        }

        Now = end;
    }

    private void Run()
    {
        Workload.Start();
        if (Options.Shards)
        {
            Traffic.Start();
        }

        Faults.Start();
        RunUntil(Options.FaultPhase);
        Note("heal", -1, -1, 0, "faults end");
        Workload.Stop();
        Traffic.Stop();
        (IsHealing, HealingSince) = (true, Now);
        Faults.Heal();
        new Healing(this).Run();
    }
}

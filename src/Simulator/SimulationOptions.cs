using Trefoil.Simulator.Planting;
using Trefoil.Simulator.Scenarios;
using Trefoil.Simulator.Slots;

namespace Trefoil.Simulator;

/// <summary>What to simulate. Immutable; everything that is not given is drawn from the seed.</summary>
public sealed record SimulationOptions
{
    /// <summary>Decides everything: the same seed and options give the same run, event by event.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Nodes, 1..32; 0 draws 3..7 from the seed.</summary>
    public int Nodes { get; init; }

    /// <summary>Virtual time during which faults happen; healing comes on top.</summary>
    public TimeSpan FaultPhase { get; init; } = TimeSpan.FromSeconds(40);

    /// <summary>Virtual time within which a healed cluster must have converged.</summary>
    public TimeSpan HealLimit { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>Receives every line of the trace as it happens; null keeps only a tail for failures.</summary>
    public Action<string>? Trace { get; init; }

    /// <summary>The key-value engine runs on every node, copies follow primaries and slots move. Without, the control plane is alone.</summary>
    public bool Shards { get; init; }

    /// <summary>Says what the seeds have in common; null leaves everything to the seed. <see cref="Scenario.OptionsOf"/> sets the options that go with it.</summary>
    public Scenario? Scenario { get; init; }

    /// <summary>
    /// Members come, leave and are reset, and anybody asks for anything, so that keys may go with them. Otherwise clients are at work, and judge what
    /// they are told. Always so without <see cref="Shards"/>.
    /// </summary>
    public bool Churn { get; init; }

    /// <summary>Instead of a plan of faults: one migration between two shards of three, and one process that ends right behind one of its steps.</summary>
    internal (int Step, CrashRole Role)? CrashStep { get; init; }

    /// <summary>A mistake around the code under test, to see that the oracles find it.</summary>
    public PlantedBug? Planted { get; init; }
}

using Trefoil.ControlPlane;
using Trefoil.Migration;
using Trefoil.Replication;
using Trefoil.Simulator.Scenarios;
using Trefoil.Simulator.Slots;
using Trefoil.Storage;

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

    /// <summary>
    /// Nodes copy each other and clients write to them, in quorum or synchronous mode: then nobody leaves or is reset, and the oracles judge
    /// what clients are told.
    /// </summary>
    public bool Shards { get; init; }

    /// <summary>Says what the seeds have in common; null leaves everything to the seed. <see cref="Scenario.OptionsOf"/> sets the options that go with it.</summary>
    public Scenario? Scenario { get; init; }

    /// <summary>Instead of a plan of faults: one migration between two shards of three, and one process that ends right behind one of its steps.</summary>
    internal (int Step, CrashRole Role)? CrashStep { get; init; }

    /// <summary>A planted bug, to see that the oracles find it.</summary>
    internal Sabotage Sabotage { get; init; } = new();
}

/// <summary>Planted bugs live in the simulated driver, network and disk, never in the production code.</summary>
internal sealed record Sabotage
{
    /// <summary>Replaces an effect before it is performed; null drops it.</summary>
    public Func<ControlEffect, ControlEffect?>? Effect { get; init; }

    /// <summary>The same for an effect of replication.</summary>
    public Func<ReplicaEffect, ReplicaEffect?>? ReplicaEffect { get; init; }

    /// <summary>The same for an effect of a migration, and for what it is told.</summary>
    public Func<MigrationEffect, MigrationEffect?>? MigrationEffect { get; init; }

    public Func<MigrationInput, MigrationInput>? MigrationInput { get; init; }

    /// <summary>Stands between the core of migration and a node's slots.</summary>
    public Func<IMigratingSlots, SimulatedNode, IMigratingSlots>? Slots { get; init; }

    /// <summary>Stands between the core of replication and a node's log.</summary>
    public Func<IReplicatedLog, SimulatedNode, IReplicatedLog>? Log { get; init; }

    /// <summary>Replaces a control message on its way; null drops it.</summary>
    public Func<ControlMessage, ControlMessage?>? Message { get; init; }

    /// <summary>Stands between a node and its disk.</summary>
    public Func<IDisk, IDisk>? Disk { get; init; }

    /// <summary>Stands between a node's key-value engine and its disk.</summary>
    public Func<IDisk, IDisk>? KeyDisk { get; init; }
}

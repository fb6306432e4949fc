using Trefoil.Primitives;
using Trefoil.Sharding;

namespace Trefoil.Simulator.Scenarios;

/// <summary>A seed that an oracle once objected to: it is run for ever after.</summary>
/// <param name="Seed">The seed.</param>
/// <param name="Nodes">Of how many nodes; 0: as the seed draws.</param>
/// <param name="What">What it showed.</param>
public sealed record Regression(ulong Seed, int Nodes, string What);

/// <summary>What a run is about: what every seed has in common. Whatever a scenario does not name, each seed draws for itself.</summary>
public sealed record Scenario
{
    /// <summary>Seeds draw up to so many nodes and no fewer than <see cref="FewestNodes"/>, unless told otherwise.</summary>
    public const int MostNodes = 32;

    // Apart from what the simulation draws from the same seed.
    private const ulong Salt = 0x53_43_45_4E_41_52_49_4F;

    /// <summary>The name of an embedded one, or the path of a file: what <c>--scenario</c> takes.</summary>
    public required string Name { get; init; }

    /// <summary>What it is good for, in a sentence.</summary>
    public string About { get; init; } = "";

    /// <summary>Nodes of a cluster; 0: as the seed draws.</summary>
    public int FewestNodes { get; init; }

    /// <summary>The most that a seed may draw.</summary>
    public int LargestNodes { get; init; }

    /// <summary>How long there are faults.</summary>
    public TimeSpan? FaultPhase { get; init; }

    /// <summary>Members join, leave and are reset; otherwise they copy each other, and clients judge the data. Null: every second seed.</summary>
    public bool? Churn { get; init; }

    /// <summary>The value of <c>replication_mode</c>; null: as the seed draws.</summary>
    public string? Mode { get; init; }

    /// <summary>The value of <c>replication_ack</c>; null: as the seed draws.</summary>
    public string? Ack { get; init; }

    /// <summary>Faults that are not named do not happen; otherwise each seed draws them.</summary>
    public bool IsCalm { get; init; }

    /// <summary>Seeds that once failed under this scenario.</summary>
    public IReadOnlyList<Regression> Regressions { get; init; } = [];

    internal IReadOnlyList<PlanSetting> Faults { get; init; } = [];

    /// <summary>The options of one seed of this scenario.</summary>
    public SimulationOptions OptionsOf(ulong seed)
    {
        var options = new SimulationOptions
        {
            Seed = seed,
            Scenario = this,
            Nodes = FewestNodes == 0 ? 0 : FewestNodes + new Prng(seed ^ ~Salt).Below(LargestNodes - FewestNodes + 1),
            Shards = true,
            Churn = Churn ?? seed % 2 == 1,
        };
        return FaultPhase is { } length ? options with { FaultPhase = length } : options;
    }

    /// <summary>What the seed drew, with what this scenario says put over it.</summary>
    internal FaultPlan Over(FaultPlan drawn, ulong seed)
    {
        var random = new Prng(seed ^ Salt);
        var plan = IsCalm ? drawn.Healed() : drawn;
        foreach (var setting in Faults)
        {
            plan = setting.Over(plan, random);
        }

        var settings = plan.Control.Settings;
        settings = Mode is null ? settings : With(settings, "replication_mode", Mode);
        settings = Ack is null ? settings : With(settings, "replication_ack", Ack);
        return plan with { AckDurable = Ack is null ? plan.AckDurable : Ack == "durable", Control = plan.Control with { Settings = settings } };
    }

    private static IReadOnlyList<Setting> With(IReadOnlyList<Setting> settings, string name, string value) =>
        [.. settings.Where(setting => setting.Key != name), new Setting(name, value)];
}

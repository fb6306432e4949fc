using System.Globalization;
using System.Text;
using Trefoil.Simulator;
using Trefoil.Simulator.Planting;
using Trefoil.Simulator.Scenarios;

namespace Trefoil.Cli.Simulate;

/// <summary>What <c>trefoil sim</c> was asked for.</summary>
internal sealed record SimulateRequest
{
    public required Scenario Scenario { get; init; }

    public required ulong FirstSeed { get; init; }

    public required int Seeds { get; init; }

    public required int Threads { get; init; }

    /// <summary>0: as the scenario or the seed says.</summary>
    public int Nodes { get; init; }

    /// <summary>Virtual hours of faults; 0: as the scenario says.</summary>
    public double Hours { get; init; }

    /// <summary>Each seed runs a second time, and must leave the same trace.</summary>
    public bool Twice { get; init; }

    /// <summary>A mistake that is put around the code under test; null for none.</summary>
    public PlantedBug? Planted { get; init; }

    /// <summary>The options of one of the seeds.</summary>
    public SimulationOptions OptionsOf(ulong seed)
    {
        var options = Scenario.OptionsOf(seed);
        return options with
        {
            Planted = Planted,
            Nodes = Nodes > 0 ? Nodes : options.Nodes,
            FaultPhase = Hours > 0 ? TimeSpan.FromHours(Hours) : options.FaultPhase,
        };
    }

    /// <summary>The command that runs one seed again in exactly the same way.</summary>
    public string ReplayOf(ulong seed)
    {
        var command = new StringBuilder(string.Create(CultureInfo.InvariantCulture, $"./trefoil sim --seed {seed}"));
        if (Scenario.Name != ScenarioCatalog.Default)
        {
            command.Append(CultureInfo.InvariantCulture, $" --scenario {(Scenario.Name.Contains(' ', StringComparison.Ordinal) ? $"'{Scenario.Name}'" : Scenario.Name)}");
        }

        if (Nodes > 0)
        {
            command.Append(CultureInfo.InvariantCulture, $" --nodes {Nodes}");
        }

        if (Hours > 0)
        {
            command.Append(CultureInfo.InvariantCulture, $" --hours {Hours:R}");
        }

        if (Planted is not null)
        {
            command.Append(CultureInfo.InvariantCulture, $" --plant {Planted.Name}");
        }

        return command.ToString();
    }
}

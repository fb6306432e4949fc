using Trefoil.Simulator;
using Trefoil.Simulator.Planting;
using Trefoil.Simulator.Scenarios;
using Trefoil.Unit.Testing;
using Xunit;

namespace Trefoil.Unit.Simulator;

/// <summary>The checks can see: every planted bug is found, by the scenario that is green without it.</summary>
public sealed class PlantedBugTests
{
    private static readonly Scenario AllLayers = new() { Name = "all-layers" };

    public static TheoryData<string> Names => [.. PlantedBugs.All.Select(bug => bug.Name)];

    /// <summary>The seed that the table names, or, since changes of the simulator change what a seed does, one of those before the limit.</summary>
    [Theory]
    [Trait(Soak.Trait, "yes")]
    [MemberData(nameof(Names))]
    public void A_planted_bug_is_found(string name)
    {
        var bug = PlantedBugs.Find(name)!;
        foreach (var seed in Enumerable.Range(1, bug.WithinSeeds).Select(each => (ulong)each).Prepend(bug.Seed))
        {
            if (Run(seed, bug).Failure is not null)
            {
                // That they are green without it, many more seeds than these show; here only the soak takes the time.
                Assert.Null(Soak.IsOn ? Run(seed, null).Failure : null);
                return;
            }
        }

        Assert.Fail($"{bug.WithinSeeds} seeds raised no objection: {bug.Breaks}");
    }

    [Fact]
    public void The_page_on_testing_has_the_table_of_planted_bugs()
    {
        var page = File.ReadAllLines(Path.Combine(Repository.Root, "docs", "testing.md"));
        var rows = page.SkipWhile(line => line != "## Planted bugs").Skip(1).TakeWhile(line => !line.StartsWith("## ", StringComparison.Ordinal))
            .Where(line => line.StartsWith("| `", StringComparison.Ordinal));

        Assert.Equal(
            PlantedBugs.All.Select(bug => $"| `{bug.Name}` | {bug.Breaks} | {bug.PlantedIn} | {bug.FoundBy} | {bug.WithinSeeds} |")
                .Concat(PlantedBugs.Rare.Select(bug => $"| `{bug.Name}` | {bug.Breaks} | {bug.PlantedIn} | {bug.FoundBy} | rare |")),
            rows);
    }

    [Fact]
    public void Every_planted_bug_can_be_found_by_its_name() =>
        Assert.All(PlantedBugs.All, bug => Assert.Same(bug, PlantedBugs.Find(bug.Name)));

    private static SimulationResult Run(ulong seed, PlantedBug? bug) => Simulation.Run(AllLayers.OptionsOf(seed) with { Planted = bug });
}

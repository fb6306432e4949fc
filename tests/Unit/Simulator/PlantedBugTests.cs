using Trefoil.Simulator;
using Trefoil.Simulator.Planting;
using Xunit;

namespace Trefoil.Unit.Simulator;

/// <summary>The checks can see: every planted bug is found, by the scenario that is green without it.</summary>
public sealed class PlantedBugTests
{
    public static TheoryData<string> Names => [.. PlantedBugs.All.Select(bug => bug.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_planted_bug_is_found(string name)
    {
        var bug = PlantedBugs.Find(name)!;
        for (ulong seed = 1; seed <= (ulong)bug.WithinSeeds; seed++)
        {
            if (Run(seed, bug).Failure is not null)
            {
                Assert.Null(Run(seed, null).Failure);
                return;
            }
        }

        Assert.Fail($"{bug.WithinSeeds} seeds raised no objection: {bug.Breaks}");
    }

    [Fact]
    public void Names_are_told_apart() => Assert.Equal(PlantedBugs.All.Count, PlantedBugs.All.Select(bug => bug.Name).Distinct().Count());

    /// <summary>As <c>trefoil sim</c> does.</summary>
    private static SimulationResult Run(ulong seed, PlantedBug? bug) =>
        Simulation.Run(new SimulationOptions { Seed = seed, Shards = true, Churn = seed % 2 == 1, Planted = bug });
}

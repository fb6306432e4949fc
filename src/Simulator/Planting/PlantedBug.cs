namespace Trefoil.Simulator.Planting;

/// <summary>A mistake that somebody might make, put around the production code to see that the checks can see.</summary>
/// <param name="Name">What <c>trefoil sim --plant</c> calls it.</param>
/// <param name="Breaks">What is done wrong, in one sentence.</param>
/// <param name="PlantedIn">Where.</param>
/// <param name="FoundBy">The oracle that objects first, mostly.</param>
/// <param name="WithinSeeds">One of the seeds 1 to this must object.</param>
public sealed record PlantedBug(string Name, string Breaks, string PlantedIn, string FoundBy, int WithinSeeds)
{
    /// <summary>Plants it in one simulation.</summary>
    internal Func<Simulation, Sabotage> Plant { get; init; } = _ => new Sabotage();
}

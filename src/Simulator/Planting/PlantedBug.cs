namespace Trefoil.Simulator.Planting;

/// <summary>A mistake that somebody might make, put around the production code to see that the checks can see.</summary>
/// <param name="Name">What <c>trefoil sim --plant</c> calls it.</param>
/// <param name="Breaks">What is done wrong.</param>
/// <param name="PlantedIn">Where.</param>
/// <param name="FoundBy">The oracle that objects first, mostly.</param>
/// <param name="WithinSeeds">One of the seeds from 1 to this must object.</param>
/// <param name="Seed">The first that did when this was written: where to look first.</param>
public sealed record PlantedBug(string Name, string Breaks, string PlantedIn, string FoundBy, int WithinSeeds, ulong Seed)
{
    /// <summary>Plants it in one simulation.</summary>
    internal Func<Simulation, Sabotage> Plant { get; init; } = _ => new Sabotage();
}

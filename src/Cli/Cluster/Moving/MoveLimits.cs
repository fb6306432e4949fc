namespace Trefoil.Cli.Cluster.Moving;

/// <summary>How much is moved at once.</summary>
/// <param name="SlotsPerJob">Slots of one migration. More: fewer changes of the map; less: less begins again after a failover, and slots serve at their new home sooner.</param>
/// <param name="Parallel">Migrations at once, each between another pair. More is faster until a disk, a wire or a core is full; clients notice that first.</param>
internal sealed record MoveLimits(int SlotsPerJob, int Parallel)
{
    public const int DefaultSlotsPerJob = 1024;
    public const int DefaultParallel = 4;

    /// <summary>How long a refusal that goes away by itself is waited out.</summary>
    public TimeSpan ToBegin { get; init; } = TimeSpan.FromSeconds(30);
}

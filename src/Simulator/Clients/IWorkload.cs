namespace Trefoil.Simulator.Clients;

/// <summary>Something that clients do with a cluster, and the judgement on what they were told. Each leaf has its own; <see cref="ClientTraffic"/> lists them.</summary>
internal interface IWorkload
{
    /// <summary>How often it is chosen, against the others' weights.</summary>
    int Weight { get; }

    /// <summary>One thing that a client does; <paramref name="done"/> says that it is free again, once, however long that takes.</summary>
    void Act(ClusterClient client, Action done);

    /// <summary>Faults are over, and copies are level: what a client must still look at before <see cref="Judge"/>; false: nothing is left.</summary>
    bool Finish(ClusterClient client, Action done);

    /// <summary>Everything was looked at.</summary>
    /// <exception cref="OracleViolation">A client was told what must not be.</exception>
    void Judge();
}

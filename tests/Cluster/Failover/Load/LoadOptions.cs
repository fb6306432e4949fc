namespace Trefoil.Cluster.Failover.Load;

/// <summary>How much load, and how patient its clients are.</summary>
internal sealed record LoadOptions
{
    /// <summary>Begins the hash tag of every key: two loads on one cluster need two.</summary>
    public string Name { get; init; } = "load";

    /// <summary>Clients that write, for each shard.</summary>
    public int WritersPerShard { get; init; } = 2;

    /// <summary>Clients that only read, for each shard.</summary>
    public int ReadersPerShard { get; init; } = 1;

    /// <summary>Pause of each client between two rounds of its commands. What it measures cannot be finer than this.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromMilliseconds(8);

    /// <summary>Bytes appended to each value of a SET.</summary>
    public int Padding { get; init; }

    /// <summary>How long a reply may take before the connection is given up and the outcome called unknown.</summary>
    public TimeSpan ReplyTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a connection may take to open.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Pause before a command that was refused is tried again.</summary>
    public TimeSpan RetryPause { get; init; } = TimeSpan.FromMilliseconds(10);
}

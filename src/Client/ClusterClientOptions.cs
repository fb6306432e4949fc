namespace Trefoil.Client;

/// <summary>How patient a <see cref="ClusterClient"/> is. Immutable.</summary>
public sealed record ClusterClientOptions
{
    /// <summary>How long a command is tried again while nobody serves its slot. Longer rides out an election, shorter says sooner what is wrong.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a connection may take to open.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Pause before the second try; it doubles up to <see cref="LongestPause"/>.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>The longest pause between two tries.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Redirects one try follows; go-redis gives up after 3, ioredis after 16.</summary>
    public int MostRedirects { get; init; } = 8;
}

namespace Trefoil.Sharding;

/// <summary>How a series and a time choose their shard.</summary>
public abstract record ShardingStrategy
{
    private ShardingStrategy()
    {
    }

    /// <summary>By the series: the default.</summary>
    public sealed record BySeries : ShardingStrategy;

    /// <summary>By the measurement, so that all its series sit together.</summary>
    public sealed record ByMeasurement : ShardingStrategy;

    /// <summary>By the time bucket.</summary>
    /// <param name="DurationNanos">Length of a bucket in nanoseconds, above 0.</param>
    public sealed record ByTime(long DurationNanos) : ShardingStrategy;

    /// <summary>By series and time bucket.</summary>
    /// <param name="TimeDurationNanos">Length of a bucket in nanoseconds, above 0.</param>
    public sealed record Composite(long TimeDurationNanos) : ShardingStrategy;
}

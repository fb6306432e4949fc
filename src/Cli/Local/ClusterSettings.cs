namespace Trefoil.Cli.Local;

/// <summary>Settings that are no line in a node's TOML: the cluster agrees on them, and CONFIG SET on any node changes them for all.</summary>
internal static class ClusterSettings
{
    private static readonly (string Key, string Parameter, string[] Values)[] All =
    [
        ("replication_mode", "replication-mode", ["asynchronous", "quorum", "synchronous"]),
        ("replication_ack", "replication-ack", ["received", "durable"]),
    ];

    /// <summary>Every key, in order.</summary>
    public static IEnumerable<string> Keys => All.Select(s => s.Key);

    /// <summary>The parameter that CONFIG SET takes for <paramref name="key"/>; null if the cluster has no such setting.</summary>
    public static string? ParameterOf(string key) => All.FirstOrDefault(s => s.Key == key).Parameter;

    /// <summary>What is wrong with a value; null if nothing is.</summary>
    public static string? Problem(string key, string value)
    {
        var values = All.First(s => s.Key == key).Values;
        return values.Contains(value, StringComparer.Ordinal) ? null : $"'{value}' is none of {string.Join(", ", values)}.";
    }
}

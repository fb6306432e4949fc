using Trefoil.Simulator.Scenarios;

namespace Trefoil.Cli.Simulate;

/// <summary>The scenarios that come along: src/Simulator/Scenarios, embedded here since the simulator itself opens no stream.</summary>
internal static class ScenarioCatalog
{
    /// <summary>What runs when nobody names one: everything that the simulator can do to a cluster.</summary>
    public const string Default = "all-layers";

    private const string Prefix = "Trefoil.Scenarios.";
    private const string Suffix = ".toml";

    /// <summary>Their names: the default first, the others in order.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        .. typeof(ScenarioCatalog).Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal) && name.EndsWith(Suffix, StringComparison.Ordinal))
            .Select(name => name[Prefix.Length..^Suffix.Length])
            .OrderBy(name => name != Default)
            .ThenBy(name => name, StringComparer.Ordinal),
    ];

    /// <summary>One of them; null if there is none of this name.</summary>
    public static Scenario? Find(string name)
    {
        if (!Names.Contains(name))
        {
            return null;
        }

        using var reader = new StreamReader(typeof(ScenarioCatalog).Assembly.GetManifestResourceStream($"{Prefix}{name}{Suffix}")!);
        return ScenarioReader.Read(reader.ReadToEnd(), name) switch
        {
            ScenarioResult.Read read => read.Scenario,
            ScenarioResult.Refused refused => throw new InvalidOperationException($"An embedded scenario is wrong: {string.Join("; ", refused.Errors)}"),
            _ => throw new InvalidOperationException("ScenarioResult has two cases."),
        };
    }
}

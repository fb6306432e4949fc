using System.Globalization;
using Trefoil.Primitives;

namespace Trefoil.Node.Configuration;

/// <summary>Merges the three sources of configuration: the TOML file, over it the environment, over it the flags.</summary>
public static class ConfigLoader
{
    /// <summary>The configuration, or null and every problem found, each naming its source and place.</summary>
    /// <param name="path">The TOML file; null for none.</param>
    /// <param name="environment">Environment variables; those beginning <c>TREFOIL_</c> that name no key are errors.</param>
    /// <param name="flags">Key names with the text given on the command line.</param>
    /// <param name="problems">What is wrong, a line each.</param>
    public static NodeConfig? Load(
        string? path,
        IReadOnlyDictionary<string, string> environment,
        IReadOnlyList<KeyValuePair<string, string>> flags,
        out IReadOnlyList<string> problems)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentNullException.ThrowIfNull(flags);
        var found = new List<string>();
        var config = new NodeConfig();
        if (path is not null)
        {
            config = ReadFile(config, path, found);
        }

        foreach (var (name, text) in environment.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            config = ReadVariable(config, name, text, found);
        }

        foreach (var (name, text) in flags)
        {
            config = Set(config, name, text, "command line", found);
        }

        problems = found;
        return found.Count == 0 ? config : null;
    }

    private static NodeConfig ReadFile(NodeConfig config, string path, List<string> problems)
    {
        string text;
        try
        {
            text = File.ReadAllText(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            problems.Add($"{path}: cannot be read: {error.Message}");
            return config;
        }

        if (TomlTable.Parse(text) is not TomlResult.Parsed { Root: var root })
        {
            problems.Add($"{path}: {((TomlResult.Failed)TomlTable.Parse(text)).Error}");
            return config;
        }

        foreach (var entry in root.Entries)
        {
            if (ConfigKeys.Find(entry.Key) is not { } key)
            {
                problems.Add($"{path}: {new TomlError(entry.At, NearestKey.Explain(entry.Key, Names))}");
            }
            else if (TextOf(key, entry.Value) is { } value)
            {
                config = Set(config, key.Name, value, $"{path}: {entry.Value.At}", problems);
            }
            else
            {
                problems.Add($"{path}: {entry.Value.At}: {key.Name} must be {key.Form}, not {entry.Value.Kind}");
            }
        }

        return config;
    }

    /// <summary>The value as a flag would give it, when its TOML type fits the key.</summary>
    private static string? TextOf(ConfigKey key, TomlValue value) => (key, value) switch
    {
        (ConfigKey.Text, TomlValue.Text text) => text.Value,
        (ConfigKey.Number, TomlValue.Integer number) => number.Value.ToString(CultureInfo.InvariantCulture),
        (ConfigKey.Automatic, TomlValue.Text text) => text.Value,
        (ConfigKey.Flagged or ConfigKey.Automatic, TomlValue.Boolean flag) => flag.Value ? "true" : "false",
        (ConfigKey.Addresses, TomlValue.Array array) when array.Items.All(item => item is TomlValue.Text) =>
            string.Join(',', array.Items.Select(item => ((TomlValue.Text)item).Value)),
        _ => null,
    };

    private static NodeConfig ReadVariable(NodeConfig config, string name, string text, List<string> problems)
    {
        const string Prefix = "TREFOIL_";
        if (!name.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return config;
        }

        return ConfigKeys.All.FirstOrDefault(key => key.Variable == name) is { } found
            ? Set(config, found.Name, text, $"environment variable {name}", problems)
            : Unknown();

        NodeConfig Unknown()
        {
            problems.Add($"environment: {NearestKey.Explain(name, ConfigKeys.All.Select(key => key.Variable))}");
            return config;
        }
    }

    private static NodeConfig Set(NodeConfig config, string name, string text, string source, List<string> problems)
    {
        if (ConfigKeys.Find(name) is not { } key)
        {
            problems.Add($"{source}: {NearestKey.Explain(name, Names)}");
            return config;
        }

        if (key.Set(config, text, out var problem) is { } changed)
        {
            return changed;
        }

        problems.Add($"{source}: {problem}");
        return config;
    }

    private static IEnumerable<string> Names => ConfigKeys.All.Select(key => key.Name);
}

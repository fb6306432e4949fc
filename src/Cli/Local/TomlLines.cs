using Trefoil.Node.Configuration;
using Trefoil.Primitives;

namespace Trefoil.Cli.Local;

/// <summary>Sets top-level keys in the text of a TOML file, keeping its other lines as they are.</summary>
/// <remarks>It only writes: whether the result means anything is for the node's own reader to say, with line and column.</remarks>
internal static class TomlLines
{
    /// <summary>Reads <c>key=value</c> as a command line gives it, the value bare or as TOML; null and the problem if it is neither.</summary>
    public static (string Key, string Value)? ParseSetting(string text, out string problem)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        var name = equals > 0 ? text[..equals].Trim() : "";
        problem = name.Length == 0 ? "give key=value, for example log_level=debug." : "";
        if (problem.Length == 0 && ConfigKeys.Find(name) is null)
        {
            problem = NearestKey.Explain(name, ConfigKeys.All.Select(k => k.Name).Concat(ClusterSettings.Keys));
        }

        if (problem.Length > 0)
        {
            return null;
        }

        var value = text[(equals + 1)..].Trim();
        return (name, IsToml(ConfigKeys.Find(name)!, value) ? value : TomlText.Quote(value));
    }

    /// <summary>The file with each key set: its line replaced, or a new line before the first table.</summary>
    public static string Apply(string file, IReadOnlyList<(string Key, string Value)> settings)
    {
        var lines = file.Length == 0 ? [] : file.TrimEnd('\n').Split('\n').ToList();
        foreach (var (key, value) in settings)
        {
            var tables = lines.FindIndex(l => l.TrimStart().StartsWith('['));
            var end = tables < 0 ? lines.Count : tables;
            var at = lines.FindIndex(0, end, l => Sets(l, key));
            if (at >= 0)
            {
                lines[at] = $"{key} = {value}";
            }
            else
            {
                lines.Insert(end, $"{key} = {value}");
            }
        }

        return string.Concat(lines.Select(l => l + "\n"));
    }

    private static bool Sets(string line, string key)
    {
        var trimmed = line.AsSpan().TrimStart();
        return trimmed.StartsWith(key, StringComparison.Ordinal) && trimmed[key.Length..].TrimStart().StartsWith('=');
    }

    // A text needs quotes that a shell has eaten; of the other kinds the node's reader says what does not fit.
    private static bool IsToml(ConfigKey key, string value) =>
        (key is not ConfigKey.Text && (key is not ConfigKey.Automatic || value is "true" or "false")) || value is ['"', .., '"'] or ['\'', .., '\''];
}

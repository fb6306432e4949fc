using System.Globalization;
using System.Text;

namespace Trefoil.Cli.Local;

/// <summary>Sets top-level keys in the text of a TOML file, keeping its other lines as they are.</summary>
/// <remarks>It only writes: whether the result means anything is for the node's own reader to say, with line and column.</remarks>
internal static class TomlLines
{
    /// <summary>A basic TOML string.</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var c in text)
        {
            _ = c switch
            {
                '"' or '\\' => quoted.Append('\\').Append(c),
                '\n' => quoted.Append("\\n"),
                '\t' => quoted.Append("\\t"),
                < ' ' or '\x7f' => quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => quoted.Append(c),
            };
        }

        return quoted.Append('"').ToString();
    }

    /// <summary>Splits <c>key=value</c> as a command line gives it; a bare word becomes a TOML string.</summary>
    public static (string Key, string Value)? ParseSetting(string text)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        var key = equals > 0 ? text[..equals].Trim() : "";
        if (key.Length == 0 || !key.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-'))
        {
            return null;
        }

        var value = text[(equals + 1)..].Trim();
        return (key, IsLiteral(value) ? value : Quote(value));
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

    private static bool IsLiteral(string value) =>
        value is "true" or "false"
        || long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _)
        || value.StartsWith('"') || value.StartsWith('\'') || value.StartsWith('[') || value.StartsWith('{');
}

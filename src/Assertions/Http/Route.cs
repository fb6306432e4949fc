namespace Trefoil.Assertions.Http;

/// <summary>One method of one path.</summary>
/// <param name="Method">GET (which answers HEAD too) or POST.</param>
/// <param name="Pattern">The path; <c>{id}</c> stands for one segment, <c>{path}</c> for all the rest.</param>
/// <param name="Handle">Answers.</param>
/// <param name="Parameters">Names of the query parameters it knows.</param>
internal sealed record Route(string Method, string Pattern, Func<Exchange, Task> Handle, params string[] Parameters)
{
    /// <summary>True without recovery: what tells how the server is.</summary>
    public bool IsAlwaysOpen { get; init; }

    /// <summary>Whether the path is one of this route's, and what stands for its variable.</summary>
    public bool Matches(string path, out string variable)
    {
        variable = "";
        var open = Pattern.IndexOf('{', StringComparison.Ordinal);
        if (open < 0)
        {
            return path == Pattern;
        }

        var close = Pattern.IndexOf('}', StringComparison.Ordinal);
        var (before, after) = (Pattern[..open], Pattern[(close + 1)..]);
        if (path.Length <= before.Length + after.Length || !path.StartsWith(before, StringComparison.Ordinal) || !path.EndsWith(after, StringComparison.Ordinal))
        {
            return false;
        }

        variable = path[before.Length..^after.Length];
        return Pattern[open..(close + 1)] == "{path}" || !variable.Contains('/', StringComparison.Ordinal);
    }
}

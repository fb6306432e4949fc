using System.CommandLine;

namespace Trefoil.Cli;

/// <summary>Says what is wrong with a command line, and what was probably meant.</summary>
internal static class Complaint
{
    // Beyond this many edits a suggestion is a guess.
    private const int FarthestTypo = 3;

    public static string About(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        var help = $"See `{Path(parsed.CommandResult)} --help`.";
        if (parsed.UnmatchedTokens is not [var unknown, ..])
        {
            return $"{parsed.Errors[0].Message} {help}";
        }

        var known = unknown.StartsWith('-')
            ? command.Options.Where(o => !o.Hidden).Select(o => o.Name)
            : command.Subcommands.Select(c => c.Name);
        var what = unknown.StartsWith('-') ? "option" : "command";
        var nearest = known.MinBy(k => Distance(unknown, k));
        var meant = nearest is not null && Distance(unknown, nearest) <= FarthestTypo ? $" Did you mean '{nearest}'?" : "";
        return $"unknown {what} '{unknown}'.{meant} {help}";
    }

    /// <summary>Edits (insert, delete, replace) between two words.</summary>
    public static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var replace = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replace, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[b.Length];
    }

    private static string Path(System.CommandLine.Parsing.CommandResult result) =>
        result.Parent is System.CommandLine.Parsing.CommandResult parent ? $"{Path(parent)} {result.Command.Name}" : "trefoil";
}

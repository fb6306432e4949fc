using System.CommandLine;
using Trefoil.Primitives;

namespace Trefoil.Cli;

/// <summary>Says what is wrong with a command line, and what was probably meant.</summary>
internal static class Complaint
{
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
        var meant = NearestKey.Of(unknown, known) is { } nearest ? $" Did you mean '{nearest}'?" : "";
        return $"unknown {what} '{unknown}'.{meant} {help}";
    }

    private static string Path(System.CommandLine.Parsing.CommandResult result) =>
        result.Parent is System.CommandLine.Parsing.CommandResult parent ? $"{Path(parent)} {result.Command.Name}" : "trefoil";
}

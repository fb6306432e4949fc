using System.CommandLine;
using Trefoil.Simulator.Scenarios;

namespace Trefoil.Cli.Simulate;

/// <summary>Finds the scenario that <c>--scenario</c> names, and lists those there are.</summary>
internal static class ScenarioOption
{
    /// <summary>An embedded one by its name, or a file by its path; null with what is wrong.</summary>
    public static Scenario? Find(string name, out CliFailure? failure)
    {
        failure = null;
        if (ScenarioCatalog.Find(name) is { } known)
        {
            return known;
        }

        if (!File.Exists(name))
        {
            failure = CliFailure.Usage($"sim: '{name}' is no file and no scenario: there are {string.Join(", ", ScenarioCatalog.Names)}.");
            return null;
        }

        try
        {
            switch (ScenarioReader.Read(File.ReadAllText(name), name))
            {
                case ScenarioResult.Read read:
                    return read.Scenario;
                case ScenarioResult.Refused refused:
                    failure = CliFailure.Usage(string.Join("\ntrefoil: ", refused.Errors));
                    return null;
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            failure = CliFailure.Usage($"sim: {error.Message}");
        }

        return null;
    }

    /// <summary><c>trefoil sim scenarios</c>.</summary>
    public static Command BuildList()
    {
        var command = new Command("scenarios", "List the scenarios that --scenario knows by name.");
        command.Does((parsed, _) =>
        {
            var rows = ScenarioCatalog.Names.Select(name => (IReadOnlyList<string>)[name, ScenarioCatalog.Find(name)!.About]).ToList();
            parsed.InvocationConfiguration.Output.Write(TextTable.Format(["scenario", "about"], rows));
            return Task.FromResult<CliFailure?>(null);
        });
        return command;
    }
}

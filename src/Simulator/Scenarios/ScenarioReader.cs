using Trefoil.Primitives;

namespace Trefoil.Simulator.Scenarios;

/// <summary>A scenario, or everything that is wrong with its file.</summary>
public abstract record ScenarioResult
{
    private ScenarioResult()
    {
    }

    /// <summary>It is good.</summary>
    public sealed record Read(Scenario Scenario) : ScenarioResult;

    /// <summary>It is not; each error names the file, the line, and what is allowed there.</summary>
    public sealed record Refused(IReadOnlyList<string> Errors) : ScenarioResult;
}

/// <summary>Reads one scenario file. Strict: a key that nobody knows would be a fault that never happens.</summary>
public sealed class ScenarioReader
{
    private static readonly string[] Keys = ["about", "nodes", "seconds", "mode", "ack", "churn", "unnamed_faults", "faults", "regression"];
    private static readonly string[] RegressionKeys = ["seed", "nodes", "what"];
    private static readonly string[] Modes = ["asynchronous", "quorum", "synchronous"];
    private static readonly string[] Acks = ["received", "durable"];
    private static readonly string[] Unnamed = ["drawn", "none"];

    private const long MostSeconds = 10_000 * 3600L;

    private readonly List<TomlError> _errors = [];

    private ScenarioReader()
    {
    }

    /// <summary>Reads a file's text.</summary>
    /// <param name="text">TOML; docs/testing.md has the format.</param>
    /// <param name="name">What the scenario is called, in errors too.</param>
    public static ScenarioResult Read(string text, string name)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(name);
        return TomlTable.Parse(text) switch
        {
            TomlResult.Parsed parsed => new ScenarioReader().Build(parsed.Root, name),
            TomlResult.Failed failed => new ScenarioResult.Refused([$"{name}: {failed.Error}"]),
            _ => throw new InvalidOperationException("TomlResult has two cases."),
        };
    }

    private ScenarioResult Build(TomlTable root, string name)
    {
        RefuseUnknown(root, Keys, "a scenario");
        var (fewest, largest) = Nodes(root);
        var seconds = root.Float("seconds", _errors);
        if (seconds is not null and not (> 0 and <= MostSeconds))
        {
            Complain(root, "seconds", $"'seconds' must be above 0 and at most {MostSeconds}");
        }

        var scenario = new Scenario
        {
            Name = name,
            About = root.Text("about", _errors) ?? "",
            FewestNodes = fewest,
            LargestNodes = largest,
            FaultPhase = seconds is { } length ? TimeSpan.FromSeconds(Math.Clamp(length, 0, MostSeconds)) : null,
            Churn = root.Boolean("churn", _errors),
            Mode = Word(root, "mode", Modes),
            Ack = Word(root, "ack", Acks),
            IsCalm = Word(root, "unnamed_faults", Unnamed) == "none",
            Faults = Faults(root),
            Regressions = [.. (root.Tables("regression", _errors) ?? []).Select(RegressionOf)],
        };
        return _errors.Count == 0
            ? new ScenarioResult.Read(scenario)
            : new ScenarioResult.Refused([.. _errors.OrderBy(error => (error.At.Line, error.At.Column)).Select(error => $"{name}: {error}")]);
    }

    private (int Fewest, int Largest) Nodes(TomlTable root)
    {
        switch (root["nodes"])
        {
            case null:
                return (0, 0);
            case TomlValue.Integer { Value: >= 1 and <= Scenario.MostNodes } count:
                return ((int)count.Value, (int)count.Value);
            case TomlValue.Array { Items: [TomlValue.Integer { Value: >= 1 } from, TomlValue.Integer { Value: <= Scenario.MostNodes } to] } when from.Value <= to.Value:
                return ((int)from.Value, (int)to.Value);
            default:
                Complain(root, "nodes", $"'nodes' must be a number from 1 to {Scenario.MostNodes}, or [fewest, most]");
                return (0, 0);
        }
    }

    private List<PlanSetting> Faults(TomlTable root)
    {
        var settings = new List<PlanSetting>();
        if (root.Table("faults", _errors) is { } faults)
        {
            RefuseUnknown(faults, PlanSetting.Keys, "[faults]");
            settings.AddRange(faults.Entries
                .Where(entry => PlanSetting.Keys.Contains(entry.Key))
                .Select(entry => PlanSetting.Read(entry, _errors))
                .OfType<PlanSetting>());
        }

        return settings;
    }

    private Regression RegressionOf(TomlTable table)
    {
        RefuseUnknown(table, RegressionKeys, "[[regression]]");
        var seed = table.Integer("seed", 0, long.MaxValue, _errors);
        if (table.Find("seed") is null || table.Find("what") is null)
        {
            _errors.Add(new TomlError(table.At, "a [[regression]] needs 'seed', and 'what' it showed"));
        }

        return new Regression((ulong)(seed ?? 0), (int)(table.Integer("nodes", 1, Scenario.MostNodes, _errors) ?? 0), table.Text("what", _errors) ?? "");
    }

    private string? Word(TomlTable table, string key, string[] allowed)
    {
        var word = table.Text(key, _errors);
        if (word is not null && !allowed.Contains(word))
        {
            Complain(table, key, $"'{key}' must be one of {string.Join(", ", allowed.Select(each => $"\"{each}\""))}, not \"{word}\"");
        }

        return word;
    }

    /// <summary>A scenario is read when something went wrong at night: the message holds all that one could have meant.</summary>
    private void RefuseUnknown(TomlTable table, IReadOnlyCollection<string> known, string where)
    {
        foreach (var entry in table.Entries.Where(entry => !known.Contains(entry.Key)))
        {
            _errors.Add(new TomlError(entry.At, $"{NearestKey.Explain(entry.Key, known)} ({where} has: {string.Join(", ", known)})"));
        }
    }

    private void Complain(TomlTable table, string key, string message) =>
        _errors.Add(new TomlError(table.Find(key)?.Value.At ?? table.At, message));
}

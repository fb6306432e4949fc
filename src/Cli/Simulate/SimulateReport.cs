using System.Globalization;
using Trefoil.Simulator;

namespace Trefoil.Cli.Simulate;

/// <summary>Adds up what the seeds did, and prints it.</summary>
internal sealed class SimulateReport(SimulateRequest request, TextWriter output)
{
    private const int TailLines = 60;
    private const int ToldFailures = 3;
    private const int NamedFailures = 40;

    private readonly SimulationCounts _counts = new();
    private readonly List<ulong> _failed = [];
    private TimeSpan _virtualTime;
    private int _seen;

    /// <summary>Seeds that something objected to.</summary>
    public IReadOnlyList<ulong> Failed => _failed;

    /// <summary>Seeds whose end is known.</summary>
    public int Seen => _seen;

    /// <summary>What must happen in a run of many seeds, and did not.</summary>
    public IReadOnlyList<string> Missing => [.. SimulationCounts.Expected.Where(name => _counts[name] == 0)];

    /// <summary>Takes in a seed, and tells at once when something objected to it.</summary>
    public void Add(SeedOutcome outcome)
    {
        _seen++;
        _counts.Add(outcome.Result.Counts);
        _virtualTime += outcome.Result.VirtualTime;
        if (outcome.Failure is { } failure)
        {
            _failed.Add(outcome.Result.Seed);
            Tell(outcome.Result, failure);
        }
        else if (request.Seeds == 1)
        {
            output.WriteLine($"seed {outcome.Result.Seed}: no objection; trace hash {outcome.Result.TraceHash:x16}{(outcome.SecondHash is null ? "" : ", and the same again")}");
        }
    }

    /// <summary>One calm line now and then while a long run goes on.</summary>
    public void Progress(TimeSpan elapsed) => output.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{_seen,6} of {request.Seeds} seeds, {_failed.Count} failed, {_virtualTime.TotalHours:F1} cluster-hours, {elapsed.TotalMinutes:F1} minutes"));

    /// <summary>The counts, and the figures of the whole run.</summary>
    public void Finish(TimeSpan elapsed, TimeSpan processor)
    {
        foreach (var (area, counts) in Areas())
        {
            output.WriteLine($"\n{area}");
            foreach (var (name, count) in counts)
            {
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{count,12}  {name}"));
            }
        }

        var (hours, minutes) = (_virtualTime.TotalHours, Math.Max(processor.TotalMinutes, 1e-9));
        output.WriteLine();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{_seen - _failed.Count,12}  of {request.Seeds} seeds passed{(request.Twice ? ", each with the same trace twice" : "")}"));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{hours,12:F1}  virtual cluster-hours"));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{minutes,12:F1}  CPU minutes, {elapsed.TotalMinutes:F1} minutes on {request.Threads} {(request.Threads == 1 ? "thread" : "threads")}"));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{hours / minutes,12:F1}  cluster-hours per CPU minute"));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{_seen / Math.Max(elapsed.TotalMinutes, 1e-9),12:F1}  seeds per minute"));
        if (_failed.Count > 0)
        {
            output.WriteLine($"\nfailed seeds: {string.Join(' ', _failed.Take(NamedFailures))}{(_failed.Count > NamedFailures ? " ..." : "")}");
        }
    }

    /// <summary>By the word before the colon of their names; what is expected is shown even when it never happened.</summary>
    private IEnumerable<(string Area, IEnumerable<(string Name, long Count)> Counts)> Areas() => _counts.All.Select(count => count.Key)
        .Concat(request.Seeds > 1 ? SimulationCounts.Expected : [])
        .Distinct()
        .Select(key => (Key: key, Colon: key.IndexOf(": ", StringComparison.Ordinal)))
        .Select(name => (Area: name.Colon < 0 ? "cluster" : name.Key[..name.Colon], Name: name.Colon < 0 ? name.Key : name.Key[(name.Colon + 2)..], name.Key))
        .GroupBy(name => name.Area)
        .OrderBy(area => area.Key, StringComparer.Ordinal)
        .Select(area => (area.Key, area.OrderBy(name => name.Name, StringComparer.Ordinal).Select(name => (name.Name, _counts[name.Key]))));

    private void Tell(SimulationResult result, string failure)
    {
        if (_failed.Count <= ToldFailures)
        {
            foreach (var line in result.TraceTail.TakeLast(TailLines))
            {
                output.WriteLine("  " + line);
            }
        }

        output.WriteLine($"FAILED {failure}");
        output.WriteLine($"scenario: {request.Scenario.Name}; version: {SimulateCommand.Version}");
        output.WriteLine($"replay: {request.ReplayOf(result.Seed)}");
    }
}

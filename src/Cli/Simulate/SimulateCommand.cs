using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Trefoil.Simulator;

namespace Trefoil.Cli.Simulate;

/// <summary><c>trefoil sim</c>: runs seeds of the simulator and says what happened in them.</summary>
internal static class SimulateCommand
{
    private const int TailLines = 60;

    private static readonly Option<int> Seeds = new("--seeds")
    {
        Description = "How many seeds to run, from 1 on.",
        DefaultValueFactory = _ => 200,
    };

    private static readonly Option<ulong?> Seed = new("--seed")
    {
        Description = "Run this seed alone (or, with --seeds, that many from this one on).",
    };

    private static readonly Option<int> Nodes = new("--nodes")
    {
        Description = "Nodes of each cluster, 1 to 32; each seed draws 3 to 7 when it is not given.",
    };

    private static readonly Option<double> Hours = new("--hours")
    {
        Description = "Virtual hours of faults per seed; 40 virtual seconds when it is not given.",
    };

    private static readonly Option<bool> Trace = new("--trace") { Description = "Print everything that happens." };

    /// <summary>The command.</summary>
    public static Command Build()
    {
        var command = new Command("sim", "Simulate clusters on virtual time, with faults; every seed replays exactly.")
        {
            Seeds, Seed, Nodes, Hours, Trace, CheckHistoryCommand.Build(),
        };
        command.Does((parsed, cancellation) => Task.Run(() => Run(parsed, cancellation), cancellation));
        return command;
    }

    private static CliFailure? Run(ParseResult parsed, CancellationToken cancellation)
    {
        var seed = parsed.GetValue(Seed);
        var count = seed is not null && parsed.GetResult(Seeds) is null or { Implicit: true } ? 1 : parsed.GetValue(Seeds);
        var (nodes, hours) = (parsed.GetValue(Nodes), parsed.GetValue(Hours));
        if (count < 1 || nodes is < 0 or > 32 || hours is < 0 or > 10_000)
        {
            return CliFailure.Usage("sim: --seeds must be at least 1, --nodes 1 to 32, --hours 0 to 10000.");
        }

        var output = parsed.InvocationConfiguration.Output;
        var (total, failed, virtualTime, watch) = (new SimulationCounts(), new List<ulong>(), TimeSpan.Zero, Stopwatch.StartNew());
        for (var i = 0; i < count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            var result = Simulation.Run(new SimulationOptions
            {
                Seed = (seed ?? 1) + (ulong)i,
                Nodes = nodes,
                Shards = ((seed ?? 1) + (ulong)i) % 2 == 0, // Odd: members come and go. Even: they copy each other, and clients judge.
                FaultPhase = hours > 0 ? TimeSpan.FromHours(hours) : new SimulationOptions { Seed = 0 }.FaultPhase,
                Trace = parsed.GetValue(Trace) ? output.WriteLine : null,
            });
            total.Add(result.Counts);
            virtualTime += result.VirtualTime;
            if (result.Failure is not null)
            {
                failed.Add(result.Seed);
                Tell(output, result, nodes, hours);
            }
            else if (count == 1)
            {
                output.WriteLine($"seed {result.Seed}: no objection; trace hash {result.TraceHash:x16}");
            }
        }

        foreach (var (name, number) in total.All)
        {
            output.WriteLine($"{number,10} {name}");
        }

        var summary = $"{count - failed.Count} of {count} seeds passed, {virtualTime.TotalHours:F1} virtual hours in {watch.Elapsed.TotalSeconds:F1} s";
        output.WriteLine(summary);
        var missing = SimulationCounts.Expected.Where(name => total[name] == 0).ToList();
        return failed.Count > 0 ? CliFailure.Failed($"sim: {failed.Count} of {count} seeds failed: {string.Join(' ', failed.Take(20))}")
            : count >= 100 && missing.Count > 0 ? CliFailure.Failed($"sim: never happened in {count} seeds: {string.Join("; ", missing)}")
            : null;
    }

    private static void Tell(TextWriter output, SimulationResult result, int nodes, double hours)
    {
        foreach (var line in result.TraceTail.TakeLast(TailLines))
        {
            output.WriteLine("  " + line);
        }

        output.WriteLine($"FAILED {result.Failure}");
        output.WriteLine("replay: ./trefoil sim --seed " + result.Seed.ToString(CultureInfo.InvariantCulture)
            + (nodes > 0 ? $" --nodes {nodes}" : "")
            + (hours > 0 ? string.Create(CultureInfo.InvariantCulture, $" --hours {hours}") : ""));
    }
}

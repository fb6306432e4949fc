using System.CommandLine;
using System.Diagnostics;
using System.Reflection;
using Trefoil.Simulator;
using Trefoil.Simulator.Planting;
using Trefoil.Simulator.Scenarios;

namespace Trefoil.Cli.Simulate;

/// <summary><c>trefoil sim</c>: runs seeds of the simulator and says what happened in them.</summary>
internal static class SimulateCommand
{
    private const int DefaultSeeds = 500;
    private const int MostThreads = 256;

    // A run that must have seen everything has at least so many seeds.
    private const int EnoughSeeds = 100;

    private static readonly TimeSpan ProgressEvery = TimeSpan.FromSeconds(30);

    private static readonly Option<ulong?> Seed = new("--seed")
    {
        Description = "Run this seed alone (or, with --seeds, that many from this one on).",
        HelpName = "S",
    };

    private static readonly Option<int?> Seeds = new("--seeds")
    {
        Description = $"How many seeds to run, from --seed or 1 on. Default: {DefaultSeeds}, with --seed 1.",
        HelpName = "N",
    };

    private static readonly Option<string> ScenarioName = new("--scenario")
    {
        Description = "What the seeds have in common: a name that 'trefoil sim scenarios' lists, or a TOML file.",
        HelpName = "NAME|FILE",
        DefaultValueFactory = _ => ScenarioCatalog.Default,
    };

    private static readonly Option<int> Nodes = new("--nodes")
    {
        Description = $"Nodes of each cluster, 1 to {Scenario.MostNodes}. Default: as the scenario says, or 3 to 7 as each seed draws.",
        HelpName = "N",
    };

    private static readonly Option<double> Hours = new("--hours")
    {
        Description = "Virtual hours of faults per seed; healing comes on top. Default: as the scenario says.",
        HelpName = "H",
    };

    private static readonly Option<int> Threads = new("--threads")
    {
        Description = "Seeds that run at once, each as a whole on one thread. Default: one per processor.",
        HelpName = "T",
    };

    private static readonly Option<string?> Plant = new("--plant")
    {
        Description = "Plant this mistake around the code under test: one of docs/testing.md's, to see it found.",
        HelpName = "BUG",
    };

    private static readonly Option<bool> Twice = new("--twice") { Description = "Run each seed a second time and compare the traces." };

    private static readonly Option<bool> Trace = new("--trace")
    {
        Description = "Print every event of the one seed, a line each: time in seconds, node (n1>n2: from n1 to n2), layer, event, detail.",
    };

    /// <summary>The version with the commit it was built from.</summary>
    public static string Version => typeof(SimulateCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    /// <summary>The command.</summary>
    public static Command Build()
    {
        var command = new Command("sim", "Simulate clusters on virtual time, with faults; every seed replays exactly.")
        {
            Seed, Seeds, ScenarioName, Nodes, Hours, Threads, Plant, Twice, Trace, ScenarioOption.BuildList(), CheckHistoryCommand.Build(),
        };
        command.Does((parsed, cancellation) => Task.Run(() => Run(parsed, cancellation), CancellationToken.None));
        return command;
    }

    private static CliFailure? Run(ParseResult parsed, CancellationToken cancellation)
    {
        var seed = parsed.GetValue(Seed);
        var seeds = parsed.GetValue(Seeds) ?? (seed is null ? DefaultSeeds : 1);
        var (nodes, hours, threads) = (parsed.GetValue(Nodes), parsed.GetValue(Hours), parsed.GetValue(Threads));
        if (seeds is < 1 or > 10_000_000 || nodes is < 0 or > Scenario.MostNodes || hours is not (>= 0 and <= 10_000) || threads is < 0 or > MostThreads)
        {
            return CliFailure.Usage($"sim: --seeds must be 1 to 10000000, --nodes 1 to {Scenario.MostNodes}, --hours 0 to 10000, --threads 1 to {MostThreads}.");
        }

        if (parsed.GetValue(Trace) && (seeds > 1 || parsed.GetValue(Twice)))
        {
            return CliFailure.Usage("sim: --trace tells of one seed and one run: name it with --seed, without --seeds and --twice.");
        }

        if (ScenarioOption.Find(parsed.GetValue(ScenarioName)!, out var failure) is not { } scenario)
        {
            return failure;
        }

        if (parsed.GetValue(Plant) is { } bug && PlantedBugs.Find(bug) is null)
        {
            return CliFailure.Usage($"sim: there is no bug '{bug}' to plant: there are {string.Join(", ", PlantedBugs.All.Select(each => each.Name))}.");
        }

        var request = new SimulateRequest
        {
            Scenario = scenario,
            FirstSeed = seed ?? 1,
            Seeds = seeds,
            Threads = Math.Min(threads > 0 ? threads : Environment.ProcessorCount, seeds),
            Nodes = nodes,
            Hours = hours,
            Twice = parsed.GetValue(Twice),
            Planted = parsed.GetValue(Plant) is { } name ? PlantedBugs.Find(name) : null,
        };
        var output = parsed.InvocationConfiguration.Output;
        return Run(request, parsed.GetValue(Trace) ? output.WriteLine : null, output, cancellation);
    }

    private static CliFailure? Run(SimulateRequest request, Action<string>? trace, TextWriter output, CancellationToken cancellation)
    {
        if (request.Seeds > 1)
        {
            output.WriteLine($"scenario {request.Scenario.Name}, seeds {request.FirstSeed} to {request.FirstSeed + (ulong)request.Seeds - 1}, version {Version}");
        }

        using var process = Process.GetCurrentProcess();
        var (report, watch, told, busy) = (new SimulateReport(request, output), Stopwatch.StartNew(), TimeSpan.Zero, process.TotalProcessorTime);
        using var threads = new SeedThreads(request.FirstSeed, request.Seeds, request.Threads, seed => RunSeed(request, seed, trace));
        foreach (var outcome in threads.Results(cancellation))
        {
            report.Add(outcome);
            if (watch.Elapsed - told >= ProgressEvery && report.Seen < request.Seeds)
            {
                told = watch.Elapsed;
                report.Progress(told);
            }
        }

        process.Refresh();
        report.Finish(watch.Elapsed, process.TotalProcessorTime - busy);
        return report.Seen < request.Seeds ? CliFailure.Failed($"sim: interrupted after {report.Seen} of {request.Seeds} seeds, {report.Failed.Count} of which failed.")
            : report.Failed.Count > 0 ? CliFailure.Failed($"sim: {report.Failed.Count} of {request.Seeds} seeds failed.")
            : request.Seeds >= EnoughSeeds && request.Planted is null && request.Scenario.Name == ScenarioCatalog.Default && report.Missing is { Count: > 0 } missing
                ? CliFailure.Failed($"sim: never happened in {request.Seeds} seeds: {string.Join("; ", missing)}.")
                : null;
    }

    private static SeedOutcome RunSeed(SimulateRequest request, ulong seed, Action<string>? trace)
    {
        var options = request.OptionsOf(seed);
        var result = Simulation.Run(options with { Trace = trace });
        return new SeedOutcome(result, request.Twice ? Simulation.Run(options).TraceHash : null);
    }
}

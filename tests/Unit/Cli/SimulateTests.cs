using System.Text.RegularExpressions;
using Trefoil.Cli;
using Trefoil.Cli.Simulate;
using Trefoil.Simulator;
using Trefoil.Simulator.Planting;
using Trefoil.Unit.Testing;
using Xunit;

namespace Trefoil.Unit.Cli;

public sealed class SimulateTests
{
    [Theory]
    [InlineData("sim --seeds 0", "sim: --seeds must be 1 to 10000000, --nodes 1 to 32, --hours 0 to 10000, --threads 1 to 256.")]
    [InlineData("sim --nodes 33", "sim: --seeds must be 1 to 10000000, --nodes 1 to 32, --hours 0 to 10000, --threads 1 to 256.")]
    [InlineData("sim --seeds 2 --trace", "sim: --trace tells of one seed and one run: name it with --seed, without --seeds and --twice.")]
    [InlineData("sim --scenario clam", "sim: 'clam' is no file and no scenario: there are all-layers, calm, churn, clocks, disks, moves, partitions.")]
    public async Task A_wrong_command_line_is_refused_and_runs_nothing(string line, string expected) =>
        Assert.Equal((2, "", $"trefoil: {expected}\n"), await RunAsync(line));

    [Fact]
    public async Task A_bug_that_nobody_knows_is_not_planted()
    {
        var (exitCode, output, error) = await RunAsync("sim --seed 1 --plant nonsense");

        Assert.Equal((2, ""), (exitCode, output));
        Assert.StartsWith("trefoil: sim: there is no bug 'nonsense' to plant: there are ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_seed_leaves_the_same_trace_and_the_hash_is_told()
    {
        var (exitCode, output, _) = await RunAsync("sim --seed 7 --nodes 3 --hours 0.001 --twice");

        Assert.Equal(0, exitCode);
        Assert.Matches(@"^seed 7: no objection; trace hash [0-9a-f]{16}, and the same again\n", output);
        Assert.Contains("1  of 1 seeds passed, each with the same trace twice\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_can_be_the_scenario_and_its_mistakes_are_told()
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("trefoil-scenario-").FullName, "mine.toml");
        await File.WriteAllTextAsync(path, "seconds = 2\nnodes = 3\nunnamed_faults = \"none\"\n", TestContext.Current.CancellationToken);
        Assert.Equal(0, (await RunAsync($"sim --seed 1 --scenario {path}")).ExitCode);

        await File.WriteAllTextAsync(path, "secnods = 2\n", TestContext.Current.CancellationToken);
        var (exitCode, output, error) = await RunAsync($"sim --seed 1 --scenario {path}");
        Assert.Equal((2, ""), (exitCode, output));
        Assert.StartsWith($"trefoil: {path}: line 1, column 1: unknown key 'secnods'; did you mean 'seconds'? (a scenario has: about, ", error, StringComparison.Ordinal);
        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
    }

    [Fact]
    public async Task Every_event_is_a_line_of_fixed_columns()
    {
        var (exitCode, output, _) = await RunAsync("sim --seed 2 --nodes 3 --hours 0.001 --trace");

        Assert.Equal(0, exitCode);
        var lines = output.Split('\n').TakeWhile(line => !line.StartsWith("seed ", StringComparison.Ordinal)).ToList();
        Assert.True(lines.Count > 100, $"{lines.Count} lines");
        Assert.All(lines, line => Assert.Matches(@"^ *\d+\.\d{4}  \S+ *  [a-z]+ *  \S+( |$)", line));
    }

    [Fact]
    public void Results_come_in_the_order_of_the_seeds_whichever_thread_is_first()
    {
        using var second = new ManualResetEventSlim();
        using var threads = new SeedThreads(10, 40, 2, seed =>
        {
            if (seed == 10)
            {
                second.Wait(TestContext.Current.CancellationToken); // The first seed ends after the second.
            }

            if (seed == 11)
            {
                second.Set();
            }

            return Passed(seed);
        });

        Assert.Equal(Enumerable.Range(10, 40).Select(s => (ulong)s), threads.Results(TestContext.Current.CancellationToken).Select(o => o.Result.Seed));
    }

    [Fact]
    public void Whoever_interrupts_gets_what_is_done_so_far()
    {
        using var interrupt = new CancellationTokenSource();
        using var never = new ManualResetEventSlim();
        using var threads = new SeedThreads(1, 3, 1, seed =>
        {
            if (seed == 2)
            {
                interrupt.Cancel();
                never.Wait(TestContext.Current.CancellationToken);
            }

            return Passed(seed);
        });

        Assert.Single(threads.Results(interrupt.Token));
        never.Set();
    }

    [Fact]
    public void A_failure_is_told_with_its_trace_and_the_command_that_replays_it()
    {
        using var output = new StringWriter { NewLine = "\n" };
        var request = new SimulateRequest { Scenario = ScenarioCatalog.Find("disks")!, FirstSeed = 1, Seeds = 3, Threads = 2, Nodes = 5, Hours = 0.25, Planted = PlantedBugs.Find("vote-twice") };
        var report = new SimulateReport(request, output);
        report.Add(Passed(1));
        report.Add(new SeedOutcome(Passed(2).Result with { Failure = "seed 2 at 3.0000 s: two leaders in term 4", TraceTail = ["one line", "another"] }, null));
        report.Add(new SeedOutcome(Passed(3).Result, 5));
        report.Finish(TimeSpan.FromSeconds(45), TimeSpan.FromSeconds(90));

        Assert.Equal([2UL, 3UL], report.Failed);
        var told = Regex.Replace(output.ToString(), @"(?m)version: .*$", "version: V");
        told = Regex.Replace(told, @"(?m)^ +0  .*\n", ""); // What is expected and did not happen: the list grows.
        Golden.Check("Simulator", "report", Regex.Replace(told, @"(?m)^[a-z]+\n\n", ""));
    }

    private static SeedOutcome Passed(ulong seed)
    {
        var counts = new SimulationCounts();
        counts.Add(SimulationCounts.Fault.Partition, 2);
        counts.Add(SimulationCounts.Progress.Elections, 3);
        return new SeedOutcome(new SimulationResult(seed, 0xABC, TimeSpan.FromMinutes(12), counts, null, []), null);
    }

    private static async Task<(int ExitCode, string Output, string Error)> RunAsync(string line)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        var exitCode = await CommandLine.RunAsync(line.Split(' '), output, error);
        return (exitCode, output.ToString(), error.ToString());
    }
}

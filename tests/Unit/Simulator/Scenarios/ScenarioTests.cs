using System.Reflection;
using Trefoil.Cli.Simulate;
using Trefoil.Primitives;
using Trefoil.Simulator;
using Trefoil.Simulator.Scenarios;
using Trefoil.Unit.Testing;
using Xunit;

namespace Trefoil.Unit.Simulator.Scenarios;

public sealed class ScenarioTests
{
    [Fact]
    public void The_scenarios_that_come_along_can_be_read_and_say_what_they_are_for()
    {
        Assert.Equal("all-layers", ScenarioCatalog.Names[0]);
        Assert.All(ScenarioCatalog.Names, name => Assert.NotEmpty(ScenarioCatalog.Find(name)!.About));
        Assert.Null(ScenarioCatalog.Find("nowhere"));
    }

    [Fact]
    public void Seeds_that_once_failed_raise_no_objection()
    {
        foreach (var (scenario, regression) in ScenarioCatalog.Names.Select(name => ScenarioCatalog.Find(name)!).SelectMany(s => s.Regressions.Select(r => (s, r))))
        {
            var options = scenario.OptionsOf(regression.Seed);
            var result = Simulation.Run(regression.Nodes > 0 ? options with { Nodes = regression.Nodes } : options);
            Assert.True(result.Failure is null, $"{scenario.Name} ({regression.What}): {result.Failure}\n{string.Join('\n', result.TraceTail.TakeLast(80))}");
        }
    }

    [Fact]
    public void What_a_scenario_names_is_fixed_or_drawn_and_the_rest_is_the_seeds()
    {
        var scenario = Read("""
            nodes = [4, 6]
            seconds = 12.5
            mode = "synchronous"
            ack = "durable"
            churn = true

            [faults]
            loss = 0.25
            crashes = [2, 4]
            pauses = false
            duplication = { chance = 0.5, from = 0.1, to = 0.2 }
            """);
        var options = Enumerable.Range(1, 50).Select(seed => scenario.OptionsOf((ulong)seed)).ToList();
        Assert.All(options, o => Assert.Equal((TimeSpan.FromSeconds(12.5), true), (o.FaultPhase, o.Churn)));
        Assert.Equal([4, 5, 6], options.Select(o => o.Nodes).Distinct().Order());

        var plans = Enumerable.Range(1, 50).Select(seed => (Drawn: Draw(seed), Plan: scenario.Over(Draw(seed), (ulong)seed))).ToList();
        Assert.All(plans, p =>
        {
            Assert.Equal((0.25, null, true), (p.Plan.Loss, p.Plan.Pauses, p.Plan.AckDurable));
            Assert.InRange(p.Plan.Crashes!.Value, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(4));
            Assert.True(p.Plan.Duplication is 0 or (>= 0.1 and < 0.2));
            Assert.Equal(p.Drawn.Partitions, p.Plan.Partitions);
            Assert.Equal(["synchronous"], p.Plan.Control.Settings.Where(s => s.Key == "replication_mode").Select(s => s.Value));
        });
        Assert.InRange(plans.Count(p => p.Plan.Duplication > 0), 10, 40);
        Assert.True(plans.Select(p => p.Plan.Crashes).Distinct().Count() > 40);
    }

    [Fact]
    public void Faults_that_are_not_named_can_be_left_out()
    {
        var scenario = Read("unnamed_faults = \"none\"\n[faults]\nresets = 3\n");

        Assert.All(Enumerable.Range(1, 20), seed =>
        {
            var plan = scenario.Over(Draw(seed), (ulong)seed);
            Assert.Equal((0.0, null, null, null), (plan.Loss, plan.Crashes, plan.Partitions, plan.GoneAt));
            Assert.Equal(TimeSpan.FromSeconds(3), plan.Resets);
        });
    }

    [Fact]
    public void Every_fault_can_be_written_in_a_scenario()
    {
        var missing = typeof(FaultPlan).GetProperties(BindingFlags.Instance | BindingFlags.Public)
            .Where(property => property.CanWrite && !property.PropertyType.Name.EndsWith("Config", StringComparison.Ordinal) && property.Name != nameof(FaultPlan.AckDurable))
            .Where(property => !PlanSetting.Keys.Contains(property.Name, SnakeCase.Instance));

        Assert.Empty(missing.Select(property => property.Name));
    }

    [Fact]
    public void Mistakes_are_named_with_their_line_and_what_is_allowed()
    {
        var refused = Assert.IsType<ScenarioResult.Refused>(ScenarioReader.Read(
            """
            nodes = 40
            seconds = 0
            mode = "best"
            chrun = true
            [faults]
            losss = 0.1
            loss = "much"
            partitions = [20, 5]
            crashes = { chance = 2, from = 1, to = 2 }
            [[regression]]
            seed = 3
            why = "unknown"
            """,
            "mine.toml"));

        // The names of all faults are long and grow: they stand for themselves.
        Golden.Check("Simulator", "scenario-mistakes", string.Join('\n', refused.Errors).Replace(string.Join(", ", PlanSetting.Keys), "...", StringComparison.Ordinal));
        Assert.Equal(
            ["bad.toml: line 1, column 9: expected a value"], Assert.IsType<ScenarioResult.Refused>(ScenarioReader.Read("nodes = ", "bad.toml")).Errors);
    }

    private static Scenario Read(string text) => Assert.IsType<ScenarioResult.Read>(ScenarioReader.Read(text, "test.toml")).Scenario;

    private static FaultPlan Draw(int seed) => FaultPlan.Draw(new Prng((ulong)seed), TimeSpan.FromSeconds(40), 5);

    private sealed class SnakeCase : IEqualityComparer<string>
    {
        public static SnakeCase Instance { get; } = new();

        public bool Equals(string? x, string? y) => string.Equals(x?.Replace("_", "", StringComparison.Ordinal), y?.Replace("_", "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase);

        public int GetHashCode(string obj) => 0;
    }
}

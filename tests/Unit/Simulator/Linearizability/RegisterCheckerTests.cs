using FsCheck;
using FsCheck.Fluent;
using Trefoil.Primitives;
using Trefoil.Simulator.Linearizability;
using Trefoil.Unit.Testing;
using Xunit;

namespace Trefoil.Unit.Simulator.Linearizability;

public sealed class RegisterCheckerTests
{
    private static readonly CheckLimits Limits = new();

    public static TheoryData<string, bool> Recorded
    {
        get
        {
            var data = new TheoryData<string, bool>();
            foreach (var line in File.ReadLines(Repository.Data("linearizability/verdicts.csv")).Skip(1).Where(l => l.Length > 0))
            {
                data.Add(line.Split(',')[0], line.Split(',')[1] == "true");
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Recorded))]
    public void Recorded_histories_get_the_verdict_that_is_known_for_them(string file, bool linearizable)
    {
        var log = Assert.IsType<JepsenLogResult.History>(JepsenLog.Read(File.ReadLines(Repository.Data($"linearizability/{file}"))));
        var verdict = RegisterChecker.Check(log.Operations, Limits);

        Assert.True(linearizable == verdict is Verdict.Linearizable, $"{file}: {verdict}");
        Assert.Equal(!linearizable, verdict is Verdict.Violation);
    }

    [Fact]
    public void A_stale_read_is_found_and_named()
    {
        var verdict = Check(Write(1, 0, 10), Write(2, 20, 30), Read(1, 40, 50, client: 7));

        var violation = Assert.IsType<Verdict.Violation>(verdict);
        Assert.Equal("client 7 read 1 in 40..50", violation.Stuck.ToString());
        Assert.Equal(2, violation.Prefix.Count);
        Assert.Contains("client 7 read 1 in 40..50 fits nowhere after", violation.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_read_that_overlaps_a_write_may_see_either_value()
    {
        Assert.IsType<Verdict.Linearizable>(Check(Write(1, 0, 10), Write(2, 20, 40), Read(1, 25, 35)));
        Assert.IsType<Verdict.Linearizable>(Check(Write(1, 0, 10), Write(2, 20, 40), Read(2, 25, 35)));
        Assert.IsType<Verdict.Violation>(Check(Write(1, 0, 10), Write(2, 20, 40), Read(2, 25, 30), Read(1, 32, 35)));
    }

    [Fact]
    public void A_write_without_an_answer_may_happen_late_or_never_but_not_twice()
    {
        var lost = new RegisterOperation(1, RegisterAction.Write, null, 2, RegisterOutcome.Unknown, 20, 0);

        Assert.IsType<Verdict.Linearizable>(Check(Write(1, 0, 10), lost, Read(1, 100, 110)));
        Assert.IsType<Verdict.Linearizable>(Check(Write(1, 0, 10), lost, Read(1, 100, 110), Read(2, 200, 210)));
        Assert.IsType<Verdict.Violation>(Check(Write(1, 0, 10), lost, Read(2, 100, 110), Write(3, 120, 130), Read(2, 200, 210)));
        Assert.IsType<Verdict.Violation>(Check(Write(1, 0, 10), Read(2, 12, 15), lost));
    }

    [Fact]
    public void An_acknowledged_write_that_vanished_is_found() =>
        Assert.IsType<Verdict.Violation>(Check(Write(1, 0, 10), Read(null, 20, 30)));

    [Fact]
    public void A_compare_and_set_is_held_to_what_it_said()
    {
        Assert.IsType<Verdict.Linearizable>(Check(Write(1, 0, 10), Swap(1, 2, 20, 30, RegisterOutcome.Done), Read(2, 40, 50)));
        Assert.IsType<Verdict.Violation>(Check(Write(1, 0, 10), Swap(1, 2, 20, 30, RegisterOutcome.Mismatched)));
        Assert.IsType<Verdict.Violation>(Check(Write(1, 0, 10), Swap(3, 2, 20, 30, RegisterOutcome.Done)));
        Assert.IsType<Verdict.Linearizable>(Check(Write(1, 0, 10), Swap(1, 2, 20, 0, RegisterOutcome.Unknown), Read(1, 40, 50), Read(2, 60, 70)));
    }

    [Fact]
    public void Keys_are_checked_one_by_one_and_the_bad_ones_are_named()
    {
        var found = RegisterChecker.CheckKeys([("b", Write(1, 0, 10)), ("a", Write(2, 5, 15)), ("b", Read(2, 20, 30)), ("a", Read(2, 20, 30))], Limits);

        Assert.Equal("b", Assert.Single(found).Key);
    }

    [Fact]
    public void Limits_end_a_check_and_are_named()
    {
        var history = Enumerable.Range(0, 40).Select(i => Write(i, 0, 1000)).Append(Read(77, 2000, 2010)).ToList();

        Assert.Contains("41 operations", Undecided(history, new CheckLimits { MostOperations = 40 }), StringComparison.Ordinal);
        Assert.Contains("1000 steps", Undecided(history, new CheckLimits { MostSteps = 1000 }), StringComparison.Ordinal);
        Assert.Contains("9999 bytes", Undecided(history, new CheckLimits { MostMemory = 9999 }), StringComparison.Ordinal);
    }

    [Fact]
    public void Lost_writes_that_nobody_saw_cost_nothing()
    {
        var lost = Enumerable.Range(0, 5000).Select(i => new RegisterOperation(i, RegisterAction.Write, null, i, RegisterOutcome.Unknown, i, 0));

        Assert.IsType<Verdict.Linearizable>(RegisterChecker.Check([.. lost, Write(9999, 6000, 6001), Read(9999, 6002, 6003)], new CheckLimits { MostSteps = 100 }));
    }

    /// <summary>Histories made by a real register with overlapping clients pass; the same with one read of an older value planted do not.</summary>
    [Fact]
    public void What_a_register_did_passes_and_a_planted_violation_does_not() => Prop.ForAll(
        Gen.Choose(0, int.MaxValue).ToArbitrary(),
        seed =>
        {
            var history = Simulated(new Prng((ulong)seed), operations: 300);
            var good = RegisterChecker.Check(history, Limits) is Verdict.Linearizable;
            var bad = RegisterChecker.Check(Spoilt(history), Limits) is Verdict.Violation;
            return (good && bad).Label($"seed {seed}: good {good}, bad found {bad}");
        }).QuickCheckThrowOnFailure();

    /// <summary>Each operation happens at a point of its own inside its interval; a tenth loses its answer.</summary>
    private static List<RegisterOperation> Simulated(Prng random, int operations)
    {
        long? value = null;
        var history = new List<RegisterOperation>();
        for (var i = 0; i < operations; i++)
        {
            var point = 1000L * (i + 1);
            var (call, end) = (point - random.Below(4000), point + random.Below(4000));
            var unknown = random.Below(10) == 0;
            if (random.Below(2) == 0)
            {
                history.Add(new(i, RegisterAction.Read, null, value, unknown ? RegisterOutcome.Unknown : RegisterOutcome.Done, call, end));
                continue;
            }

            history.Add(new(i, RegisterAction.Write, null, i, unknown ? RegisterOutcome.Unknown : RegisterOutcome.Done, call, end));
            value = unknown && random.Below(2) == 0 ? value : i;
        }

        return history;
    }

    /// <summary>At the end somebody reads a value that was overwritten long before.</summary>
    private static List<RegisterOperation> Spoilt(List<RegisterOperation> history)
    {
        var old = history.First(o => o is { Action: RegisterAction.Write, Outcome: RegisterOutcome.Done });
        var end = history.Max(o => o.Return) + 10;
        return [.. history, Read(old.Value, end, end + 10)];
    }

    private static Verdict Check(params RegisterOperation[] history) => RegisterChecker.Check(history, Limits);

    private static string Undecided(IReadOnlyList<RegisterOperation> history, CheckLimits limits) =>
        Assert.IsType<Verdict.Undecided>(RegisterChecker.Check(history, limits)).Limit;

    private static RegisterOperation Write(long value, long call, long end) => new(1, RegisterAction.Write, null, value, RegisterOutcome.Done, call, end);

    private static RegisterOperation Read(long? value, long call, long end, int client = 2) =>
        new(client, RegisterAction.Read, null, value, RegisterOutcome.Done, call, end);

    private static RegisterOperation Swap(long expected, long value, long call, long end, RegisterOutcome outcome) =>
        new(3, RegisterAction.CompareAndSet, expected, value, outcome, call, end);
}

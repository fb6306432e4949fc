using Trefoil.Cli;
using Trefoil.Unit.Testing;
using Xunit;

namespace Trefoil.Unit.Cli;

public sealed class CheckHistoryTests : IDisposable
{
    private const string Good = "INFO  jepsen.util - 0\t:invoke\t:write\t1\nINFO  jepsen.util - 0\t:ok\t:write\t1\nINFO  jepsen.util - 1\t:invoke\t:read\tnil\nINFO  jepsen.util - 1\t:ok\t:read\t1\n";
    private const string Stale = Good + "INFO  jepsen.util - 2\t:invoke\t:read\tnil\nINFO  jepsen.util - 2\t:ok\t:read\tnil\n";

    private readonly string _folder = Directory.CreateTempSubdirectory("trefoil-histories-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task The_recorded_histories_are_all_judged_right()
    {
        var (exitCode, output, error) = await RunAsync(Repository.Data("linearizability"));

        Assert.Equal((0, ""), (exitCode, error));
        Assert.Contains("\n60 of 60 right, in ", output, StringComparison.Ordinal);
        Assert.DoesNotContain("WRONG", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_verdict_is_told_with_the_reason_and_fails()
    {
        Write("a.log", Good);
        Write("b.log", Stale);
        Write("verdicts.csv", "file,linearizable\na.log,true\nb.log,true\n");
        var (exitCode, output, error) = await RunAsync(_folder);

        Assert.Equal((1, "trefoil: sim check-history: 1 of 2 histories are not judged as is known.\n"), (exitCode, error));
        Golden.Check("Cli", "check-history", Untimed(output));
    }

    [Fact]
    public async Task Without_verdicts_it_tells_its_own()
    {
        Write("a.log", Good);
        Assert.Equal((0, "file   operations  verdict\na.log           2  linearizable\n1 of 1 linearizable, in T s\n", ""), Untimed(await RunAsync(_folder)));

        Write("b.log", Stale);
        var (exitCode, output, _) = await RunAsync(_folder);
        Assert.Equal(1, exitCode);
        Assert.Contains("client 2 read nothing in 5..6 fits nowhere after", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_missing_or_unreadable_is_a_mistake_of_the_caller_and_named()
    {
        Assert.Equal((2, "", "trefoil: sim check-history: there is no directory 'nowhere': name the one that holds the *.log files.\n"), await RunAsync("nowhere"));
        Assert.Equal((2, "", $"trefoil: sim check-history: '{_folder}' holds no *.log file.\n"), await RunAsync(_folder));

        Write("a.log", Good);
        Write("verdicts.csv", "file,linearizable\n");
        Assert.Equal(
            (2, "", $"trefoil: sim check-history: {_folder}/verdicts.csv has no verdict for a.log: add the line 'a.log,true' or 'a.log,false'.\n"), await RunAsync(_folder));

        Write("verdicts.csv", "file,linearizable\na.log,maybe\n");
        Assert.Equal(
            (2, "", $"trefoil: sim check-history: {_folder}/verdicts.csv, line 2: 'a.log,maybe' must be FILE,true or FILE,false, each file once.\n"), await RunAsync(_folder));

        Write("verdicts.csv", "a.log,true\nb.log,true\n");
        Assert.Equal(
            (2, "", $"trefoil: sim check-history: {_folder}/verdicts.csv, line 2: there is no 'b.log' in '{_folder}': add the file or take out the line.\n"),
            await RunAsync(_folder));

        Write("verdicts.csv", "a.log,true\n");
        Write("a.log", Good + "INFO  jepsen.util - 9\t:ok\t:read\t1\n");
        Assert.Equal(
            (2, "", $"trefoil: sim check-history: {_folder}/a.log, line 5: process 9 has no such call open. Correct the line or take the file away.\n"),
            await RunAsync(_folder));
    }

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_folder, name), text);

    private static (int ExitCode, string Output, string Error) Untimed((int ExitCode, string Output, string Error) run) =>
        (run.ExitCode, Untimed(run.Output), run.Error);

    private static string Untimed(string output) => System.Text.RegularExpressions.Regex.Replace(output, @"in \d+\.\d s", "in T s");

    private static async Task<(int ExitCode, string Output, string Error)> RunAsync(string folder)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        var exitCode = await CommandLine.RunAsync(["sim", "check-history", folder], output, error);
        return (exitCode, output.ToString(), error.ToString());
    }
}

using System.Diagnostics;
using Trefoil.Unit.Testing;
using Xunit;

namespace Trefoil.Unit.Tidy;

/// <summary>Runs build.sh in a folder of its own, with a pretended SDK and pretended test programs.</summary>
public sealed class BuildScriptTests : IDisposable
{
    private const string Good = """<assembly name="x" total="7" passed="5" failed="0" skipped="2" errors="0">""";
    private const string Bad = """<assembly name="x" total="4" passed="1" failed="2" skipped="0" errors="1">""";

    private readonly string _root = Directory.CreateTempSubdirectory("trefoil-build-").FullName;

    public BuildScriptTests()
    {
        File.Copy(Repository.PathOf("build.sh"), Path.Combine(_root, "build.sh"));
        Script("bin/dotnet", "exit 0");
        Script("bin/ldconfig", "echo librocksdb.so.7.8");
        Script("bin/redis-server", "exit 0");
        Script("bin/redis-cli", "exit 0");
        Script("bin/redis-benchmark", "exit 0");
        Directory.CreateDirectory(Path.Combine(_root, "tests/Unit"));
        Directory.CreateDirectory(Path.Combine(_root, "tests/Cluster"));
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task The_last_line_sums_all_projects()
    {
        Program("Unit", Good, 0);

        Assert.Equal((0, "5 passed, 0 failed, 2 skipped"), await Run("test", "Unit"));
        Assert.Equal((0, "10 passed, 0 failed, 4 skipped"), await Run("test", "Unit", "Unit"));
    }

    [Fact]
    public async Task Failures_and_clean_up_errors_both_count()
    {
        Program("Unit", Bad, 1);

        Assert.Equal((1, "1 passed, 3 failed, 0 skipped"), await Run("test", "Unit"));
    }

    [Fact]
    public async Task A_project_that_crashes_counts_as_failed_and_old_results_do_not_hide_it()
    {
        Program("Unit", Good, 0);
        await Run("test", "Unit");
        Script("artifacts/bin/Unit/debug/Trefoil.Unit", "kill -SEGV $$");

        Assert.Equal((1, "0 passed, 1 failed, 0 skipped"), await Run("test", "Unit"));
    }

    [Fact]
    public async Task A_project_that_crashes_after_its_last_test_counts_as_failed()
    {
        Program("Unit", Good, 134);

        Assert.Equal((1, "5 passed, 1 failed, 2 skipped"), await Run("test", "Unit"));
    }

    [Fact]
    public async Task A_project_without_tests_counts_as_failed()
    {
        Program("Unit", """<assembly name="x" total="0" passed="0" failed="0" skipped="0" errors="0">""", 0);

        Assert.Equal((1, "0 passed, 1 failed, 0 skipped"), await Run("test", "Unit"));
    }

    [Fact]
    public async Task A_build_that_fails_ends_with_the_line_too()
    {
        Script("bin/dotnet", "[[ $1 != build ]]");

        Assert.Equal((1, "0 passed, 1 failed, 0 skipped"), await Run("test", "Unit"));
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("test", "NoSuchProject")]
    [InlineData("bench", "no-such-benchmark")]
    public async Task What_it_does_not_know_is_a_usage_error(params string[] arguments) =>
        Assert.Equal(2, (await Run(arguments)).ExitCode);

    private void Program(string project, string results, int exitCode) => Script(
        $"artifacts/bin/{project}/debug/Trefoil.{project}",
        $"while [[ $1 != -xml ]]; do shift; done\necho '{results}' >\"$2\"\nexit {exitCode}");

    private void Script(string path, string body)
    {
        var file = Path.Combine(_root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, $"#!/usr/bin/env bash\n{body}\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private async Task<(int ExitCode, string LastLine)> Run(params string[] arguments)
    {
        var start = new ProcessStartInfo("bash", [Path.Combine(_root, "build.sh"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["PATH"] = $"{Path.Combine(_root, "bin")}:{Environment.GetEnvironmentVariable("PATH")}";
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await errors;
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, output.TrimEnd('\n').Split('\n')[^1]);
    }
}

using System.Runtime.CompilerServices;
using Trefoil.Cluster.Harness;
using Xunit;

namespace Trefoil.Cluster.Scenarios;

/// <summary>The <c>trefoil</c> script in a directory of its own, with a <c>dotnet</c> that only pretends to build.</summary>
public sealed class LauncherTests : IDisposable
{
    // Notes each publish, takes a moment for it, and "builds" a program that prints its arguments.
    private const string FakeDotnet = """
        #!/bin/bash
        [[ $1 == publish ]] || { echo 10.0.100; exit 0; }
        echo publish >>"$FAKE_LOG"
        if [[ -e $FAKE_LOG.broken ]]; then echo "x.cs(1,1): error CS1002: ; expected"; exit 1; fi
        while [[ $1 != -o ]]; do shift; done
        read -r -t 0.5 <> <(:) || true
        printf '#!/bin/sh\necho "ran $*"\n' >"$2/trefoil"
        chmod +x "$2/trefoil"
        """;

    private readonly string _directory = Directory.CreateTempSubdirectory("trefoil-test-").FullName;

    public LauncherTests()
    {
        Directory.CreateDirectory(Path.Combine(_directory, "src"));
        Directory.CreateDirectory(Path.Combine(_directory, "bin"));
        File.Copy(Path.Combine(RepositoryRoot(), "trefoil"), Path.Combine(_directory, "trefoil"));
        File.WriteAllText(Path.Combine(_directory, "src", "x.cs"), "");
        File.WriteAllText(Path.Combine(_directory, "bin", "dotnet"), FakeDotnet);
        File.SetUnixFileMode(Path.Combine(_directory, "bin", "dotnet"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }

    private string Log => Path.Combine(_directory, "builds");

    private int Builds => File.Exists(Log) ? File.ReadAllLines(Log).Length : 0;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task It_builds_once_and_again_only_when_sources_changed()
    {
        var first = (await RunAsync("demo", "--nodes", "3")).Ok();
        Assert.Equal("ran demo --nodes 3\n", first.Output);
        Assert.Contains("building for the first time", first.Error, StringComparison.Ordinal);

        var second = (await RunAsync()).Ok();
        Assert.Equal("", second.Error);
        Assert.Equal(1, Builds);

        File.WriteAllText(Path.Combine(_directory, "src", "y.cs"), "");
        Assert.Contains("sources changed", (await RunAsync()).Ok().Error, StringComparison.Ordinal);
        Assert.Equal(2, Builds);
        Assert.Single(Directory.GetDirectories(Path.Combine(_directory, "artifacts", "launcher"), "build-*"));
    }

    [Fact]
    public async Task Runs_that_come_at_once_share_one_build()
    {
        var runs = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => RunAsync("--version")));

        Assert.All(runs, run => Assert.Equal("ran --version\n", run.Ok().Output));
        Assert.Equal(1, Builds);
    }

    [Fact]
    public async Task A_failed_build_shows_the_compilers_errors_and_is_tried_again()
    {
        File.WriteAllText(Log + ".broken", "");
        var broken = await RunAsync();
        Assert.Equal(1, broken.ExitCode);
        Assert.Contains("error CS1002", broken.Error, StringComparison.Ordinal);

        File.Delete(Log + ".broken");
        (await RunAsync()).Ok();
    }

    [Fact]
    public async Task Without_an_sdk_it_says_what_to_install()
    {
        File.Delete(Path.Combine(_directory, "bin", "dotnet"));

        var run = await RunAsync();

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("dotnet-sdk-10.0", run.Error, StringComparison.Ordinal);
    }

    private Task<ToolResult> RunAsync(params string[] arguments) =>
        Tool.RunAsync("/usr/bin/env", ["-i", $"PATH={Path.Combine(_directory, "bin")}:{CoreTools()}", $"FAKE_LOG={Log}",
            "bash", Path.Combine(_directory, "trefoil"), .. arguments]);

    /// <summary>Directories of the system's tools, without the real dotnet: links to what the script uses.</summary>
    private string CoreTools()
    {
        var tools = Path.Combine(_directory, "tools");
        if (!Directory.Exists(tools))
        {
            Directory.CreateDirectory(tools);
            foreach (var tool in (string[])["bash", "sh", "readlink", "dirname", "basename", "find", "mkdir", "touch", "date", "grep", "sed", "sort", "head", "tail", "rm", "ln", "mv", "flock", "chmod"])
            {
                var real = ((string[])["/usr/bin", "/bin"]).Select(d => Path.Combine(d, tool)).First(File.Exists);
                File.CreateSymbolicLink(Path.Combine(tools, tool), real);
            }
        }

        return tools;
    }

    private static string RepositoryRoot([CallerFilePath] string file = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, "..", "..", ".."));
}

using System.Diagnostics;
using Trefoil.Cluster.Harness;
using Xunit;

namespace Trefoil.Cluster.Scenarios;

/// <summary><c>trefoil demo</c>: what somebody new runs first.</summary>
public sealed class DemoTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task The_self_test_of_the_demo_passes()
    {
        var demo = (await Tool.TrefoilAsync("demo", "--check")).Ok();

        Assert.DoesNotContain("FAIL", demo.Output, StringComparison.Ordinal);
        Assert.Equal(8, demo.Output.Split('\n').Count(l => l.StartsWith("ok ", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("-INT", 0)]
    [InlineData("-KILL", 137)]
    public async Task A_demo_that_ends_takes_its_nodes_with_it(string signal, int exitCode)
    {
        using var demo = Tool.Start(Tool.Trefoil, "demo", "--nodes", "2");
        var (directory, pids) = await ReadUntilCompleteAsync(demo);
        Assert.Equal(2, pids.Count);

        (await Tool.RunAsync("kill", signal, $"{demo.Id}")).Ok();

        using var deadline = new CancellationTokenSource(Deadline);
        await demo.WaitForExitAsync(deadline.Token);
        Assert.Equal(exitCode, demo.ExitCode);
        await Eventually.See("the nodes of the demo stop", "no process of theirs",
            () => Task.FromResult(pids.Count(IsNode)), alive => alive == 0, Deadline);
        Assert.Equal(signal == "-KILL", Directory.Exists(directory));
        if (signal == "-KILL")
        {
            Directory.Delete(directory, recursive: true); // what a killed process cannot do itself
        }
    }

    /// <summary>Reads the directory and the table of endpoints, up to the line that says the demo is complete.</summary>
    private static async Task<(string Directory, IReadOnlyList<int> Pids)> ReadUntilCompleteAsync(Process demo)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        var directory = (await demo.StandardOutput.ReadLineAsync(deadline.Token))!.Split(" in ")[1].Split(',')[0];
        var pids = new List<int>();
        while (await demo.StandardOutput.ReadLineAsync(deadline.Token) is { } line && !line.StartsWith("following", StringComparison.Ordinal))
        {
            if (line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, var pid, var resp, ..]
                && resp.StartsWith("127.0.0.1:", StringComparison.Ordinal) && int.TryParse(pid, out var number))
            {
                pids.Add(number);
            }
        }

        return (directory, pids);
    }

    private static bool IsNode(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/cmdline").Contains("trefoil-demo-", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }
}

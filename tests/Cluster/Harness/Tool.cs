using System.Diagnostics;
using Xunit;

namespace Trefoil.Cluster.Harness;

/// <summary>What a finished program left behind.</summary>
internal sealed record ToolResult(string Command, int ExitCode, string Output, string Error)
{
    /// <summary>Fails the test unless the program succeeded.</summary>
    public ToolResult Ok()
    {
        Assert.True(ExitCode == 0, $"{Command}\nexit code {ExitCode}\n{Output}{Error}");
        return this;
    }

    public override string ToString() => $"{Command}: exit code {ExitCode}\n{Output}{Error}";
}

/// <summary>Runs the real tools: redis-cli, redis-benchmark, python3, and the trefoil executable itself.</summary>
internal static class Tool
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan LongDeadline = TimeSpan.FromMinutes(5);

    /// <summary>
    /// The executable that was built with these tests, or another one: build.sh and benchmarks name the launcher's, which is what people run. It is compiled
    /// ahead of time, so that a node starts with a third of the work.
    /// </summary>
    public static string Trefoil { get; } = Environment.GetEnvironmentVariable("TREFOIL_PROGRAM") ?? Path.Combine(AppContext.BaseDirectory, "trefoil");

    public static Task<ToolResult> TrefoilAsync(params string[] arguments) => RunAsync(Trefoil, arguments);

    public static Task<ToolResult> RedisCliAsync(int port, params string[] arguments) =>
        RunAsync("redis-cli", ["-p", $"{port}", .. arguments]);

    /// <summary>Runs to the end; a program that does not end in time is killed and fails the test.</summary>
    public static Task<ToolResult> RunAsync(string program, params string[] arguments) => RunWithInputAsync("", program, arguments);

    /// <summary>As <see cref="RunAsync"/>, with something to read on stdin.</summary>
    public static Task<ToolResult> RunWithInputAsync(string input, string program, params string[] arguments) =>
        RunWithinAsync(Deadline, input, program, arguments);

    /// <summary>As <see cref="RunAsync"/>, for what may take longer.</summary>
    public static Task<ToolResult> RunLongAsync(string program, params string[] arguments) => RunWithinAsync(LongDeadline, "", program, arguments);

    private static async Task<ToolResult> RunWithinAsync(TimeSpan limit, string input, string program, string[] arguments)
    {
        using var process = Start(program, arguments);
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        var command = $"{Path.GetFileName(program)} {string.Join(' ', arguments)}";
        using var deadline = new CancellationTokenSource(limit);
        try
        {
            await process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{command} did not end within {limit.TotalSeconds:0} s:\n{await output}{await error}");
        }

        return new ToolResult(command, process.ExitCode, await output, await error);
    }

    /// <summary>Starts a program with its streams redirected; the caller owns it.</summary>
    public static Process Start(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        // Set by tests that need it, never inherited from whoever runs them.
        foreach (var name in start.Environment.Keys.Where(n => n.StartsWith("TREFOIL_", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(name);
        }

        return Process.Start(start)!;
    }
}

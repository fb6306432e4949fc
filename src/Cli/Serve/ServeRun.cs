using Microsoft.Extensions.Logging;
using Trefoil.Node;
using Trefoil.Node.Configuration;

namespace Trefoil.Cli.Serve;

/// <summary>The life of a node's process: start, log to stdout, wait, stop in good order.</summary>
internal static class ServeRun
{
    public static async Task<CliFailure?> RunAsync(NodeConfig config, bool stopWithStdin, TimeProvider time, CancellationToken cancellation)
    {
        using var logs = Logs(config.LogLevel);
        var (host, failure) = await NodeHost.StartAsync(config, logs, time, cancellation);
        if (host is null)
        {
            return new CliFailure(failure!.ExitCode, failure.Message);
        }

        await using (host)
        {
            await Task.WhenAny(host.StopRequested, StopRequestedAsync(stopWithStdin, cancellation));
        }

        return null;
    }

    private static async Task StopRequestedAsync(bool stopWithStdin, CancellationToken cancellation)
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = cancellation.Register(() => asked.TrySetResult());
        if (stopWithStdin)
        {
            // A thread of its own: reading a pipe blocks, and the thread pool belongs to the clients.
            new Thread(() =>
            {
                using var stdin = Console.OpenStandardInput();
                while (stdin.ReadByte() >= 0)
                {
                }

                asked.TrySetResult();
            })
            { IsBackground = true, Name = "stdin" }.Start();
        }

        await asked.Task;
    }

    private static ILoggerFactory Logs(string level) => LoggerFactory.Create(logging => logging
        .SetMinimumLevel(level switch
        {
            "debug" => LogLevel.Debug,
            "warn" => LogLevel.Warning,
            "error" => LogLevel.Error,
            _ => LogLevel.Information,
        })
        .AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
            console.ColorBehavior = Microsoft.Extensions.Logging.Console.LoggerColorBehavior.Disabled;
        }));
}

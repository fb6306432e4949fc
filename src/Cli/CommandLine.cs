using System.CommandLine;
using System.CommandLine.Help;
using Trefoil.Cli.Assert;
using Trefoil.Cli.Cluster;
using Trefoil.Cli.Demo;
using Trefoil.Cli.Local;
using Trefoil.Cli.Serve;
using Trefoil.Cli.Simulate;

namespace Trefoil.Cli;

/// <summary>The whole command line as one tree: what <c>--help</c> prints and what dispatches.</summary>
internal static class CommandLine
{
    // The same text on every terminal and in a pipe.
    private const int HelpWidth = 120;

    // Stopping a node in good order takes longer than the two seconds the library would grant after Ctrl-C.
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(30);

    /// <summary>Runs one command line and returns the exit code.</summary>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, TextWriter output, TextWriter error)
    {
        var root = Root();
        var parsed = root.Parse(arguments, new ParserConfiguration { EnablePosixBundling = false });
        if (parsed.Errors.Count > 0 && parsed.Action is not HelpAction)
        {
            await error.WriteLineAsync("trefoil: " + Complaint.About(parsed));
            return ExitCodes.Usage;
        }

        return await parsed.InvokeAsync(new InvocationConfiguration
        {
            Output = output,
            Error = error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = StopPatience,
        });
    }

    /// <summary>The tree.</summary>
    public static RootCommand Root()
    {
        var root = new RootCommand("Trefoil: a clustered data server that Redis Cluster clients can use.")
        {
            ServeCommand.Build(TimeProvider.System),
            DemoCommand.Build(TimeProvider.System),
            LocalCommand.Build(TimeProvider.System),
            ClusterCommand.Build(TimeProvider.System, Terminal.OfProcess),
            AssertCommand.Build(TimeProvider.System, Terminal.OfProcess),
            SimulateCommand.Build(),
        };
        root.Options.OfType<VersionOption>().Single().Action = new PrintVersion();
        root.Options.OfType<HelpOption>().Single().Action = new HelpAction { MaxWidth = HelpWidth };
        return root;
    }

    /// <summary>Lets a command's work end in a failure or null, and turns that into text on stderr and an exit code.</summary>
    public static void Does(this Command command, Func<ParseResult, CancellationToken, Task<CliFailure?>> work) =>
        command.SetAction(async (parsed, cancellation) =>
        {
            CliFailure? failure;
            try
            {
                failure = await work(parsed, cancellation);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                failure = CliFailure.Failed("interrupted.");
            }

            if (failure is null)
            {
                return ExitCodes.Ok;
            }

            await parsed.InvocationConfiguration.Error.WriteLineAsync("trefoil: " + failure.Message);
            return failure.ExitCode;
        });

    private sealed class PrintVersion : System.CommandLine.Invocation.SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            var version = typeof(CommandLine).Assembly.GetName().Version!;
            parseResult.InvocationConfiguration.Output.WriteLine($"trefoil {version.ToString(3)}");
            return ExitCodes.Ok;
        }
    }
}

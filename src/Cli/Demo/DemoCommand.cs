using System.CommandLine;

namespace Trefoil.Cli.Demo;

/// <summary><c>trefoil demo</c>: a cluster to look at, gone when the command ends.</summary>
internal static class DemoCommand
{
    private const int DefaultNodes = 3;

    public static Command Build(TimeProvider time)
    {
        var nodes = new Option<int>("--nodes") { Description = "How many nodes (1 to 99).", HelpName = "N", DefaultValueFactory = _ => DefaultNodes };
        var check = new Option<bool>("--check") { Description = "Run a self-test through a client connection, then stop. Exits 0 if all of it passed." };
        var command = new Command("demo", "Start a cluster with sample data, say where it is, and follow what happens until Ctrl-C.") { nodes, check };
        command.Does((parsed, cancellation) => DemoRun.RunAsync(
            parsed.GetValue(nodes), parsed.GetValue(check), parsed.InvocationConfiguration.Output, time, cancellation));
        return command;
    }
}

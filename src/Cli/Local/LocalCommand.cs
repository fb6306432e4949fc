using System.CommandLine;

namespace Trefoil.Cli.Local;

/// <summary><c>trefoil local</c>: its subcommands and their options.</summary>
internal static class LocalCommand
{
    public static Command Build(TimeProvider time) =>
        new("local", "Run a cluster of real processes on this machine, for trying things and faults.")
        {
            Up(time), Status(time), Down(time), Kill(time), Restart(time),
        };

    private static Command Up(TimeProvider time)
    {
        var nodes = new Option<int?>("--nodes") { Description = "How many processes (1 to 99). Default: 3, or those that the directory has.", HelpName = "N" };
        var replicas = new Option<int?>("--replicas") { Description = "Replicas per primary: of N nodes N/(R+1) own slots, the rest are their replicas in turn. Default: 0.", HelpName = "R" };
        var alone = new Option<bool>("--alone") { Description = "Leave the nodes alone: they know no one and own no slots." };
        var directory = Dir();
        var basePort = new Option<int?>("--base-port") { Description = "Node i listens on B+i (RESP), B+300+i (RPC), B+400+i (SWIM). Default: a free one, printed.", HelpName = "B" };
        var set = new Option<string[]>("--set") { Description = "Set a top-level key in every node's TOML, or in the whole cluster: replication_mode, replication_ack. Repeatable.", HelpName = "key=value" };
        var command = new Command("up", "Start a cluster and return when it is ready; start again the nodes that a directory has.")
        {
            nodes, replicas, alone, directory, basePort, set,
        };
        command.Does((parsed, cancellation) => LocalUp.RunAsync(
            new LocalUpRequest(
                parsed.GetValue(nodes), parsed.GetValue(replicas), parsed.GetValue(alone), parsed.GetRequiredValue(directory),
                parsed.GetValue(basePort), parsed.GetValue(set) ?? []),
            parsed.InvocationConfiguration.Output, time, cancellation));
        return command;
    }

    private static Command Status(TimeProvider time)
    {
        var directory = Dir();
        var command = new Command("status", "Show every node: whether it runs, and what it says. Exits 3 if one does not answer.") { directory };
        command.Does((parsed, cancellation) => WithClusterAsync(
            parsed.GetRequiredValue(directory), false, time, cluster => LocalVerbs.StatusAsync(cluster, parsed.InvocationConfiguration.Output, time, cancellation)));
        return command;
    }

    private static Command Down(TimeProvider time)
    {
        var directory = Dir();
        var command = new Command("down", "Stop every node in good order (SIGTERM, after 10 s SIGKILL). The data stays.") { directory };
        command.Does((parsed, cancellation) => WithClusterAsync(
            parsed.GetRequiredValue(directory), true, time, cluster => LocalVerbs.DownAsync(cluster, parsed.InvocationConfiguration.Output, cancellation)));
        return command;
    }

    private static Command Kill(TimeProvider time)
    {
        var (directory, index) = (Dir(), Index());
        var command = new Command("kill", "Kill one node (SIGKILL), as a crash would.") { index, directory };
        command.Does((parsed, cancellation) => WithClusterAsync(
            parsed.GetRequiredValue(directory), true, time, cluster => LocalVerbs.KillAsync(cluster, parsed.GetValue(index), parsed.InvocationConfiguration.Output, cancellation)));
        return command;
    }

    private static Command Restart(TimeProvider time)
    {
        var (directory, index) = (Dir(), Index());
        var command = new Command("restart", "Stop one node if it runs, start it, and return when it answers.") { index, directory };
        command.Does((parsed, cancellation) => WithClusterAsync(
            parsed.GetRequiredValue(directory), true, time, cluster => LocalVerbs.RestartAsync(cluster, parsed.GetValue(index), parsed.InvocationConfiguration.Output, cancellation)));
        return command;
    }

    private static Option<string> Dir() =>
        new("--dir") { Description = "The cluster's directory.", HelpName = "D", Required = true };

    private static Argument<int> Index() => new("i") { Description = "The node's number, from 1." };

    private static async Task<CliFailure?> WithClusterAsync(string path, bool exclusive, TimeProvider time, Func<LocalCluster, Task<CliFailure?>> work)
    {
        var (found, failure) = LocalDirectory.Read(path);
        if (found is null)
        {
            return failure ?? CliFailure.Usage($"there is no local cluster in {Path.GetFullPath(path)}. `trefoil local up --dir {path}` makes one.");
        }

        using var held = exclusive ? LocalDirectory.TryLock(found.Path) : null;
        return exclusive && held is null
            ? LocalDirectory.Busy(found.Path)
            : await work(new LocalCluster(found, attached: false, time));
    }
}

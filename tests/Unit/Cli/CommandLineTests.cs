using Trefoil.Cli;
using Trefoil.Unit.Testing;
using Xunit;

namespace Trefoil.Unit.Cli;

public sealed class CommandLineTests
{
    [Theory]
    [InlineData("")]
    [InlineData("serve")]
    [InlineData("demo")]
    [InlineData("local")]
    [InlineData("local up")]
    [InlineData("local status")]
    [InlineData("local down")]
    [InlineData("local kill")]
    [InlineData("local restart")]
    [InlineData("cluster")]
    [InlineData("cluster recover")]
    [InlineData("cluster status")]
    [InlineData("cluster nodes")]
    [InlineData("cluster slots")]
    [InlineData("cluster check")]
    [InlineData("cluster create")]
    [InlineData("cluster add")]
    [InlineData("cluster remove")]
    [InlineData("cluster reshard")]
    [InlineData("cluster rebalance")]
    [InlineData("cluster drain")]
    [InlineData("cluster failover")]
    [InlineData("cluster meet")]
    [InlineData("cluster forget")]
    [InlineData("assert")]
    [InlineData("assert put")]
    [InlineData("assert get")]
    [InlineData("assert query")]
    [InlineData("assert explain")]
    [InlineData("assert import")]
    [InlineData("assert export")]
    [InlineData("assert watch")]
    [InlineData("sim")]
    [InlineData("sim scenarios")]
    [InlineData("sim check-history")]
    public async Task Help_is_kept_word_for_word(string command)
    {
        var (exitCode, output, error) = await RunAsync([.. command.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"]);

        Assert.Equal((0, ""), (exitCode, error));
        Golden.Check("Cli", command.Length == 0 ? "help" : "help-" + command.Replace(' ', '-'), output.Replace(Executable, "trefoil", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Version_is_one_line() => Assert.Matches(@"^trefoil \d+\.\d+\.\d+\n$", (await RunAsync(["--version"])).Output);

    [Theory]
    [InlineData("locla", "unknown command 'locla'. Did you mean 'local'? See `trefoil --help`.")]
    [InlineData("local up --dir d --alnoe", "unknown option '--alnoe'. Did you mean '--alone'? See `trefoil local up --help`.")]
    [InlineData("local sideways", "unknown command 'sideways'. See `trefoil local --help`.")]
    [InlineData("local up", "Option '--dir' is required. See `trefoil local up --help`.")]
    [InlineData("cluster reshrad", "unknown command 'reshrad'. Did you mean 'reshard'? See `trefoil cluster --help`.")]
    [InlineData("cluster status --node nowhere", "'nowhere' is no host:port, as in 127.0.0.1:6379. See `trefoil cluster status --help`.")]
    [InlineData("cluster status -o yaml", "'yaml' is no form of output: text or json. See `trefoil cluster status --help`.")]
    [InlineData("cluster reshard --slots 5", "cluster reshard: --to is required: who gets the slots. See `trefoil cluster reshard --help`.")]
    [InlineData("cluster reshard --to x", "cluster reshard: say either --slots, how many, or --ranges, which. See `trefoil cluster reshard --help`.")]
    [InlineData("cluster reshard --to x --slots 5 --ranges 1", "cluster reshard: say either --slots, how many, or --ranges, which. See `trefoil cluster reshard --help`.")]
    [InlineData("cluster reshard --to x --ranges 0-5,5", "cluster reshard: 0-5 and 5 overlap: name each slot once. See `trefoil cluster reshard --help`.")]
    [InlineData("cluster reshard --to x --slots 0", "cluster reshard: --slots must be from 1 to 16384. See `trefoil cluster reshard --help`.")]
    [InlineData("cluster reshard --to x --slots 1 --parallel 0", "'0' is no number from 1 to 16384 for --parallel. See `trefoil cluster reshard --help`.")]
    [InlineData("cluster rebalance --weight x", "'x' is no weight: say NODE=W, W being 0 or more, as in 127.0.0.1:7001=0.5. See `trefoil cluster rebalance --help`.")]
    [InlineData("cluster rebalance --threshold -3", "'-3' is no number of percent (0 or more). See `trefoil cluster rebalance --help`.")]
    [InlineData("cluster create 127.0.0.1:1 127.0.0.1:1", "cluster create: 127.0.0.1:1 is named twice.")]
    [InlineData("cluster create 127.0.0.1:1 --replicas 1", "cluster create: a primary with 1 replica needs 2 nodes, 1 are named.")]
    [InlineData("assert put --subject a", "assert put: --predicate is missing: say --subject, --predicate, --value and --confidence, or give - and a JSON object on stdin. See `trefoil assert put --help`.")]
    [InlineData("assert put --subject a --predicate b --value c", "assert put: --confidence is missing: how sure the source is, from 0 to 1. See `trefoil assert put --help`.")]
    [InlineData("assert put --subject a --predicate b --value c --confidence 1 --type Integer", "assert put: 'c' is no Integer. See `trefoil assert put --help`.")]
    [InlineData("assert put --subject a --predicate b --value c --confidence 1 --type Colour", "assert put: 'Colour' is no type of value: Text, Number, Integer, Boolean, Reference. See `trefoil assert put --help`.")]
    [InlineData("assert put - --subject a", "assert put: give - and a JSON object on stdin, or flags and no -. See `trefoil assert put --help`.")]
    [InlineData("assert put --valid-to soon", "'soon' is no time for --valid-to: give ms since 1970, or a date like 2024-05-01 or 2024-05-01T12:00:00Z. See `trefoil assert put --help`.")]
    [InlineData("assert query --limit 0", "'0' is no number from 1 for --limit. See `trefoil assert query --help`.")]
    [InlineData("assert get", "Required argument missing for command: 'get'. See `trefoil assert get --help`.")]
    [InlineData("assert watch --url localhost", "'localhost' is no URL of a node, as http://127.0.0.1:18180. See `trefoil assert watch --help`.")]
    [InlineData("assert import /nowhere/claims", "assert import: /nowhere/claims cannot be read: Could not find a part of the path '/nowhere/claims'.")]
    [InlineData("assert qeury", "unknown command 'qeury'. Did you mean 'query'? See `trefoil assert --help`.")]
    [InlineData("demo --nodes three", "Cannot parse argument 'three' for option '--nodes' as expected type 'System.Int32'. See `trefoil demo --help`.")]
    public async Task A_wrong_command_line_says_what_was_probably_meant(string line, string expected)
    {
        var (exitCode, output, error) = await RunAsync(line.Split(' '));

        Assert.Equal((2, "", $"trefoil: {expected}\n"), (exitCode, output, error));
    }

    // The library names the running program, which is the test runner here.
    private static string Executable => Path.GetFileNameWithoutExtension(Environment.GetCommandLineArgs()[0]);

    private static async Task<(int ExitCode, string Output, string Error)> RunAsync(string[] arguments)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        var exitCode = await CommandLine.RunAsync(arguments, output, error);
        return (exitCode, output.ToString(), error.ToString());
    }
}

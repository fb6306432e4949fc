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
    [InlineData("sim")]
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

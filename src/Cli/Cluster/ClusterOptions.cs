using System.CommandLine;
using System.CommandLine.Parsing;
using Trefoil.Cli.Cluster.Calls;
using Trefoil.Primitives;

namespace Trefoil.Cli.Cluster;

/// <summary>Options that the subcommands share, and what turns them into a session.</summary>
internal sealed class ClusterOptions(TimeProvider time, Terminal terminal)
{
    private const string PasswordVariable = "REDISCLI_AUTH";
    private static readonly HostPort DefaultNode = new("127.0.0.1", 6379);

    public delegate Task<CliFailure?> Work(ParseResult parsed, ClusterSession session, CancellationToken cancellation);

    public static Option<bool> Yes() => new("--yes") { Description = "Do not ask, even where data may be lost." };

    public static Argument<string> Node(string description = "Which node.") =>
        new("node") { Description = description + " Its host:port, its id, or the first digits of it." };

    public static Argument<HostPort> Address(string name, string description) =>
        new(name) { Description = description, CustomParser = result => Parse(result, result.Tokens[0].Value) };

    public static Argument<HostPort[]> Addresses(string name, string description) =>
        new(name) { Description = description, HelpName = "host:port", CustomParser = result => [.. result.Tokens.Select(token => Parse(result, token.Value))], Arity = ArgumentArity.OneOrMore };

    /// <summary>A subcommand that only looks.</summary>
    public Command Looking(string name, string description, Func<ClusterSession, CancellationToken, Task<CliFailure?>> work) =>
        Make(name, description, [], (_, session, cancellation) => work(session, cancellation), dryRun: null, hasSeed: true);

    /// <summary>A subcommand that changes something, or with --dry-run says what it would.</summary>
    public Command Changing(string name, string description, IReadOnlyList<Symbol> own, Work work, bool hasSeed = true) =>
        Make(name, description, own, work, new Option<bool>("--dry-run") { Description = "Say what would be done, and do nothing." }, hasSeed);

    private static HostPort Parse(ArgumentResult result, string text)
    {
        if (!HostPort.TryParse(text, out var address) || address.Port == 0)
        {
            result.AddError($"'{text}' is no host:port, as in 127.0.0.1:6379.");
        }

        return address;
    }

    private Command Make(string name, string description, IReadOnlyList<Symbol> own, Work work, Option<bool>? dryRun, bool hasSeed)
    {
        var node = new Option<HostPort>("--node")
        {
            Description = $"Any node of the cluster. Default: {DefaultNode}.",
            HelpName = "host:port",
            CustomParser = result => Parse(result, result.Tokens[0].Value),
        };
        var output = new Option<string>("--output", "-o") { Description = "text, or json: one object on stdout.", HelpName = "text|json", DefaultValueFactory = _ => "text" };
        output.Validators.Add(result =>
        {
            if (result.Tokens.FirstOrDefault(token => token.Value is not ("text" or "json")) is { } other)
            {
                result.AddError($"'{other.Value}' is no form of output: text or json.");
            }
        });
        var command = new Command(name, description);
        foreach (var symbol in own.Concat(hasSeed ? [node] : Array.Empty<Symbol>()).Concat(dryRun is null ? [] : [dryRun]).Append(output))
        {
            if (symbol is Argument argument)
            {
                command.Arguments.Add(argument);
            }
            else
            {
                command.Options.Add((Option)symbol);
            }
        }

        command.Does(async (parsed, cancellation) =>
        {
            await using var calls = new NodeCalls(time, Environment.GetEnvironmentVariable(PasswordVariable) ?? "");
            var seed = hasSeed && parsed.GetResult(node) is not null ? parsed.GetValue(node) : DefaultNode;
            return await work(
                parsed,
                new ClusterSession(calls, seed, parsed.InvocationConfiguration.Output, parsed.GetValue(output) == "json", dryRun is not null && parsed.GetValue(dryRun), Yes: false, terminal),
                cancellation);
        });
        return command;
    }
}

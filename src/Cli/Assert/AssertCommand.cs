using System.CommandLine;
using Trefoil.Cli.Cluster;

namespace Trefoil.Cli.Assert;

/// <summary><c>trefoil assert</c>: its subcommands and their options.</summary>
internal static class AssertCommand
{
    private const string DefaultUrl = "http://127.0.0.1:18180";

    private delegate Task<CliFailure?> Work(ParseResult parsed, AssertClient client, CancellationToken cancellation);

    public static Command Build(TimeProvider time, Terminal terminal) =>
        new("assert", "Post claims that contradict each other to a node, and read them through a lens.")
        {
            Put(time),
            Get(time),
            Reading(time, "query", "Ask what holds. A row per subject and predicate; lenses that show more have more rows.", ReadVerbs.QueryAsync),
            Reading(time, "explain", "Ask what holds and why: which rule decided, and between which claims.", ReadVerbs.ExplainAsync),
            Import(time, terminal),
            Export(time),
            Watch(time),
        };

    private static Command Put(TimeProvider time)
    {
        var input = new Argument<string?>("from") { Description = "'-': the claim as a JSON object on stdin, instead of flags.", HelpName = "-", Arity = ArgumentArity.ZeroOrOne };
        var (claim, json) = (new ClaimOptions(), Json("Print the node's answer as it is."));
        return Make(time, "put", "Post one claim. Prints its id, and whether it was stored or known already.", [input, .. claim.All, json], async (parsed, client, cancellation) =>
        {
            var from = parsed.GetValue(input);
            if (from is not (null or "-") || (from is not null && claim.IsAnyGiven(parsed)))
            {
                return CliFailure.Usage("assert put: give - and a JSON object on stdin, or flags and no -. See `trefoil assert put --help`.");
            }

            var (body, problem) = from is null
                ? claim.Claim(parsed)
                : (await PutVerb.ReadAsync(Console.OpenStandardInput(), cancellation), $"a claim has at most {LineReader.MaxLine} bytes: for many, there is import.");
            return body is null
                ? CliFailure.Usage($"assert put: {problem} See `trefoil assert put --help`.")
                : await PutVerb.RunAsync(client, body, parsed.GetValue(json), parsed.InvocationConfiguration.Output, cancellation);
        });
    }

    private static Command Get(TimeProvider time)
    {
        var id = new Argument<string>("id") { Description = "64 hex digits, as put and query print them." };
        var json = Json("Print the node's answer as it is.");
        return Make(time, "get", "Show one claim and what has happened to it.", [id, json], (parsed, client, cancellation) =>
            ReadVerbs.GetAsync(client, parsed.GetRequiredValue(id), parsed.GetValue(json), parsed.InvocationConfiguration.Output, cancellation));
    }

    private static Command Reading(
        TimeProvider time, string name, string description,
        Func<AssertClient, IReadOnlyList<(string Name, string? Value)>, int, bool, TextWriter, CancellationToken, Task<CliFailure?>> read)
    {
        var (lens, json) = (new LensOptions(), Json("Print an answer per line, as the node gives it."));
        var limit = new Option<int>("--limit") { Description = "Most answers.", HelpName = "N", DefaultValueFactory = _ => 1000 };
        AtLeastOne(limit);
        return Make(time, name, description, [.. lens.All, limit, json], (parsed, client, cancellation) =>
            read(client, lens.Parameters(parsed), parsed.GetValue(limit), parsed.GetValue(json), parsed.InvocationConfiguration.Output, cancellation));
    }

    private static Command Import(TimeProvider time, Terminal terminal)
    {
        var file = new Argument<string>("file") { Description = "Claims, a JSON object per line; '-' is stdin." };
        return Make(time, "import", "Post every claim of a file. Lines that are refused are named on stderr, and it exits 1; the others are stored.", [file], (parsed, client, cancellation) =>
            ImportVerb.RunAsync(client, parsed.GetRequiredValue(file), terminal, parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error, cancellation));
    }

    private static Command Export(TimeProvider time)
    {
        var prefix = new Option<string?>("--prefix") { Description = "Only a branch, as drug.", HelpName = "PATH" };
        var retracted = new Option<bool>("--retracted") { Description = "Also claims that were retracted: imported elsewhere they stand again." };
        return Make(time, "export", "Print the claims that a node has, a JSON object per line, for import. Votes, steps of reviews and signatures are not in it.", [prefix, retracted], (parsed, client, cancellation) =>
            FeedVerbs.ExportAsync(client, parsed.GetValue(prefix), parsed.GetValue(retracted), parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error, cancellation));
    }

    private static Command Watch(TimeProvider time)
    {
        var prefix = new Option<string?>("--prefix") { Description = "Only a branch, as drug.", HelpName = "PATH" };
        var since = new Option<ulong?>("--since") { Description = "After this arrival; 0 is from the beginning. Default: from now on.", HelpName = "ARRIVAL" };
        var limit = new Option<long>("--limit") { Description = "End after so many. Default: never.", HelpName = "N" };
        AtLeastOne(limit);
        var json = Json("Print the record of each arrival.");
        return Make(time, "watch", "Print a line for each claim, vote and review as it arrives, until Ctrl-C. Reconnects by itself.", [prefix, since, limit, json], (parsed, client, cancellation) =>
            FeedVerbs.WatchAsync(
                client, parsed.GetValue(prefix), parsed.GetValue(since), parsed.GetResult(limit) is null ? long.MaxValue : parsed.GetValue(limit), parsed.GetValue(json),
                parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error, cancellation));
    }

    private static Option<bool> Json(string description) => new("--json") { Description = description };

    private static void AtLeastOne<T>(Option<T> option) => option.Validators.Add(result =>
    {
        if (result.Tokens.FirstOrDefault(token => !long.TryParse(token.Value, out var number) || number < 1) is { } wrong)
        {
            result.AddError($"'{wrong.Value}' is no number from 1 for {option.Name}.");
        }
    });

    private static Command Make(TimeProvider time, string name, string description, IReadOnlyList<Symbol> own, Work work)
    {
        var url = new Option<Uri>("--url")
        {
            Description = $"A node's HTTP API: its api_port. Default: {DefaultUrl}.",
            HelpName = "URL",
            CustomParser = result =>
            {
                var text = result.Tokens[0].Value;
                if (Uri.TryCreate(text, UriKind.Absolute, out var given) && (given.Scheme is "http" or "https") && given.PathAndQuery == "/")
                {
                    return given;
                }

                result.AddError($"'{text}' is no URL of a node, as {DefaultUrl}.");
                return null;
            },
        };
        var command = new Command(name, description);
        foreach (var symbol in own.Append(url))
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
            using var client = new AssertClient(parsed.GetValue(url) ?? new Uri(DefaultUrl), time);
            return await work(parsed, client, cancellation);
        });
        return command;
    }
}

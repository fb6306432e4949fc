using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Trefoil.Cli.Cluster.Moving;
using Trefoil.Cli.Cluster.Picture;
using Trefoil.Cli.Cluster.Verbs;
using Trefoil.Primitives;

namespace Trefoil.Cli.Cluster;

/// <summary>The subcommands that move slots.</summary>
internal static class MoveCommands
{
    public static Command Reshard(ClusterOptions common)
    {
        var to = new Option<string?>("--to") { Description = "Who gets the slots.", HelpName = "NODE" };
        var from = new Option<string[]>("--from") { Description = "Who gives them. Repeatable; default: all others, in proportion to what they have.", HelpName = "NODE", DefaultValueFactory = _ => [] };
        var slots = new Option<int?>("--slots") { Description = "How many.", HelpName = "N" };
        var ranges = new Option<string?>("--ranges") { Description = "Or which, as 0-99,200.", HelpName = "RANGES" };
        var cancel = new Option<bool>("--cancel") { Description = "Instead: stop all migrations that run. Their slots stay where they are." };
        var (perJob, parallel) = (SlotsPerJob(), Parallel());
        return common.Changing("reshard", "Move slots, with what they hold, to one node while clients go on.", [to, from, slots, ranges, cancel, perJob, parallel],
            async (parsed, session, cancellation) =>
            {
                if (parsed.GetValue(cancel))
                {
                    return await ReshardVerb.CancelAsync(session, cancellation);
                }

                var (request, problem) = Request(parsed.GetValue(to), parsed.GetValue(from)!, parsed.GetValue(slots), parsed.GetValue(ranges));
                return request is null
                    ? CliFailure.Usage($"cluster reshard: {problem}. See `trefoil cluster reshard --help`.")
                    : await ReshardVerb.RunAsync(session, request, Limits(parsed, perJob, parallel), cancellation);
            });
    }

    public static Command Rebalance(ClusterOptions common)
    {
        var weights = new Option<string[]>("--weight") { Description = "A node's share compared to the others' 1; 0 empties it. Repeatable.", HelpName = "NODE=W", DefaultValueFactory = _ => [] };
        weights.Validators.Add(Each(word => WeightOf(word) is null ? $"'{word}' is no weight: say NODE=W, W being 0 or more, as in 127.0.0.1:7001=0.5." : null));
        var threshold = new Option<double>("--threshold") { Description = "Move nothing while every primary is within this many percent of its share.", HelpName = "P", DefaultValueFactory = _ => DefaultThreshold };
        threshold.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && !(double.TryParse(result.Tokens[0].Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var percent) && percent >= 0))
            {
                result.AddError($"'{result.Tokens[0].Value}' is no number of percent (0 or more).");
            }
        });
        var (perJob, parallel) = (SlotsPerJob(), Parallel());
        return common.Changing("rebalance", "Level the slots of all primaries, the empty ones too, while clients go on.", [weights, threshold, perJob, parallel],
            (parsed, session, cancellation) => LevelVerbs.RebalanceAsync(
                session, [.. parsed.GetValue(weights)!.Select(word => WeightOf(word)!.Value)], parsed.GetValue(threshold), Limits(parsed, perJob, parallel), cancellation));
    }

    public static Command Drain(ClusterOptions common)
    {
        var node = ClusterOptions.Node("The primary that is to own nothing. Its replicas stay its replicas.");
        var to = new Option<string[]>("--to") { Description = "Who gets its slots. Repeatable; default: all other primaries, so that they end as level as can be.", HelpName = "NODE", DefaultValueFactory = _ => [] };
        var (perJob, parallel) = (SlotsPerJob(), Parallel());
        return common.Changing("drain", "Move all slots away from a node, which 'remove' can then take out.", [node, to, perJob, parallel],
            (parsed, session, cancellation) => LevelVerbs.DrainAsync(session, parsed.GetRequiredValue(node), parsed.GetValue(to)!, Limits(parsed, perJob, parallel), cancellation));
    }

    private const double DefaultThreshold = 2;

    private static (ReshardRequest? Request, string? Problem) Request(string? to, string[] from, int? slots, string? ranges)
    {
        if (to is null)
        {
            return (null, "--to is required: who gets the slots");
        }

        if (slots is null == ranges is null)
        {
            return (null, "say either --slots, how many, or --ranges, which");
        }

        if (slots is < 1 or > HashSlot.Count)
        {
            return (null, $"--slots must be from 1 to {HashSlot.Count}");
        }

        if (ranges is null)
        {
            return (new ReshardRequest(to, from is ["all"] ? [] : from, slots, null), null);
        }

        var (read, problem) = SlotRanges.Read(ranges);
        return read is null ? (null, problem) : (new ReshardRequest(to, from is ["all"] ? [] : from, null, read), null);
    }

    private static (string Node, double Weight)? WeightOf(string word) =>
        word.LastIndexOf('=') is var split and > 0
        && double.TryParse(word.AsSpan(split + 1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var weight)
            ? (word[..split], weight)
            : null;

    private static Option<int> SlotsPerJob() => Positive(
        "--slots-per-job", $"Slots of one migration: what begins again when a primary dies meanwhile. Default: {MoveLimits.DefaultSlotsPerJob}.", MoveLimits.DefaultSlotsPerJob);

    private static Option<int> Parallel() => Positive(
        "--parallel", $"Migrations at once, each between another pair of nodes. Default: {MoveLimits.DefaultParallel}.", MoveLimits.DefaultParallel);

    private static Option<int> Positive(string name, string description, int value) => new(name)
    {
        Description = description,
        HelpName = "N",
        CustomParser = result =>
        {
            if (int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= HashSlot.Count)
            {
                return number;
            }

            result.AddError($"'{result.Tokens[0].Value}' is no number from 1 to {HashSlot.Count} for {name}.");
            return value;
        },
    };

    private static MoveLimits Limits(ParseResult parsed, Option<int> perJob, Option<int> parallel) => new(
        parsed.GetResult(perJob) is null ? MoveLimits.DefaultSlotsPerJob : parsed.GetValue(perJob),
        parsed.GetResult(parallel) is null ? MoveLimits.DefaultParallel : parsed.GetValue(parallel));

    private static Action<OptionResult> Each(Func<string, string?> problemOf) => result =>
    {
        foreach (var problem in result.Tokens.Select(token => problemOf(token.Value)).OfType<string>())
        {
            result.AddError(problem);
        }
    };
}

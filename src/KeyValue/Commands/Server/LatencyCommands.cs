using System.Text;
using Trefoil.KeyValue.Commands.Session;

namespace Trefoil.KeyValue.Commands.Server;

/// <summary>LATENCY: what took long, and how long commands take.</summary>
internal static class LatencyCommands
{
    private static readonly string[] Help =
    [
        "LATENCY <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        "DOCTOR", "    Return a human readable latency analysis report.",
        "GRAPH <event>", "    Return an ASCII latency graph for the <event> class.",
        "HISTORY <event>", "    Return time-latency samples for the <event> class.",
        "LATEST", "    Return the latest latency samples for all events.",
        "RESET [<event> ...]", "    Reset latency data of one or more <event> classes.",
        "    (default: reset all data for all event classes)",
        "HISTOGRAM [COMMAND ...]",
        "    Return a cumulative distribution of latencies in the format of a histogram for the specified command names.",
        "    If no commands are specified then all histograms are replied.",
        "HELP", "    Prints this help.",
    ];

    public static IEnumerable<CommandBinding> Bindings =>
    [
        new("latency|doctor", context => context.Reply.Verbatim("txt", LatencyReport.Doctor(context.Server))),
        new("latency|graph", Graph),
        new("latency|histogram", Histogram),
        new("latency|history", History),
        new("latency|latest", Latest),
        new("latency|reset", Reset),
        new("latency|help", context => HelpText.Write(context, Help)),
    ];

    private static void Latest(CommandContext context)
    {
        var all = context.Server.Latency.All();
        context.Reply.Array(all.Count);
        foreach (var (name, series) in all)
        {
            context.Reply.Array(4);
            context.Reply.Bulk(name);
            context.Reply.Integer(series.Samples[^1].AtSeconds);
            context.Reply.Integer(series.Samples[^1].Milliseconds);
            context.Reply.Integer(series.Worst);
        }
    }

    private static void History(CommandContext context)
    {
        var samples = context.Server.Latency.Find(Name(context, 2))?.Samples ?? [];
        context.Reply.Array(samples.Count);
        foreach (var sample in samples)
        {
            context.Reply.Array(2);
            context.Reply.Integer(sample.AtSeconds);
            context.Reply.Integer(sample.Milliseconds);
        }
    }

    private static void Graph(CommandContext context)
    {
        if (context.Server.Latency.Find(Name(context, 2)) is { } series)
        {
            context.Reply.Verbatim("txt", LatencyReport.Graph(Name(context, 2), series, context.NowMs / 1000));
        }
        else
        {
            context.Reply.Error([.. "ERR No samples available for event '"u8, .. context[2], .. "'"u8]);
        }
    }

    private static void Reset(CommandContext context)
    {
        if (context.Count == 2)
        {
            context.Reply.Integer(context.Server.Latency.ForgetAll());
            return;
        }

        var forgotten = 0;
        for (var i = 2; i < context.Count; i++)
        {
            forgotten += context.Server.Latency.Forget(Name(context, i)) ? 1 : 0;
        }

        context.Reply.Integer(forgotten);
    }

    /// <summary>Of the commands named (a container stands for its subcommands), or of all that were called.</summary>
    private static void Histogram(CommandContext context)
    {
        var specs = new List<CommandSpec>();
        if (context.Count == 2)
        {
            specs.AddRange(context.Server.Table.All);
        }

        for (var i = 2; i < context.Count; i++)
        {
            if (Find(context, i) is { } spec)
            {
                specs.Add(spec);
                specs.AddRange(spec.Subcommands);
            }
        }

        specs.RemoveAll(spec => spec.Statistics.Latencies is null or { Total: 0 });
        context.Reply.Map(specs.Count);
        foreach (var spec in specs)
        {
            var steps = spec.Statistics.Latencies!.Doubling().ToList();
            context.Reply.Bulk(spec.Name);
            context.Reply.Map(2);
            context.Reply.Bulk("calls"u8);
            context.Reply.Integer(spec.Statistics.Latencies.Total);
            context.Reply.Bulk("histogram_usec"u8);
            context.Reply.Map(steps.Count);
            foreach (var (micros, calls) in steps)
            {
                context.Reply.Integer(micros);
                context.Reply.Integer(calls);
            }
        }
    }

    private static CommandSpec? Find(CommandContext context, int index)
    {
        var name = Name(context, index).Split('|', 2);
        var spec = context.Server.Table.Find(Encoding.Latin1.GetBytes(name[0]));
        return spec is null || name.Length == 1 ? spec : CommandTable.Find(spec, Encoding.Latin1.GetBytes(name[1]));
    }

    private static string Name(CommandContext context, int index) => Encoding.Latin1.GetString(context[index]);
}

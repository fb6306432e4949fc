using Trefoil.KeyValue.Commands.Data;
using Trefoil.KeyValue.Commands.Session;

namespace Trefoil.KeyValue.Commands.Server;

/// <summary>SLOWLOG: commands that took long.</summary>
internal static class SlowLogCommands
{
    private const int DefaultCount = 10;

    private static readonly string[] Help =
    [
        "SLOWLOG <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        "GET [<count>]",
        "    Return top <count> entries from the slowlog (default: 10, -1 mean all).",
        "    Entries are made of:",
        "    id, timestamp, time in microseconds, arguments array, client IP and port,",
        "    client name",
        "LEN", "    Return the length of the slowlog.",
        "RESET", "    Reset the slowlog.",
        "HELP", "    Prints this help.",
    ];

    public static IEnumerable<CommandBinding> Bindings =>
    [
        new("slowlog|get", Get),
        new("slowlog|len", context => context.Reply.Integer(context.Server.SlowLog.Count)),
        new("slowlog|reset", Reset),
        new("slowlog|help", context => HelpText.Write(context, Help)),
    ];

    private static void Get(CommandContext context)
    {
        if (context.Count > 3)
        {
            context.Reply.Error([.. "ERR unknown subcommand or wrong number of arguments for '"u8, .. context[1], .. "'. Try SLOWLOG HELP."u8]);
            return;
        }

        long count = DefaultCount;
        if (context.Count == 3 && !context.TryInteger(2, -1, out count, "ERR count should be greater than or equal to -1"u8))
        {
            return;
        }

        var entries = context.Server.SlowLog.Newest(count < 0 ? long.MaxValue : count);
        context.Reply.Array(entries.Count);
        foreach (var entry in entries)
        {
            context.Reply.Array(6);
            context.Reply.Integer(entry.Id);
            context.Reply.Integer(entry.AtSeconds);
            context.Reply.Integer(entry.Micros);
            context.Reply.Array(entry.Arguments.Count);
            foreach (var argument in entry.Arguments)
            {
                context.Reply.Bulk(argument);
            }

            context.Reply.Bulk(entry.Client);
            context.Reply.Bulk(entry.ClientName);
        }
    }

    private static void Reset(CommandContext context)
    {
        context.Server.SlowLog.Clear();
        context.Reply.Ok();
    }
}

using Trefoil.KeyValue.Commands.Session;

namespace Trefoil.KeyValue.Commands.Server;

/// <summary>TIME, INFO, CONFIG, and FUNCTION as of a server without functions.</summary>
internal static class ServerCommands
{
    /// <summary>What Redis 7.0.15 answers to FUNCTION DUMP without libraries: nothing, RDB version 10, CRC64.</summary>
    private static readonly byte[] EmptyDump = [0x0A, 0x00, 0x5D, 0x9B, 0x5C, 0x40, 0x0F, 0x7F, 0xA2, 0xDA];

    private static readonly string[] FunctionHelp =
    [
        "FUNCTION <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        "DUMP", "    Return a serialized payload of the libraries: of none.",
        "FLUSH [ASYNC|SYNC]", "    Delete all the libraries.",
        "LIST [LIBRARYNAME PATTERN] [WITHCODE]", "    List the libraries: none, since this server runs no functions.",
        "RESTORE <payload>", "    Accept the payload of a server without libraries.",
        "STATS", "    Return information about the running function and the engines: none.",
        "HELP", "    Prints this help.",
    ];

    public static IEnumerable<CommandBinding> Bindings =>
    [
        .. ReplicationCommands.Bindings,
        new("time", Time),
        new("debug", DebugCommands.Run),
        new("info", InfoReply.Run),
        new("config|get", ConfigCommands.Get),
        new("config|set", ConfigCommands.Set),
        new("config|resetstat", ConfigCommands.ResetStatistics),
        new("config|rewrite", ConfigCommands.Rewrite),
        new("config|help", context => HelpText.Write(context, ConfigCommands.Help)),
        new("function|list", context => context.Reply.Array(0)),
        new("function|stats", FunctionStats),
        new("function|help", context => HelpText.Write(context, FunctionHelp)),
        new("function|flush", context => context.Reply.Ok()),
        new("function|dump", context => context.Reply.Bulk(EmptyDump)),
        new("function|restore", FunctionRestore),
    ];

    private static void Time(CommandContext context)
    {
        var now = context.Server.Time.GetUtcNow();
        var micros = (now - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
        context.Reply.Array(2);
        context.Reply.BulkInteger(micros / 1_000_000);
        context.Reply.BulkInteger(micros % 1_000_000);
    }

    /// <summary>No script runs, and there is no engine that could run one.</summary>
    private static void FunctionStats(CommandContext context)
    {
        context.Reply.Map(2);
        context.Reply.Bulk("running_script"u8);
        context.Reply.Null();
        context.Reply.Bulk("engines"u8);
        context.Reply.Map(0);
    }

    private static void FunctionRestore(CommandContext context)
    {
        if (context[2].SequenceEqual(EmptyDump))
        {
            context.Reply.Ok();
        }
        else
        {
            context.Reply.Error("ERR DUMP payload version or checksum are wrong"u8);
        }
    }
}

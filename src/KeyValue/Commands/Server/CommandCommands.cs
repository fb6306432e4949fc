using System.Text;
using Trefoil.KeyValue.Commands.Data;
using Trefoil.KeyValue.Commands.Session;

namespace Trefoil.KeyValue.Commands.Server;

/// <summary>COMMAND and its subcommands: the table, shown.</summary>
internal static class CommandCommands
{
    private static readonly string[] Help =
    [
        "COMMAND <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        "(no subcommand)", "    Return details about all Redis commands.",
        "COUNT", "    Return the total number of commands in this Redis server.",
        "LIST", "    Return a list of all commands in this Redis server.",
        "INFO [<command-name> ...]", "    Return details about multiple Redis commands.",
        "    If no command names are given, documentation details for all", "    commands are returned.",
        "DOCS [<command-name> ...]", "    Return documentation details about multiple Redis commands.",
        "    If no command names are given, documentation details for all", "    commands are returned.",
        "GETKEYS <full-command>", "    Return the keys from a full Redis command.",
        "GETKEYSANDFLAGS <full-command>", "    Return the keys and the access flags from a full Redis command.",
        "HELP", "    Prints this help.",
    ];

    public static IEnumerable<CommandBinding> Bindings =>
    [
        new("command", All),
        new("command|count", context => context.Reply.Integer(context.Server.Table.Commands.Count)),
        new("command|info", Info),
        new("command|docs", Docs),
        new("command|list", List),
        new("command|getkeys", context => GetKeys(context, withFlags: false)),
        new("command|getkeysandflags", context => GetKeys(context, withFlags: true)),
        new("command|help", context => HelpText.Write(context, Help)),
    ];

    private static void All(CommandContext context)
    {
        context.Reply.Array(context.Server.Table.Commands.Count);
        foreach (var spec in context.Server.Table.Commands)
        {
            CommandReplies.Entry(context.Reply, spec);
        }
    }

    private static void Info(CommandContext context)
    {
        if (context.Count == 2)
        {
            All(context);
            return;
        }

        context.Reply.Array(context.Count - 2);
        for (var i = 2; i < context.Count; i++)
        {
            if (context.Server.Table.FindFull(context[i]) is { } spec)
            {
                CommandReplies.Entry(context.Reply, spec);
            }
            else
            {
                context.Reply.Null();
            }
        }
    }

    private static void Docs(CommandContext context)
    {
        var specs = new List<CommandSpec>();
        for (var i = 2; i < context.Count; i++)
        {
            if (context.Server.Table.FindFull(context[i]) is { } spec)
            {
                specs.Add(spec);
            }
        }

        IReadOnlyList<CommandSpec> shown = context.Count == 2 ? context.Server.Table.Commands : specs;
        context.Reply.Map(shown.Count);
        foreach (var spec in shown)
        {
            context.Reply.Bulk(spec.Name);
            CommandReplies.Documentation(context.Reply, spec);
        }
    }

    private static void List(CommandContext context)
    {
        IEnumerable<CommandSpec> found = context.Server.Table.Commands;
        if (context.Count == 5 && context.Is(2, "FILTERBY"u8))
        {
            var value = context[4].ToArray();
            if (context.Is(3, "MODULE"u8))
            {
                found = [];
            }
            else if (context.Is(3, "ACLCAT"u8))
            {
                var category = Encoding.Latin1.GetString(value).ToLowerInvariant();
                found = context.Server.Table.All.Where(spec => spec.AclCategories.Contains(category));
            }
            else if (context.Is(3, "PATTERN"u8))
            {
                var pattern = Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(value).ToLowerInvariant());
                found = context.Server.Table.All.Where(spec => GlobPattern.IsMatch(pattern, Encoding.ASCII.GetBytes(spec.Name)));
            }
            else
            {
                context.SyntaxError();
                return;
            }
        }
        else if (context.Count != 2)
        {
            context.SyntaxError();
            return;
        }

        var names = found.Select(spec => spec.Name).ToList();
        context.Reply.Array(names.Count);
        foreach (var name in names)
        {
            context.Reply.Bulk(name);
        }
    }

    private static void GetKeys(CommandContext context, bool withFlags)
    {
        const int Offset = 2;
        var count = context.Count - Offset;
        var spec = context.Server.Table.Find(context[Offset]);
        if (spec is { Subcommands.Count: > 0 } && count > 1)
        {
            spec = CommandTable.Find(spec, context[Offset + 1]);
        }

        if (spec is null)
        {
            context.Reply.Error("ERR Invalid command specified"u8);
        }
        else if (spec.KeySpecs.Count == 0)
        {
            context.Reply.Error("ERR The command has no key arguments"u8);
        }
        else if (!spec.AcceptsArity(count))
        {
            context.Reply.Error("ERR Invalid number of arguments specified for command"u8);
        }
        else
        {
            var keys = new List<(int Position, KeySpecification Specification)>();
            if (KeyExtractor.TryFind(spec, context, Offset, keys) && keys.Count > 0)
            {
                CommandReplies.Keys(context, Offset, keys, withFlags);
            }
            else
            {
                context.Reply.Error("ERR Invalid arguments specified for command"u8);
            }
        }
    }
}

using System.Text.Json;

namespace Trefoil.KeyValue.Commands;

/// <summary>Runs one command: reads arguments from the context, writes exactly one reply (or defers it). Keyed commands run under their slot's lock.</summary>
public delegate void CommandHandler(CommandContext context);

/// <summary>Joins a handler to the row of the command table with that name: <c>get</c>, or <c>object|encoding</c> for a subcommand.</summary>
public sealed record CommandBinding(string Name, CommandHandler Handler);

/// <summary>One command as data: what dispatch, routing, COMMAND and the documentation derive from.</summary>
/// <remarks>Rows come from <c>Commands/Table/*.jsonl</c>; only those that a handler is bound to are served.</remarks>
public sealed class CommandSpec
{
    /// <summary>Lower case; a subcommand's is <c>parent|child</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Exact number of arguments with the name; negative: at least that many.</summary>
    public required int Arity { get; init; }

    public CommandFlags Flags { get; init; }

    /// <summary>Keys at fixed positions; for the others see <see cref="KeySpecs"/>.</summary>
    public KeySpec Keys { get; init; }

    /// <summary>Without the <c>@</c>.</summary>
    public IReadOnlyList<string> AclCategories { get; init; } = [];

    public IReadOnlyList<string> Tips { get; init; } = [];

    /// <summary>The full key specifications of Redis 7.</summary>
    public IReadOnlyList<KeySpecification> KeySpecs { get; init; } = [];

    public string Group { get; init; } = "";

    public string Since { get; init; } = "";

    public string Summary { get; init; } = "";

    public string Complexity { get; init; } = "";

    /// <summary>Name-sorted; empty unless this is a container.</summary>
    public IReadOnlyList<CommandSpec> Subcommands { get; internal set; } = [];

    /// <summary>Null for a container that only has subcommands.</summary>
    public CommandHandler? Handler { get; internal set; }

    /// <summary>History, arguments and deprecation as COMMAND DOCS prints them; undefined if the row has none.</summary>
    internal JsonElement Documentation { get; init; }

    internal NameIndex? SubcommandIndex { get; set; }

    /// <summary>Served calls and the ticks they took, for INFO commandstats.</summary>
    internal CommandStatistics Statistics { get; } = new();

    /// <summary>It changes keys, or would be sent to replicas all the same: Redis has a flag for that (may_replicate), but COMMAND does not show it.</summary>
    internal bool IsReplicated => Has(CommandFlags.Write) || Name is "publish" or "spublish" or "pfcount";

    /// <summary>True when <paramref name="count"/> arguments (with the name) satisfy <see cref="Arity"/>.</summary>
    public bool AcceptsArity(int count) => Arity >= 0 ? count == Arity : count >= -Arity;

    public bool Has(CommandFlags flag) => (Flags & flag) != 0;
}

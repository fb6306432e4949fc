using Trefoil.KeyValue.Commands.Session;
using Trefoil.KeyValue.Store;
using Trefoil.KeyValue.Values;

namespace Trefoil.KeyValue.Commands.Data;

/// <summary>OBJECT: how a value is kept, in the words of Redis 7.0. Our forms change at the same limits, so the words are true of them.</summary>
internal static class ObjectCommands
{
    /// <summary>Integers below this are shared objects in Redis, whose count of references is the highest there is.</summary>
    private const long SharedIntegers = 10_000;

    private static readonly string[] Help =
    [
        "OBJECT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        "ENCODING <key>", "    Return the kind of internal representation used in order to store the value", "    associated with a <key>.",
        "FREQ <key>", "    Return the access frequency index of the <key>. The returned integer is",
        "    proportional to the logarithm of the recent access frequency of the key.",
        "IDLETIME <key>", "    Return the idle time of the <key>, that is the approximated number of",
        "    seconds elapsed since the last access to the key.",
        "REFCOUNT <key>", "    Return the number of references of the value associated with the specified", "    <key>.",
        "HELP", "    Prints this help.",
    ];

    public static IEnumerable<CommandBinding> Bindings =>
    [
        new("object|encoding", Encoding),
        new("object|refcount", References),
        new("object|help", context => HelpText.Write(context, Help)),
    ];

    /// <summary>What Redis 7.0 calls this form of a value, which exists.</summary>
    public static ReadOnlySpan<byte> EncodingOf(KeyEntry entry) => entry.Type switch
    {
        EntryType.String when entry.IsInteger => "int"u8,
        EntryType.String => entry.IsRaw ? "raw"u8 : "embstr"u8,
        EntryType.Hash => entry.Hash!.IsPacked ? "listpack"u8 : "hashtable"u8,
        EntryType.List => "quicklist"u8,
        EntryType.Set => entry.Set!.IsIntegers ? "intset"u8 : "hashtable"u8,
        _ => entry.SortedSet!.IsPacked ? "listpack"u8 : "skiplist"u8,
    };

    /// <summary>Redis' count of references to the value, which exists.</summary>
    public static int ReferencesTo(KeyEntry entry) =>
        entry.IsString && entry.IsInteger && entry.Integer is >= 0 and < SharedIntegers ? int.MaxValue : 1;

    private static void Encoding(CommandContext context)
    {
        if (TryFind(context, out var entry))
        {
            context.Reply.Bulk(EncodingOf(entry));
        }
    }

    private static void References(CommandContext context)
    {
        if (TryFind(context, out var entry))
        {
            context.Reply.Integer(ReferencesTo(entry));
        }
    }

    /// <summary>Looks the key up without that counting as a use of it, or replies null.</summary>
    private static bool TryFind(CommandContext context, out KeyEntry entry)
    {
        entry = context.Table().Peek(context[2], context.NowMs);
        if (!entry.Exists)
        {
            context.Reply.Null();
        }

        return entry.Exists;
    }
}

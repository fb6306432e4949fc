using Trefoil.KeyValue.Values;

namespace Trefoil.KeyValue.Commands.Data;

/// <summary>DEL, UNLINK, EXISTS, TOUCH, TYPE.</summary>
internal static class KeyCommands
{
    /// <summary>UNLINK is the same: memory is freed by the collector either way.</summary>
    public static void Del(CommandContext context)
    {
        var table = context.Table();
        var removed = 0;
        for (var i = 1; i < context.Count; i++)
        {
            removed += table.Remove(context[i], context.NowMs) ? 1 : 0;
        }

        context.Reply.Integer(removed);
    }

    /// <summary>A key named twice counts twice. That somebody asks whether it is there is no use of it.</summary>
    public static void Exists(CommandContext context)
    {
        var table = context.Table();
        var found = 0;
        for (var i = 1; i < context.Count; i++)
        {
            found += table.Peek(context[i], context.NowMs).Exists ? 1 : 0;
        }

        context.Reply.Integer(found);
    }

    public static void Touch(CommandContext context)
    {
        var table = context.Table();
        var found = 0;
        for (var i = 1; i < context.Count; i++)
        {
            found += table.Read(context[i], context.NowMs).Exists ? 1 : 0;
        }

        context.Reply.Integer(found);
    }

    public static void Type(CommandContext context) => context.Reply.Simple(NameOf(context.Peek().Type));

    public static ReadOnlySpan<byte> NameOf(EntryType type) => type switch
    {
        EntryType.String => "string"u8,
        EntryType.Hash => "hash"u8,
        EntryType.List => "list"u8,
        EntryType.Set => "set"u8,
        EntryType.SortedSet => "zset"u8,
        _ => "none"u8,
    };
}

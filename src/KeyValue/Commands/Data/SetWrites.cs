using Trefoil.KeyValue.Values;

namespace Trefoil.KeyValue.Commands.Data;

/// <summary>SADD, SREM, SMOVE.</summary>
internal static class SetWrites
{
    public static void SAdd(CommandContext context)
    {
        if (!context.TryFind<SetValue>(1, out var set))
        {
            return;
        }

        var added = 0;
        for (var i = 2; i < context.Count; i++)
        {
            added += context.Table().AddMember(context[1], ref set, context[i]) ? 1 : 0;
        }

        context.Reply.Integer(added);
    }

    public static void SRem(CommandContext context)
    {
        if (!context.TryFind<SetValue>(1, out var set))
        {
            return;
        }

        var removed = 0;
        for (var i = 2; i < context.Count && set is { Count: > 0 }; i++)
        {
            removed += context.Table().RemoveMember(set, context[i]) ? 1 : 0;
        }

        context.Reply.Integer(removed);
    }

    /// <summary>As in Redis an absent source answers before anybody looks at the types.</summary>
    public static void SMove(CommandContext context)
    {
        if (!context.Find().Exists)
        {
            context.Reply.Integer(0);
            return;
        }

        if (!context.TryFind<SetValue>(1, out var source) || !context.TryFind<SetValue>(2, out var target))
        {
            return;
        }

        if (source == target)
        {
            context.Reply.Integer(source!.Contains(context[3]) ? 1 : 0);
            return;
        }

        var moved = context.Table().RemoveMember(source!, context[3]);
        if (moved)
        {
            context.Table().AddMember(context[2], ref target, context[3]);
        }

        context.Reply.Integer(moved ? 1 : 0);
    }
}

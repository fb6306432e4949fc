using Trefoil.KeyValue.Store;

namespace Trefoil.KeyValue.Commands.Data;

/// <summary>OBJECT FREQ and IDLETIME: what stands beside a key about its use.</summary>
internal static class AccessCommands
{
    public static IEnumerable<CommandBinding> Bindings => [new("object|freq", Frequency), new("object|idletime", IdleTime)];

    private static void Frequency(CommandContext context)
    {
        if (TryLook(context, out var entry) && IsKept(context, frequency: true))
        {
            context.Reply.Integer(context.Store.Clock.Frequency(entry.Clock));
        }
    }

    private static void IdleTime(CommandContext context)
    {
        if (TryLook(context, out var entry) && IsKept(context, frequency: false))
        {
            context.Reply.Integer(context.Store.Clock.IdleSeconds(entry.Clock));
        }
    }

    private static bool TryLook(CommandContext context, out KeyEntry entry)
    {
        entry = context.Table().Peek(context[2], context.NowMs);
        if (!entry.Exists)
        {
            context.Reply.Null();
        }

        return entry.Exists;
    }

    private static bool IsKept(CommandContext context, bool frequency)
    {
        var counts = context.Store.Clock.CountsAccesses;
        if (counts != frequency)
        {
            context.Reply.Error(counts ? DataErrors.IdleNotKept : DataErrors.FrequencyNotKept);
        }

        return counts == frequency;
    }
}

using Trefoil.KeyValue.Store;
using Trefoil.KeyValue.Values;

namespace Trefoil.KeyValue.Commands.Data;

/// <summary>INCR and its family.</summary>
internal static class CounterCommands
{
    public static void Incr(CommandContext context) => Increment(context, 1);

    public static void Decr(CommandContext context) => Increment(context, -1);

    public static void IncrBy(CommandContext context)
    {
        if (context.TryInteger(2, out var delta))
        {
            Increment(context, delta);
        }
    }

    public static void DecrBy(CommandContext context)
    {
        if (!context.TryInteger(2, out var delta))
        {
            return;
        }

        if (delta == long.MinValue)
        {
            context.Reply.Error(DataErrors.DecrementOverflow);
            return;
        }

        Increment(context, -delta);
    }

    public static void IncrByFloat(CommandContext context)
    {
        var entry = context.Find();
        if (!context.IsStringOrNone(entry))
        {
            return;
        }

        Span<byte> digits = stackalloc byte[IntegerText.MaxLength];
        var value = LongDouble.Zero;
        if ((entry.Exists && !LongDouble.TryParse(entry.Text(digits), out value)) || !LongDouble.TryParse(context[2], out var delta))
        {
            context.Reply.Error(DataErrors.NotFloat);
            return;
        }

        var sum = value + delta;
        if (!sum.IsFinite)
        {
            context.Reply.Error(DataErrors.NotFinite);
            return;
        }

        var text = sum.ToText();
        context.Table().SetText(context[1], text, entry.ExpireAtMs);
        context.Reply.Bulk(text);
    }

    private static void Increment(CommandContext context, long delta)
    {
        switch (context.Table().Increment(context[1], delta, context.NowMs, out var result))
        {
            case IncrementOutcome.Done:
                context.Reply.Integer(result);
                break;
            case IncrementOutcome.WrongType:
                context.Reply.Error(DataErrors.WrongType);
                break;
            case IncrementOutcome.NotInteger:
                context.Reply.Error(DataErrors.NotInteger);
                break;
            default:
                context.Reply.Error(DataErrors.IncrementOverflow);
                break;
        }
    }
}

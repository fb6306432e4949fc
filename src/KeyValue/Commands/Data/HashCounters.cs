using Trefoil.KeyValue.Values;

namespace Trefoil.KeyValue.Commands.Data;

/// <summary>HINCRBY, HINCRBYFLOAT.</summary>
internal static class HashCounters
{
    public static void HIncrBy(CommandContext context)
    {
        if (!context.TryInteger(3, out var delta))
        {
            return;
        }

        var entry = context.Find();
        if (!context.IsHashOrNone(entry))
        {
            return;
        }

        long before = 0;
        if (entry.Hash is { } hash && hash.TryGet(context[2], out var text) && !IntegerText.TryParse(text, out before))
        {
            context.Reply.Error(DataErrors.HashValueNotInteger);
            return;
        }

        var sum = unchecked(before + delta);
        if (((before ^ sum) & (delta ^ sum)) < 0)
        {
            context.Reply.Error(DataErrors.IncrementOverflow);
            return;
        }

        Span<byte> digits = stackalloc byte[IntegerText.MaxLength];
        context.Table().SetField(context[1], entry.Hash, context[2], digits[..IntegerText.Format(sum, digits)]);
        context.Reply.Integer(sum);
    }

    public static void HIncrByFloat(CommandContext context)
    {
        if (!LongDouble.TryParse(context[3], out var delta))
        {
            context.Reply.Error(DataErrors.NotFloat);
            return;
        }

        if (!delta.IsFinite)
        {
            context.Reply.Error(DataErrors.NotFiniteIncrement);
            return;
        }

        var entry = context.Find();
        if (!context.IsHashOrNone(entry))
        {
            return;
        }

        var before = LongDouble.Zero;
        if (entry.Hash is { } hash && hash.TryGet(context[2], out var text) && !LongDouble.TryParse(text, out before))
        {
            context.Reply.Error(DataErrors.HashValueNotFloat);
            return;
        }

        var sum = before + delta;
        if (!sum.IsFinite)
        {
            context.Reply.Error(DataErrors.NotFinite);
            return;
        }

        var written = sum.ToText();
        context.Table().SetField(context[1], entry.Hash, context[2], written);
        context.Reply.Bulk(written);
    }
}

namespace Trefoil.KeyValue.Commands.Data;

/// <summary>GET, MGET, STRLEN, GETRANGE.</summary>
internal static class StringReads
{
    public static void Get(CommandContext context)
    {
        var entry = context.Read();
        if (context.IsStringOrNone(entry))
        {
            context.Reply.StringOrNull(entry);
        }
    }

    /// <summary>A key that holds no string answers null, not an error: MGET never fails.</summary>
    public static void MGet(CommandContext context)
    {
        var table = context.Table();
        context.Reply.Array(context.Count - 1);
        for (var i = 1; i < context.Count; i++)
        {
            var entry = table.Read(context[i], context.NowMs);
            context.Reply.StringOrNull(entry.IsString ? entry : default);
        }
    }

    public static void StrLen(CommandContext context)
    {
        var entry = context.Read();
        if (context.IsStringOrNone(entry))
        {
            context.Reply.Integer(entry.Exists ? entry.Length : 0);
        }
    }

    /// <summary>Both ends inclusive; negative ones count from the end; what lies outside is cut off.</summary>
    public static void GetRange(CommandContext context)
    {
        if (!context.TryInteger(2, out var start) || !context.TryInteger(3, out var end))
        {
            return;
        }

        var entry = context.Read();
        if (!context.IsStringOrNone(entry))
        {
            return;
        }

        Span<byte> digits = stackalloc byte[Values.IntegerText.MaxLength];
        var text = entry.Exists ? entry.Text(digits) : default;
        if (start < 0 && end < 0 && start > end)
        {
            context.Reply.Bulk(default(ReadOnlySpan<byte>));
            return;
        }

        start = Math.Max(start < 0 ? start + text.Length : start, 0);
        end = Math.Min(Math.Max(end < 0 ? end + text.Length : end, 0), text.Length - 1);
        context.Reply.Bulk(start > end ? default : text[(int)start..((int)end + 1)]);
    }
}

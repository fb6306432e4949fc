using Trefoil.KeyValue.Values;

namespace Trefoil.KeyValue.Commands.Data;

/// <summary>SET and its older forms.</summary>
internal static class SetCommands
{
    public static void Set(CommandContext context)
    {
        if (context.Count == 3)
        {
            context.Table().SetString(context[1], context[2], KeyedValue.NoExpiry);
            context.Reply.Ok();
            return;
        }

        if (!SetOptions.TryParse(context, 3, forSet: true, out var options) || !options.TryExpireAt(context, out var expireAtMs))
        {
            return;
        }

        var before = options.Get ? context.Read() : context.Find();
        if (options.Get)
        {
            if (!context.IsStringOrNone(before))
            {
                return;
            }

            context.Reply.StringOrNull(before);
        }

        var refused = before.Exists ? options.IfAbsent : options.IfPresent;
        if (!refused)
        {
            context.Table().SetString(context[1], context[2], options.KeepExpiry ? before.ExpireAtMs : expireAtMs, looked: !options.Get);
        }

        if (!options.Get)
        {
            Answer(context, refused);
        }
    }

    public static void SetNx(CommandContext context)
    {
        var absent = !context.Find().Exists;
        if (absent)
        {
            context.Table().SetString(context[1], context[2], KeyedValue.NoExpiry);
        }

        context.Reply.Integer(absent ? 1 : 0);
    }

    public static void SetEx(CommandContext context) => SetWithExpiry(context, seconds: true);

    public static void PSetEx(CommandContext context) => SetWithExpiry(context, seconds: false);

    private static void SetWithExpiry(CommandContext context, bool seconds)
    {
        if (SetOptions.TryExpireAt(context, 2, seconds, absolute: false, out var expireAtMs))
        {
            context.Table().SetString(context[1], context[3], expireAtMs);
            context.Reply.Ok();
        }
    }

    private static void Answer(CommandContext context, bool refused)
    {
        if (refused)
        {
            context.Reply.Null();
        }
        else
        {
            context.Reply.Ok();
        }
    }
}

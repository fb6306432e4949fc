using Trefoil.KeyValue.Values;

namespace Trefoil.KeyValue.Commands.Data;

/// <summary>TTL, PTTL, EXPIRETIME, PEXPIRETIME, PERSIST: −2 for no key, −1 for no expiry.</summary>
internal static class TimeToLiveCommands
{
    private const int NoKey = -2;
    private const int NoExpiry = -1;

    public static void Ttl(CommandContext context) => Answer(context, context.NowMs, 1000);

    public static void PTtl(CommandContext context) => Answer(context, context.NowMs, 1);

    public static void ExpireTime(CommandContext context) => Answer(context, 0, 1000);

    public static void PExpireTime(CommandContext context) => Answer(context, 0, 1);

    public static void Persist(CommandContext context)
    {
        var expires = context.Find().ExpireAtMs != KeyedValue.NoExpiry;
        if (expires)
        {
            context.Table().SetExpiry(context[1], KeyedValue.NoExpiry, context.NowMs);
        }

        context.Reply.Integer(expires ? 1 : 0);
    }

    /// <summary>Seconds are rounded to the nearest, as Redis does.</summary>
    private static void Answer(CommandContext context, long startMs, int unit)
    {
        var entry = context.Peek();
        var left = entry.ExpireAtMs - startMs;
        context.Reply.Integer(!entry.Exists ? NoKey
            : entry.ExpireAtMs == KeyedValue.NoExpiry ? NoExpiry
            : unit == 1 ? left
            : (left / unit) + (left % unit >= unit / 2 ? 1 : 0));
    }
}

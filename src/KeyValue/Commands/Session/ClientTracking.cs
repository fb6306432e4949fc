namespace Trefoil.KeyValue.Commands.Session;

/// <summary>CLIENT TRACKING and what belongs to it, of a server that does not track: off is what every connection is, on is refused.</summary>
/// <remarks>Client-side caching would need the invalidation of keys that moved to another node; until that is there, no client may rely on it.</remarks>
internal static class ClientTracking
{
    public static IEnumerable<CommandBinding> Bindings =>
    [
        new("client|tracking", Tracking),
        new("client|trackinginfo", TrackingInfo),
        new("client|getredir", context => context.Reply.Integer(-1)),
        new("client|caching", Caching),
    ];

    private static void Tracking(CommandContext context)
    {
        if (context.Is(2, "OFF"u8))
        {
            context.Reply.Ok();
        }
        else if (context.Is(2, "ON"u8))
        {
            context.Reply.Error("ERR Client tracking is not supported by this server"u8);
        }
        else
        {
            context.SyntaxError();
        }
    }

    private static void TrackingInfo(CommandContext context)
    {
        context.Reply.Map(3);
        context.Reply.Bulk("flags"u8);
        context.Reply.Set(1);
        context.Reply.Bulk("off"u8);
        context.Reply.Bulk("redirect"u8);
        context.Reply.Integer(-1);
        context.Reply.Bulk("prefixes"u8);
        context.Reply.Array(0);
    }

    private static void Caching(CommandContext context)
    {
        if (context.Is(2, "YES"u8) || context.Is(2, "NO"u8))
        {
            context.Reply.Error("ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT mode enabled"u8);
        }
        else
        {
            context.SyntaxError();
        }
    }
}

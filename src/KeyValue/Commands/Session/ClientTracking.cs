using Trefoil.Wire.Resp;

namespace Trefoil.KeyValue.Commands.Session;

/// <summary>CLIENT TRACKING, which this server refuses to switch on, and what then is true of everybody: TRACKINGINFO, GETREDIR, CACHING.</summary>
/// <remarks>Client-side caching would need the invalidation of keys that moved to another node; until that is there, no client may rely on it.</remarks>
internal static class ClientTracking
{
    public static IEnumerable<CommandBinding> Bindings =>
    [
        new("client|tracking", Tracking),
        new("client|trackinginfo", Info),
        new("client|getredir", context => context.Reply.Integer(-1)),
        new("client|caching", context => context.Reply.Error(
            "ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT mode enabled"u8)),
    ];

    /// <summary>OFF is what every connection is; ON is not there and says so, once its options are right.</summary>
    private static void Tracking(CommandContext context)
    {
        if (!TryOptions(context, out var broadcast, out var optIn, out var optOut, out var prefix))
        {
            return;
        }

        if (context.Is(2, "OFF"u8))
        {
            context.Reply.Ok();
        }
        else if (!context.Is(2, "ON"u8))
        {
            context.SyntaxError();
        }
        else if (prefix && !broadcast)
        {
            context.Reply.Error("ERR PREFIX option requires BCAST mode to be enabled"u8);
        }
        else if (broadcast && (optIn || optOut))
        {
            context.Reply.Error("ERR OPTIN and OPTOUT are not compatible with BCAST"u8);
        }
        else if (optIn && optOut)
        {
            context.Reply.Error("ERR You can't specify both OPTIN mode and OPTOUT mode"u8);
        }
        else
        {
            context.Reply.Error("ERR Client tracking is not supported by this server"u8);
        }
    }

    private static bool TryOptions(CommandContext context, out bool broadcast, out bool optIn, out bool optOut, out bool prefix)
    {
        broadcast = optIn = optOut = prefix = false;
        for (var i = 3; i < context.Count; i++)
        {
            var hasValue = i + 1 < context.Count;
            if (context.Is(i, "REDIRECT"u8) && hasValue)
            {
                if (!RespNumber.TryParse(context[++i], out var id))
                {
                    context.Reply.Error("ERR value is not an integer or out of range"u8);
                    return false;
                }

                if (context.Server.Clients.Find(id) is null)
                {
                    context.Reply.Error("ERR The client ID you want redirect to does not exist"u8);
                    return false;
                }
            }
            else if (context.Is(i, "PREFIX"u8) && hasValue)
            {
                prefix = true;
                i++;
            }
            else if (context.Is(i, "BCAST"u8))
            {
                broadcast = true;
            }
            else if (context.Is(i, "OPTIN"u8))
            {
                optIn = true;
            }
            else if (context.Is(i, "OPTOUT"u8))
            {
                optOut = true;
            }
            else if (!context.Is(i, "NOLOOP"u8))
            {
                context.SyntaxError();
                return false;
            }
        }

        return true;
    }

    private static void Info(CommandContext context)
    {
        var reply = context.Reply;
        reply.Map(3);
        reply.Bulk("flags"u8);
        reply.Set(1);
        reply.Bulk("off"u8);
        reply.Bulk("redirect"u8);
        reply.Integer(-1);
        reply.Bulk("prefixes"u8);
        reply.Array(0);
    }
}

using System.Text;
using Trefoil.KeyValue.Connections;
using Trefoil.Wire.Resp;

namespace Trefoil.KeyValue.Commands.Session;

/// <summary>CLIENT and its subcommands, except KILL.</summary>
internal static class ClientCommands
{
    /// <summary>Redis 7.0's lines, and those of 7.2 for what is served of it.</summary>
    private static readonly string[] Help =
    [
        "CLIENT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        "CACHING (YES|NO)", "    Enable/disable tracking of the keys for next command in OPTIN/OPTOUT modes.",
        "GETREDIR", "    Return the client ID we are redirecting to when tracking is enabled.",
        "GETNAME", "    Return the name of the current connection.",
        "ID", "    Return the ID of the current connection.",
        "INFO", "    Return information about the current client connection.",
        "KILL <ip:port>", "    Kill connection made from <ip:port>.",
        "KILL <option> <value> [<option> <value> [...]]", "    Kill connections. Options are:",
        "    * ADDR (<ip:port>|<unixsocket>:0)", "      Kill connections made from the specified address",
        "    * LADDR (<ip:port>|<unixsocket>:0)", "      Kill connections made to specified local address",
        "    * TYPE (NORMAL|MASTER|REPLICA|PUBSUB)", "      Kill connections by type.",
        "    * USER <username>", "      Kill connections authenticated by <username>.",
        "    * SKIPME (YES|NO)", "      Skip killing current connection (default: yes).",
        "LIST [options ...]", "    Return information about client connections. Options:",
        "    * TYPE (NORMAL|MASTER|REPLICA|PUBSUB)", "      Return clients of specified type.",
        "UNPAUSE", "    Stop the current client pause, resuming traffic.",
        "PAUSE <timeout> [WRITE|ALL]", "    Suspend all, or just write, clients for <timeout> milliseconds.",
        "REPLY (ON|OFF|SKIP)", "    Control the replies sent to the current connection.",
        "SETNAME <name>", "    Assign the name <name> to the current connection.",
        "SETINFO <option> <value>", "    Set client meta attr. Options are: LIB-NAME, LIB-VER.",
        "UNBLOCK <clientid> [TIMEOUT|ERROR]", "    Unblock the specified blocked client.",
        "TRACKING (ON|OFF) [REDIRECT <id>] [BCAST] [PREFIX <prefix> [...]]", "         [OPTIN] [OPTOUT] [NOLOOP]",
        "    Control server assisted client side caching.",
        "TRACKINGINFO", "    Report tracking status for the current connection.",
        "NO-EVICT (ON|OFF)", "    Protect current client connection from eviction.",
        "NO-TOUCH (ON|OFF)", "    Will not touch LRU/LFU stats when this mode is on.",
        "HELP", "    Prints this help.",
    ];

    public static IEnumerable<CommandBinding> Bindings =>
    [
        new("client|id", context => context.Reply.Integer(context.Client.Id)),
        new("client|setname", SetName),
        new("client|getname", GetName),
        new("client|setinfo", SetInfo),
        new("client|info", Info),
        new("client|list", List),
        new("client|kill", ClientKill.Run),
        new("client|no-evict", context => Switch(context, (client, on) => client.NoEvict = on)),
        new("client|no-touch", context => Switch(context, (client, on) => client.NoTouch = on)),
        new("client|reply", Reply),
        .. ClientTracking.Bindings,
        new("client|help", context => HelpText.Write(context, Help)),
    ];

    private static void SetName(CommandContext context)
    {
        if (ClientNames.Accept(context, context[2], "Client names cannot contain spaces, newlines or special characters."))
        {
            context.Client.Name = Encoding.Latin1.GetString(context[2]);
            context.Reply.Ok();
        }
    }

    private static void GetName(CommandContext context)
    {
        if (context.Client.Name.Length == 0)
        {
            context.Reply.Null();
        }
        else
        {
            context.Reply.Bulk(Encoding.Latin1.GetBytes(context.Client.Name));
        }
    }

    private static void SetInfo(CommandContext context)
    {
        var name = context.Is(2, "LIB-NAME"u8);
        if (!name && !context.Is(2, "LIB-VER"u8))
        {
            context.Reply.Error([.. "ERR Unrecognized option '"u8, .. context[2], .. "'"u8]);
            return;
        }

        var option = name ? "lib-name" : "lib-ver";
        if (!ClientNames.Accept(context, context[3], $"{option} cannot contain spaces, newlines or special characters."))
        {
            return;
        }

        var value = Encoding.Latin1.GetString(context[3]);
        if (name)
        {
            context.Client.LibraryName = value;
        }
        else
        {
            context.Client.LibraryVersion = value;
        }

        context.Reply.Ok();
    }

    private static void Info(CommandContext context)
    {
        var text = new StringBuilder();
        ClientLine.Append(text, context.Client, context.NowMs);
        context.Reply.Verbatim("txt", Encoding.Latin1.GetBytes(text.ToString()));
    }

    private static void List(CommandContext context)
    {
        IEnumerable<Connection> clients = context.Server.Clients.All;
        if (context.Count == 4 && context.Is(2, "TYPE"u8))
        {
            if (ClientTypes.Parse(context[3]) is not { } type)
            {
                context.Reply.Error([.. "ERR Unknown client type '"u8, .. context[3], .. "'"u8]);
                return;
            }

            clients = clients.Where(client => ClientTypes.Of(client) == type);
        }
        else if (context.Count > 3 && context.Is(2, "ID"u8))
        {
            var ids = new HashSet<long>();
            for (var i = 3; i < context.Count; i++)
            {
                if (!RespNumber.TryParse(context[i], out var id) || id < 1)
                {
                    context.Reply.Error("ERR Invalid client ID"u8);
                    return;
                }

                ids.Add(id);
            }

            clients = clients.Where(client => ids.Contains(client.Id));
        }
        else if (context.Count != 2)
        {
            context.SyntaxError();
            return;
        }

        var text = new StringBuilder();
        foreach (var client in clients)
        {
            ClientLine.Append(text, client, context.NowMs);
        }

        context.Reply.Verbatim("txt", Encoding.Latin1.GetBytes(text.ToString()));
    }

    private static void Switch(CommandContext context, Action<Connection, bool> set)
    {
        var on = context.Is(2, "ON"u8);
        if (!on && !context.Is(2, "OFF"u8))
        {
            context.SyntaxError();
            return;
        }

        set(context.Client, on);
        context.Reply.Ok();
    }

    private static void Reply(CommandContext context)
    {
        if (context.Is(2, "ON"u8))
        {
            context.Client.Replies = ReplyMode.On;
            context.Reply.Ok();
        }
        else if (context.Is(2, "OFF"u8))
        {
            context.Client.Replies = ReplyMode.Off;
        }
        else if (context.Is(2, "SKIP"u8))
        {
            context.Client.Replies = context.Client.Replies == ReplyMode.Off ? ReplyMode.Off : ReplyMode.SkipNext;
        }
        else
        {
            context.SyntaxError();
        }
    }
}

/// <summary>HELP replies: one simple string per line.</summary>
internal static class HelpText
{
    public static void Write(CommandContext context, string[] lines)
    {
        context.Reply.Array(lines.Length);
        foreach (var line in lines)
        {
            context.Reply.Simple(line);
        }
    }
}

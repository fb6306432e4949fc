using System.Text;
using Trefoil.KeyValue.Connections;
using Trefoil.Wire.Resp;

namespace Trefoil.KeyValue.Commands.Session;

/// <summary>CLIENT and its subcommands, except KILL.</summary>
internal static class ClientCommands
{
    private static readonly string[] Help =
    [
        "CLIENT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        "GETNAME", "    Return the name of the current connection.",
        "ID", "    Return the ID of the current connection.",
        "INFO", "    Return information about the current client connection.",
        "KILL <ip:port>", "    Kill connection made from <ip:port>.",
        "KILL <option> <value> [<option> <value> [...]]", "    Kill connections. Options are: ADDR, LADDR, TYPE, USER, ID, SKIPME.",
        "LIST [TYPE <type> | ID <id> [<id> ...]]", "    Return information about client connections.",
        "NO-EVICT (ON|OFF)", "    Protect the current connection from eviction.",
        "NO-TOUCH (ON|OFF)", "    Will not touch LRU/LFU stats when this mode is on.",
        "REPLY (ON|OFF|SKIP)", "    Control the replies sent to the current connection.",
        "SETINFO <option> <value>", "    Set client meta attr. Options are: LIB-NAME, LIB-VER.",
        "SETNAME <name>", "    Assign the name <name> to the current connection.",
        "UNBLOCK <clientid> [TIMEOUT|ERROR]", "    Unblock the specified blocked client.",
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
        new("client|unblock", Unblock),
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

    private static void Unblock(CommandContext context)
    {
        var isError = context.Count == 4 && context.Is(3, "ERROR"u8);
        if (context.Count > 4)
        {
            context.Reply.Error([.. "ERR unknown subcommand or wrong number of arguments for '"u8, .. context[1], .. "'. Try CLIENT HELP."u8]);
        }
        else if (context.Count == 4 && !isError && !context.Is(3, "TIMEOUT"u8))
        {
            context.Reply.Error("ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR"u8);
        }
        else if (!RespNumber.TryParse(context[2], out var id))
        {
            context.Reply.Error("ERR value is not an integer or out of range"u8);
        }
        else
        {
            var blocked = context.Server.Clients.Find(id)?.Blocked;
            var ended = isError
                ? blocked?.End(static reply => reply.Error("UNBLOCKED client unblocked via CLIENT UNBLOCK"u8))
                : blocked?.End();
            context.Reply.Integer(ended == true ? 1 : 0);
        }
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

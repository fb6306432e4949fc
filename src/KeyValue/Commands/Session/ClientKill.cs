using System.Text;
using Trefoil.KeyValue.Connections;
using Trefoil.Wire.Resp;

namespace Trefoil.KeyValue.Commands.Session;

/// <summary>CLIENT KILL: the old form with an address, the new one with filters that all must match.</summary>
internal static class ClientKill
{
    public static void Run(CommandContext context)
    {
        if (context.Count == 3)
        {
            KillAddress(context, Encoding.Latin1.GetString(context[2]));
        }
        else if (Filter(context) is { } matches)
        {
            var killed = 0;
            foreach (var client in context.Server.Clients.All.Where(matches))
            {
                Kill(context, client);
                killed++;
            }

            context.Reply.Integer(killed);
        }
    }

    private static void KillAddress(CommandContext context, string address)
    {
        foreach (var client in context.Server.Clients.All)
        {
            if (client.Address == address)
            {
                Kill(context, client);
                context.Reply.Ok();
                return;
            }
        }

        context.Reply.Error("ERR No such client"u8);
    }

    /// <summary>A client that kills itself still gets its reply.</summary>
    private static void Kill(CommandContext context, Connection client)
    {
        if (ReferenceEquals(client, context.Client))
        {
            client.CloseAfterReply = true;
        }
        else
        {
            client.Abort();
        }
    }

    private static Func<Connection, bool>? Filter(CommandContext context)
    {
        var filters = new List<Func<Connection, bool>>();
        var skipMe = true;
        for (var i = 2; i < context.Count; i += 2)
        {
            if (i + 1 == context.Count)
            {
                context.SyntaxError();
                return null;
            }

            if (context.Is(i, "SKIPME"u8) && (context.Is(i + 1, "YES"u8) || context.Is(i + 1, "NO"u8)))
            {
                skipMe = context.Is(i + 1, "YES"u8);
            }
            else if (One(context, i) is { } filter)
            {
                filters.Add(filter);
            }
            else
            {
                return null;
            }
        }

        return client => filters.TrueForAll(filter => filter(client)) && !(skipMe && ReferenceEquals(client, context.Client));
    }

    private static Func<Connection, bool>? One(CommandContext context, int at)
    {
        var value = Encoding.Latin1.GetString(context[at + 1]);
        if (context.Is(at, "ID"u8))
        {
            if (RespNumber.TryParse(context[at + 1], out var id) && id > 0)
            {
                return client => client.Id == id;
            }

            context.Reply.Error("ERR client-id should be greater than 0"u8);
            return null;
        }

        if (context.Is(at, "ADDR"u8))
        {
            return client => client.Address == value;
        }

        if (context.Is(at, "LADDR"u8))
        {
            return client => client.LocalAddress == value;
        }

        if (context.Is(at, "TYPE"u8))
        {
            if (ClientTypes.Parse(context[at + 1]) is { } type)
            {
                return client => ClientTypes.Of(client) == type;
            }

            context.Reply.Error([.. "ERR Unknown client type '"u8, .. context[at + 1], .. "'"u8]);
            return null;
        }

        if (context.Is(at, "USER"u8))
        {
            if (value == "default")
            {
                return _ => true;
            }

            context.Reply.Error([.. "ERR No such user '"u8, .. context[at + 1], .. "'"u8]);
            return null;
        }

        context.SyntaxError();
        return null;
    }
}

/// <summary>The kinds of clients that CLIENT LIST and KILL tell apart.</summary>
internal enum ClientType
{
    Normal,
    Master,
    Replica,
    PubSub,
}

/// <summary>Their names.</summary>
internal static class ClientTypes
{
    public static ClientType Of(Connection client) => client.IsSubscribed ? ClientType.PubSub : ClientType.Normal;

    public static ClientType? Parse(ReadOnlySpan<byte> name) =>
        Ascii.EqualsIgnoreCase(name, "normal"u8) ? ClientType.Normal
        : Ascii.EqualsIgnoreCase(name, "master"u8) ? ClientType.Master
        : Ascii.EqualsIgnoreCase(name, "replica"u8) || Ascii.EqualsIgnoreCase(name, "slave"u8) ? ClientType.Replica
        : Ascii.EqualsIgnoreCase(name, "pubsub"u8) ? ClientType.PubSub
        : null;
}

using System.Security.Cryptography;
using System.Text;
using Trefoil.Wire.Resp;

namespace Trefoil.KeyValue.Commands.Session;

/// <summary>PING, ECHO, HELLO, AUTH, SELECT, QUIT, RESET, READONLY, READWRITE, ASKING.</summary>
internal static class ConnectionCommands
{
    /// <summary>The version of Redis whose commands and replies this server speaks.</summary>
    public const string RedisVersion = "7.0.15";

    public static IEnumerable<CommandBinding> Bindings =>
    [
        new("ping", Ping),
        new("echo", context => context.Reply.Bulk(context[1])),
        new("hello", Hello),
        new("auth", Auth),
        new("select", Select),
        new("quit", Quit),
        new("reset", Reset),
        new("readonly", context => ReadOnly(context, true)),
        new("readwrite", context => ReadOnly(context, false)),
        new("asking", Asking),
    ];

    private static void Ping(CommandContext context)
    {
        switch (context.Count)
        {
            case <= 2 when context.Client.IsSubscribed && context.Reply.Protocol == 2:
                context.Reply.Array(2);
                context.Reply.Bulk("pong"u8);
                context.Reply.Bulk(context.Count == 2 ? context[1] : default);
                break;
            case 1:
                context.Reply.Raw("+PONG\r\n"u8);
                break;
            case 2:
                context.Reply.Bulk(context[1]);
                break;
            default:
                context.WrongArity();
                break;
        }
    }

    private static void Hello(CommandContext context)
    {
        var protocol = context.Reply.Protocol;
        if (context.Count > 1)
        {
            if (!RespNumber.TryParse(context[1], out var asked))
            {
                context.Reply.Error("ERR Protocol version is not an integer or out of range"u8);
                return;
            }

            if (asked is not (2 or 3))
            {
                context.Reply.Error("NOPROTO unsupported protocol version"u8);
                return;
            }

            protocol = (int)asked;
        }

        if (!HelloOptions(context, out var name))
        {
            return;
        }

        if (!context.Client.Authenticated && context.Server.Settings.Password.Length > 0)
        {
            context.Reply.Error("NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol version at the same time"u8);
            return;
        }

        context.Client.Name = name ?? context.Client.Name;
        context.Reply.Protocol = protocol;
        DescribeServer(context);
    }

    private static bool HelloOptions(CommandContext context, out string? name)
    {
        name = null;
        for (var i = 2; i < context.Count; i++)
        {
            var left = context.Count - i - 1;
            if (context.Is(i, "AUTH"u8) && left >= 2)
            {
                if (!Authenticate(context, context[i + 1], context[i + 2]))
                {
                    return false;
                }

                i += 2;
            }
            else if (context.Is(i, "SETNAME"u8) && left >= 1)
            {
                if (!ClientNames.Accept(context, context[i + 1], "Client names cannot contain spaces, newlines or special characters."))
                {
                    return false;
                }

                name = Encoding.Latin1.GetString(context[i + 1]);
                i++;
            }
            else
            {
                context.Reply.Error([.. "ERR Syntax error in HELLO option '"u8, .. context[i], .. "'"u8]);
                return false;
            }
        }

        return true;
    }

    private static void DescribeServer(CommandContext context)
    {
        var reply = context.Reply;
        reply.Map(7);
        reply.Bulk("server"u8);
        reply.Bulk("redis"u8);
        reply.Bulk("version"u8);
        reply.Bulk(RedisVersion);
        reply.Bulk("proto"u8);
        reply.Integer(reply.Protocol);
        reply.Bulk("id"u8);
        reply.Integer(context.Client.Id);
        reply.Bulk("mode"u8);
        reply.Bulk("cluster"u8);
        reply.Bulk("role"u8);
        reply.Bulk(context.Server.View.IsReplica ? "replica"u8 : "master"u8);
        reply.Bulk("modules"u8);
        reply.Array(0);
    }

    private static void Auth(CommandContext context)
    {
        switch (context.Count)
        {
            case 2 when context.Server.Settings.Password.Length == 0:
                context.Reply.Error("ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?"u8);
                return;
            case > 3:
                context.SyntaxError();
                return;
            default:
                var named = context.Count == 3;
                if (Authenticate(context, named ? context[1] : "default"u8, context[named ? 2 : 1]))
                {
                    context.Reply.Ok();
                }

                return;
        }
    }

    private static bool Authenticate(CommandContext context, ReadOnlySpan<byte> user, ReadOnlySpan<byte> password)
    {
        var expected = context.Server.Settings.Password;
        if (user.SequenceEqual("default"u8)
            && (expected.Length == 0 || CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(expected), password)))
        {
            context.Client.Authenticated = true;
            return true;
        }

        context.Reply.Error("WRONGPASS invalid username-password pair or user is disabled."u8);
        return false;
    }

    private static void Select(CommandContext context)
    {
        if (!RespNumber.TryParse(context[1], out var index))
        {
            context.Reply.Error("ERR value is not an integer or out of range"u8);
        }
        else if (index != 0)
        {
            context.Reply.Error("ERR SELECT is not allowed in cluster mode"u8);
        }
        else
        {
            context.Reply.Ok();
        }
    }

    private static void Quit(CommandContext context)
    {
        context.Reply.Ok();
        context.Client.CloseAfterReply = true;
    }

    private static void Reset(CommandContext context)
    {
        context.Client.Reset(context.Server.Settings.Password.Length == 0);
        context.Reply.Simple("RESET"u8);
    }

    private static void ReadOnly(CommandContext context, bool value)
    {
        context.Client.ReadOnly = value;
        context.Reply.Ok();
    }

    private static void Asking(CommandContext context)
    {
        context.Client.Asking = true;
        context.Reply.Ok();
    }
}

/// <summary>What may be a client's or a library's name.</summary>
internal static class ClientNames
{
    /// <summary>True for printable ASCII without blanks; otherwise replies with <paramref name="complaint"/>.</summary>
    public static bool Accept(CommandContext context, ReadOnlySpan<byte> name, string complaint)
    {
        if (name.IndexOfAnyExceptInRange((byte)'!', (byte)'~') < 0)
        {
            return true;
        }

        context.Reply.Error($"ERR {complaint}");
        return false;
    }
}

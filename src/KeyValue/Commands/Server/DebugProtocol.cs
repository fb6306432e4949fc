namespace Trefoil.KeyValue.Commands.Server;

/// <summary>DEBUG PROTOCOL: one reply of each type, the same as Redis', for the tests of clients.</summary>
internal static class DebugProtocol
{
    public static void Reply(CommandContext context)
    {
        var reply = context.Reply;
        switch (System.Text.Encoding.Latin1.GetString(context[2]).ToLowerInvariant())
        {
            case "string":
                reply.Bulk("Hello World"u8);
                break;
            case "integer":
                reply.Integer(12345);
                break;
            case "double":
                reply.Double(3.141);
                break;
            case "bignum":
                reply.BigNumber("1234567999999999999999999999999999999"u8);
                break;
            case "null":
                reply.Null();
                break;
            case "array":
                reply.Array(3);
                Numbers(context);
                break;
            case "set":
                reply.Set(3);
                Numbers(context);
                break;
            case "map":
                reply.Map(3);
                for (var i = 0; i < 3; i++)
                {
                    reply.Integer(i);
                    reply.Boolean(i == 1);
                }

                break;
            case "attrib":
                Attribute(context);
                break;
            case "push":
                Push(context);
                break;
            case "verbatim":
                reply.Verbatim("txt", "This is a verbatim\nstring");
                break;
            case "true":
                reply.Boolean(true);
                break;
            case "false":
                reply.Boolean(false);
                break;
            default:
                reply.Error("ERR Wrong protocol type name. Please use one of the following: "u8
                    + "string|integer|double|bignum|null|array|set|map|attrib|push|verbatim|true|false"u8);
                break;
        }
    }

    private static void Numbers(CommandContext context)
    {
        for (var i = 0; i < 3; i++)
        {
            context.Reply.Integer(i);
        }
    }

    private static void Attribute(CommandContext context)
    {
        if (context.Reply.Protocol == 3)
        {
            context.Reply.Raw("|1\r\n"u8);
            context.Reply.Bulk("key-popularity"u8);
            context.Reply.Array(2);
            context.Reply.Bulk("key:123"u8);
            context.Reply.Integer(90);
        }

        context.Reply.Bulk("Some real reply following the attribute"u8);
    }

    private static void Push(CommandContext context)
    {
        if (context.Reply.Protocol == 2)
        {
            context.Reply.Error("ERR RESP2 is not supported by this command"u8);
            return;
        }

        context.Reply.Push(2);
        context.Reply.Bulk("server-cpu-usage"u8);
        context.Reply.Integer(42);
        context.Reply.Bulk("Some real reply following the push reply"u8);
    }
}

using System.Globalization;
using Trefoil.KeyValue.PubSub;
using Trefoil.Wire.Resp;

namespace Trefoil.KeyValue.Commands.Session;

/// <summary>SUBSCRIBE, PSUBSCRIBE, SSUBSCRIBE and their opposites, PUBLISH, SPUBLISH, PUBSUB; between nodes TREFOIL.DELIVER.</summary>
internal static class PubSubCommands
{
    private static readonly string[] Help =
    [
        "PUBSUB <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        "CHANNELS [<pattern>]", "    Return the currently active channels matching a <pattern> (default: '*').",
        "NUMPAT", "    Return number of subscriptions to patterns.",
        "NUMSUB [<channel> ...]", "    Return the number of subscribers for the specified channels, excluding",
        "    pattern subscriptions(default: no channels).",
        "SHARDCHANNELS [<pattern>]", "    Return the currently active shard level channels matching a <pattern> (default: '*').",
        "SHARDNUMSUB [<shardchannel> ...]", "    Return the number of subscribers for the specified shard level channel(s)",
        "HELP", "    Prints this help.",
    ];

    public static IEnumerable<CommandBinding> Bindings =>
    [
        new("subscribe", context => Subscribe(context, SubscriptionKind.Channel, "subscribe")),
        new("psubscribe", context => Subscribe(context, SubscriptionKind.Pattern, "psubscribe")),
        new("ssubscribe", SSubscribe),
        new("unsubscribe", context => Unsubscribe(context, SubscriptionKind.Channel, "unsubscribe")),
        new("punsubscribe", context => Unsubscribe(context, SubscriptionKind.Pattern, "punsubscribe")),
        new("sunsubscribe", context => Unsubscribe(context, SubscriptionKind.Shard, "sunsubscribe")),
        new("publish", Publish),
        new("trefoil.deliver", context => context.Reply.Integer(context.Server.PubSub.Publish(null, context[1], context[2]))),
        new("spublish", context => context.Reply.Integer(context.Server.PubSub.PublishToShard(context.Client, context[1], context[2]))),
        new("pubsub|channels", context => Channels(context, SubscriptionKind.Channel)),
        new("pubsub|shardchannels", context => Channels(context, SubscriptionKind.Shard)),
        new("pubsub|numsub", context => Receivers(context, SubscriptionKind.Channel)),
        new("pubsub|shardnumsub", context => Receivers(context, SubscriptionKind.Shard)),
        new("pubsub|numpat", context => context.Reply.Integer(context.Server.PubSub.Count(SubscriptionKind.Pattern))),
        new("pubsub|help", context => HelpText.Write(context, Help)),
    ];

    /// <summary>True for what a RESP2 client with subscriptions may send.</summary>
    public static bool MaySubscriberSay(CommandSpec spec) =>
        spec.Name is "ping" or "quit" or "reset" or "subscribe" or "psubscribe" or "ssubscribe" or "unsubscribe" or "punsubscribe" or "sunsubscribe";

    private static void SSubscribe(CommandContext context)
    {
        if (context.Client.Running is not null)
        {
            context.Reply.Error("ERR SSUBSCRIBE isn't allowed for a DENY BLOCKING client"u8);
            return;
        }

        Subscribe(context, SubscriptionKind.Shard, "ssubscribe");
    }

    private static void Subscribe(CommandContext context, SubscriptionKind kind, string verb)
    {
        for (var i = 1; i < context.Count; i++)
        {
            Tell(context, verb, context[i].ToArray(), context.Server.PubSub.Subscribe(context.Client, kind, context[i]));
        }
    }

    private static void Unsubscribe(CommandContext context, SubscriptionKind kind, string verb)
    {
        var hub = context.Server.PubSub;
        for (var i = 1; i < context.Count; i++)
        {
            Tell(context, verb, context[i].ToArray(), hub.Unsubscribe(context.Client, kind, context[i]));
        }

        if (context.Count > 1)
        {
            return;
        }

        var names = hub.NamesOf(context.Client, kind);
        foreach (var name in names)
        {
            Tell(context, verb, name, hub.Unsubscribe(context.Client, kind, name));
        }

        if (names.Length == 0)
        {
            Tell(context, verb, null, context.Client.Subscriptions?.Shown(kind) ?? 0);
        }
    }

    /// <summary>Told even to clients that want no replies, as in Redis.</summary>
    private static void Tell(CommandContext context, string verb, byte[]? name, int count)
    {
        using var writer = new RespWriter { Protocol = context.Reply.Protocol };
        SubscriptionReply.Write(writer, verb, name, count);
        context.Client.Say(writer.Written);
    }

    /// <summary>To everybody in the cluster; counted are the receivers on this node, as in Redis.</summary>
    private static void Publish(CommandContext context)
    {
        context.Server.Publishes.Broadcast(context[1], context[2]);
        context.Reply.Integer(context.Server.PubSub.Publish(context.Client, context[1], context[2]));
    }

    private static void Channels(CommandContext context, SubscriptionKind kind)
    {
        if (context.Count > 3)
        {
            var word = System.Text.Encoding.Latin1.GetString(context[1]);
            context.Reply.Error(string.Create(
                CultureInfo.InvariantCulture, $"ERR unknown subcommand or wrong number of arguments for '{word}'. Try PUBSUB HELP."));
            return;
        }

        var names = context.Server.PubSub.Names(kind, context.Count == 2, context.Count == 3 ? context[2] : default);
        context.Reply.Array(names.Count);
        foreach (var name in names)
        {
            context.Reply.Bulk(name);
        }
    }

    private static void Receivers(CommandContext context, SubscriptionKind kind)
    {
        context.Reply.Array(2 * (context.Count - 2));
        for (var i = 2; i < context.Count; i++)
        {
            context.Reply.Bulk(context[i]);
            context.Reply.Integer(context.Server.PubSub.Receivers(kind, context[i]));
        }
    }
}

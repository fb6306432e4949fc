using Trefoil.Wire.Resp;

namespace Trefoil.KeyValue.PubSub;

/// <summary>What a client is told about one of its subscriptions: the verb, the name, and how many it has.</summary>
internal static class SubscriptionReply
{
    public static void Write(RespWriter reply, string verb, byte[]? name, int count)
    {
        reply.Push(3);
        reply.Bulk(verb);
        if (name is null)
        {
            reply.Null();
        }
        else
        {
            reply.Bulk(name);
        }

        reply.Integer(count);
    }
}

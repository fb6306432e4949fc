using Trefoil.KeyValue.Cluster;
using Trefoil.KeyValue.Commands.Data;
using Trefoil.KeyValue.Connections;
using Trefoil.KeyValue.Values;
using Trefoil.Primitives;
using Trefoil.Wire.Resp;

namespace Trefoil.KeyValue.PubSub;

/// <summary>Who has subscribed to what on this node. Thread-safe.</summary>
/// <remarks>
/// One lock, taken inside a slot's lock or outside of any, and inside it only inboxes: a publisher puts bytes into the inboxes of the receivers,
/// whose own flows send them. The publisher itself, if it is among them, gets the message in its reply, where Redis puts it.
/// </remarks>
internal sealed class PubSubHub
{
    private readonly Lock _lock = new();

    /// <summary>Channels, patterns, shard channels: name → receivers, in no order that is promised.</summary>
    private readonly Dictionary<byte[], HashSet<Connection>>[] _receivers =
        [new(ByteComparer.Instance), new(ByteComparer.Instance), new(ByteComparer.Instance)];

    /// <summary>Names that somebody has subscribed to.</summary>
    public int Count(SubscriptionKind kind) => Of(kind).Count;

    /// <summary>Whether anybody has subscribed to anything.</summary>
    public bool Any => Array.Exists(_receivers, names => names.Count > 0);

    /// <summary>Subscribes a client, on its flow; returns the number that the reply shows.</summary>
    public int Subscribe(Connection client, SubscriptionKind kind, ReadOnlySpan<byte> name)
    {
        lock (_lock)
        {
            var subscriptions = client.Subscriptions ??= new Subscriptions();
            var key = name.ToArray();
            if (subscriptions.Add(kind, key))
            {
                if (!Of(kind).TryGetValue(key, out var receivers))
                {
                    Of(kind).Add(key, receivers = []);
                }

                receivers.Add(client);
            }

            return subscriptions.Shown(kind);
        }
    }

    /// <summary>Ends a subscription, if there is one; returns the number that the reply shows.</summary>
    public int Unsubscribe(Connection client, SubscriptionKind kind, ReadOnlySpan<byte> name)
    {
        lock (_lock)
        {
            Remove(client, kind, name.ToArray());
            return client.Subscriptions?.Shown(kind) ?? 0;
        }
    }

    /// <summary>What a client has subscribed to in this way.</summary>
    public byte[][] NamesOf(Connection client, SubscriptionKind kind)
    {
        lock (_lock)
        {
            return client.Subscriptions is { } subscriptions ? [.. subscriptions.Of(kind)] : [];
        }
    }

    /// <summary>The client is gone, or starts over (RESET).</summary>
    public void Forget(Connection client)
    {
        if (client.Subscriptions is null)
        {
            return;
        }

        lock (_lock)
        {
            foreach (var kind in Enum.GetValues<SubscriptionKind>())
            {
                foreach (var name in client.Subscriptions.Of(kind).ToArray())
                {
                    Remove(client, kind, name);
                }
            }
        }
    }

    /// <summary>Sends to those who subscribed to the channel, then to those with a pattern that matches; returns how many that were.</summary>
    /// <param name="publisher">Gets its own copy in its reply; null if the message comes from another node.</param>
    /// <param name="channel">Where to.</param>
    /// <param name="payload">What.</param>
    public int Publish(Connection? publisher, ReadOnlySpan<byte> channel, ReadOnlySpan<byte> payload)
    {
        lock (_lock)
        {
            var sent = Send(publisher, SubscriptionKind.Channel, new PubSubMessage("message", default, channel, payload), channel);
            foreach (var (pattern, receivers) in Of(SubscriptionKind.Pattern))
            {
                if (GlobPattern.IsMatch(pattern, channel))
                {
                    sent += Send(publisher, receivers, new PubSubMessage("pmessage", pattern, channel, payload));
                }
            }

            return sent;
        }
    }

    /// <summary>Sends to those who subscribed to a shard channel; returns how many that were.</summary>
    public int PublishToShard(Connection? publisher, ReadOnlySpan<byte> channel, ReadOnlySpan<byte> payload)
    {
        lock (_lock)
        {
            return Send(publisher, SubscriptionKind.Shard, new PubSubMessage("smessage", default, channel, payload), channel);
        }
    }

    /// <summary>All names, or those that match <paramref name="pattern"/>: not the same as <c>*</c>, which does not match the empty name.</summary>
    public List<byte[]> Names(SubscriptionKind kind, bool all, ReadOnlySpan<byte> pattern = default)
    {
        var names = new List<byte[]>();
        lock (_lock)
        {
            foreach (var name in Of(kind).Keys)
            {
                if (all || GlobPattern.IsMatch(pattern, name))
                {
                    names.Add(name);
                }
            }
        }

        return names;
    }

    /// <summary>How many have subscribed to this.</summary>
    public int Receivers(SubscriptionKind kind, ReadOnlySpan<byte> name)
    {
        lock (_lock)
        {
            return Of(kind).GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(name, out var receivers) ? receivers.Count : 0;
        }
    }

    /// <summary>Ends subscriptions to shard channels whose slot this node no longer serves, and tells their clients so. To be called now and then.</summary>
    public void DropMoved(ClusterView view)
    {
        if (Count(SubscriptionKind.Shard) == 0)
        {
            return;
        }

        lock (_lock)
        {
            foreach (var name in Of(SubscriptionKind.Shard).Keys.Where(name => !view.Serves(HashSlot.Of(name))).ToArray())
            {
                foreach (var client in Of(SubscriptionKind.Shard)[name].ToArray())
                {
                    Remove(client, SubscriptionKind.Shard, name);
                    using var writer = new RespWriter { Protocol = client.Output.Protocol };
                    SubscriptionReply.Write(writer, "sunsubscribe", name, client.Subscriptions!.Shown(SubscriptionKind.Shard));
                    client.Deliver(writer.Written.ToArray());
                }
            }
        }
    }

    private int Send(Connection? publisher, SubscriptionKind kind, PubSubMessage message, ReadOnlySpan<byte> channel) =>
        Of(kind).GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(channel, out var receivers) ? Send(publisher, receivers, message) : 0;

    private static int Send(Connection? publisher, HashSet<Connection> receivers, PubSubMessage message)
    {
        foreach (var receiver in receivers)
        {
            var bytes = message.For(receiver.Output.Protocol);
            if (receiver == publisher)
            {
                receiver.Say(bytes);
            }
            else
            {
                receiver.Deliver(bytes);
            }
        }

        return receivers.Count;
    }

    private void Remove(Connection client, SubscriptionKind kind, byte[] name)
    {
        if (client.Subscriptions?.Remove(kind, name) == true && Of(kind)[name] is var receivers && receivers.Remove(client) && receivers.Count == 0)
        {
            Of(kind).Remove(name);
        }
    }

    private Dictionary<byte[], HashSet<Connection>> Of(SubscriptionKind kind) => _receivers[(int)kind];
}

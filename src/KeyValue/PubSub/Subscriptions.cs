using Trefoil.KeyValue.Values;

namespace Trefoil.KeyValue.PubSub;

/// <summary>The three ways to subscribe.</summary>
internal enum SubscriptionKind
{
    /// <summary>SUBSCRIBE: what is published to a channel, anywhere in the cluster.</summary>
    Channel,

    /// <summary>PSUBSCRIBE: to every channel that matches.</summary>
    Pattern,

    /// <summary>SSUBSCRIBE: to a channel of a slot, on the slot's owner.</summary>
    Shard,
}

/// <summary>What one client has subscribed to.</summary>
internal sealed class Subscriptions
{
    private int _total;

    private readonly HashSet<byte[]>[] _names = [new(ByteComparer.Instance), new(ByteComparer.Instance), new(ByteComparer.Instance)];

    /// <summary>May be read without the hub's lock.</summary>
    public bool IsEmpty => Volatile.Read(ref _total) == 0;

    public IReadOnlySet<byte[]> Of(SubscriptionKind kind) => _names[(int)kind];

    /// <summary>The number that a reply about <paramref name="kind"/> shows: shard channels count apart.</summary>
    public int Shown(SubscriptionKind kind) =>
        kind == SubscriptionKind.Shard ? _names[2].Count : _names[0].Count + _names[1].Count;

    public bool Add(SubscriptionKind kind, byte[] name)
    {
        var added = _names[(int)kind].Add(name);
        _total += added ? 1 : 0;
        return added;
    }

    public bool Remove(SubscriptionKind kind, byte[] name)
    {
        var removed = _names[(int)kind].Remove(name);
        _total -= removed ? 1 : 0;
        return removed;
    }
}

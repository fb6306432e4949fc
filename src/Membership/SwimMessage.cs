using Trefoil.Primitives;

namespace Trefoil.Membership;

/// <summary>One claim about a member, as it is gossiped.</summary>
/// <param name="Member">The belief.</param>
/// <param name="Accuser">Who suspects it, for counting independent accusers; the sender of the claim otherwise.</param>
internal readonly record struct Update(Member Member, NodeId Accuser);

/// <summary>What a packet is about; every packet also carries updates. Kinds on the wire are append-only.</summary>
internal abstract record PacketMessage
{
    private PacketMessage() { }

    /// <summary>"Are you there?" A target that is not the receiver is a stale address: no answer.</summary>
    public sealed record Ping(uint Sequence, NodeId Target) : PacketMessage;

    /// <summary>"Ask the target for me": the receiver pings it under a sequence of its own.</summary>
    public sealed record PingRequest(uint Sequence, NodeId Target, HostPort Address) : PacketMessage;

    /// <summary>"I am here", or relayed: "<paramref name="Subject"/> is there".</summary>
    public sealed record Ack(uint Sequence, NodeId Subject) : PacketMessage;

    /// <summary>"I asked for you and heard nothing", which says that at least the helper is reachable.</summary>
    public sealed record Nack(uint Sequence) : PacketMessage;

    /// <summary>Nothing but updates.</summary>
    public sealed record Gossip : PacketMessage;
}

/// <summary>What a stream carries: one request, one answer. Kinds on the wire are append-only.</summary>
internal abstract record StreamMessage
{
    private StreamMessage() { }

    /// <summary>Request: "I believe what hashes to this". Answered by <see cref="Same"/> or <see cref="State"/>.</summary>
    public sealed record Digest(ulong Hash) : StreamMessage;

    /// <summary>
    /// Everything believed, and its hash. As a request it is a push (a <paramref name="Join"/> asks for the answer to be
    /// the state in any case), as an answer a pull.
    /// </summary>
    public sealed record State(bool Join, ulong Hash, IReadOnlyList<Member> Members) : StreamMessage;

    /// <summary>Answer: our beliefs are equal.</summary>
    public sealed record Same : StreamMessage;

    /// <summary>Request: a ping where packets do not get through.</summary>
    public sealed record Probe(NodeId Target) : StreamMessage;

    /// <summary>Answer to a probe.</summary>
    public sealed record ProbeAck(NodeId Subject) : StreamMessage;

    /// <summary>Answer: you are of another cluster. The header says which one this is.</summary>
    public sealed record Refused : StreamMessage;
}

/// <summary>What every packet and every stream message starts with.</summary>
/// <param name="ClusterName">The name in the configuration: guards against mistakes of people.</param>
/// <param name="ClusterId">The random id: guards against two clusters that share a name.</param>
/// <param name="Sender">Who sent it.</param>
/// <param name="Version">The topology version the sender has seen.</param>
internal readonly record struct Header(string ClusterName, ClusterId ClusterId, NodeId Sender, ulong Version);

/// <summary>Why something was not read.</summary>
internal enum ReadResult
{
    Ok,
    Malformed,

    /// <summary>Another protocol version; nothing beyond the version was looked at.</summary>
    UnknownVersion,

    /// <summary>Another cluster; only the header was looked at (and, on a stream, a refusal).</summary>
    Foreign,
}

using Trefoil.Primitives;
using Trefoil.Sharding;

namespace Trefoil.ControlPlane;

/// <summary>Everything the world tells a control node.</summary>
public abstract record ControlInput
{
    private ControlInput()
    {
    }

    /// <summary>A peer said something. <paramref name="From"/> is who it says it is, checked against the cluster by the core.</summary>
    public sealed record Peer(PeerIdentity From, ControlMessage Message) : ControlInput;

    /// <summary>Someone on this node wants a topology change; answered once under <paramref name="Token"/>.</summary>
    public sealed record Propose(ulong Token, Func<RequestId, TopologyCommand> Build) : ControlInput;

    /// <summary>CLUSTER MEET: bring this node's cluster and the peer's together; answered under <paramref name="Token"/>.</summary>
    public sealed record Meet(ulong Token, MeetPeer Other) : ControlInput;

    /// <summary>CLUSTER RESET: leave and become lone; HARD also takes a new node id. Answered under <paramref name="Token"/>.
    /// <paramref name="NowMs"/> is the wall clock, milliseconds since 1970.</summary>
    public sealed record Reset(ulong Token, bool Hard, long NowMs) : ControlInput;

    /// <summary>The answer to <see cref="ControlEffect.Fence"/>: writes are refused from now on and this many keys exist.</summary>
    public sealed record Fenced(long Keys) : ControlInput;

    /// <summary>This node's log accepts nothing of epochs before <paramref name="Epoch"/>, in which its shard elects; there it ends.</summary>
    public sealed record LogFenced(ClusterId Cluster, ulong Epoch, LogPosition Position) : ControlInput;

    /// <summary>Named primary of <paramref name="Epoch"/>, this node's log will not begin it, or has stopped leading in it: somebody must be elected anew.</summary>
    public sealed record EpochDeclined(ClusterId Cluster, ulong Epoch) : ControlInput;

    /// <summary>SWIM's opinion of a member changed.</summary>
    public sealed record Health(NodeId Node, PeerHealth State) : ControlInput;

    /// <summary>SWIM saw a member carry a newer topology version.</summary>
    public sealed record VersionSeen(NodeId Node, ulong Version) : ControlInput;

    /// <summary>A connection to this address failed or was refused.</summary>
    public sealed record Unreachable(HostPort Address) : ControlInput;
}

/// <summary>What SWIM thinks of a member, as far as the control plane cares.</summary>
public enum PeerHealth : byte
{
    Unknown,
    Alive,
    Suspect,
    Dead,
}

/// <summary>Who sent a control message, from its envelope.</summary>
/// <param name="Node">Sender's node id.</param>
/// <param name="Cluster">The cluster the sender was in when it sent.</param>
/// <param name="Address">Where the sender accepts control messages.</param>
public readonly record struct PeerIdentity(NodeId Node, ClusterId Cluster, HostPort Address);

/// <summary>What the other side of a MEET said of itself.</summary>
public sealed record MeetPeer(
    NodeId Node, ClusterId Cluster, string ClusterName, int Members, long Keys, HostPort ControlAddress);

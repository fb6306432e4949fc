using Trefoil.Consensus;
using Trefoil.Primitives;
using Trefoil.Sharding;

namespace Trefoil.ControlPlane;

/// <summary>What control nodes say to each other. <see cref="ControlCodec"/> holds the wire form.</summary>
public abstract record ControlMessage
{
    private ControlMessage()
    {
    }

    /// <summary>Raft's own messages, between voters and learners.</summary>
    public sealed record Raft(RaftMessage Message) : ControlMessage;

    /// <summary>A topology command on its way to the leader; <paramref name="Version"/> is how far the proposer's topology goes.</summary>
    public sealed record Propose(RequestId Request, byte[] Command, ulong Version) : ControlMessage;

    /// <summary>"I am not the leader", with the one I know of (or none): ask there.</summary>
    public sealed record NotLeader(RequestId Request, NodeId Leader) : ControlMessage;

    /// <summary>Committed entries from <paramref name="From"/> on, pushed by the leader or pulled. Without entries: a beacon.</summary>
    public sealed record Deltas(
        NodeId Leader, ulong Term, IReadOnlyList<NodeId> Voters, ulong From, IReadOnlyList<Delta> Entries) : ControlMessage;

    /// <summary>"My topology ends at this version: send what follows."</summary>
    public sealed record Pull(ulong Version) : ControlMessage;

    /// <summary>A whole topology, where the delta window was missed.</summary>
    public sealed record Full(byte[] Snapshot) : ControlMessage;

    /// <summary>"<paramref name="Node"/> is not a member here (any more)", as of this version.</summary>
    /// <remarks>Named, because the address may belong to another id by now: a hard reset gives a new one.</remarks>
    public sealed record Expelled(NodeId Node, ulong Version) : ControlMessage;

    /// <summary>A lone node offers itself to this cluster: the AddNode command it wants committed, with the slots it claims.</summary>
    public sealed record Offer(RequestId Join, string ClusterName, ClusterId To, byte[] AddNode) : ControlMessage;

    /// <summary>The offer was committed: this is the cluster now.</summary>
    public sealed record Accepted(RequestId Join, ClusterId Cluster, ulong MemberId, byte[] Snapshot) : ControlMessage;

    /// <summary>The offer was not committed and never will be.</summary>
    public sealed record Declined(RequestId Join, string Reason) : ControlMessage;

    /// <summary>"I have offered myself to you": two lone nodes told to meet each other; the smaller id stays.</summary>
    public sealed record Crossed(RequestId Join) : ControlMessage;

    /// <summary>"If my offer to this cluster is not committed yet, see to it that it never is, and tell me which."</summary>
    public sealed record Withdraw(RequestId Join, NodeId Node, ClusterId To) : ControlMessage;

    /// <summary>A cluster asks a lone node to offer itself to the sender.</summary>
    public sealed record Invite(RequestId Invitation, string ClusterName) : ControlMessage;

    /// <summary>A primary asks for a lease in its epoch. Not <paramref name="MayBegin"/>: it was restarted and has to be elected first.</summary>
    public sealed record LeaseRequest(NodeId Shard, ulong Epoch, bool MayBegin, ulong Token) : ControlMessage;

    /// <summary>It has one, counted from when it sent the request with this token.</summary>
    public sealed record LeaseGrant(ulong Token, NodeId Shard, ulong Epoch) : ControlMessage;

    /// <summary>A member of an electing shard is fenced by <paramref name="Epoch"/>, and its log ends there.</summary>
    public sealed record ShardPosition(NodeId Shard, ulong Epoch, LogPosition Position) : ControlMessage;

    /// <summary>The invitation failed, and why.</summary>
    public sealed record InviteRefused(RequestId Invitation, string Reason) : ControlMessage;
}

/// <summary>One committed entry: a command's bytes, or empty for an entry that only advances the version.</summary>
public sealed record Delta(ulong Index, byte[] Command);

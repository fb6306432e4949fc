using Trefoil.Primitives;
using Trefoil.Sharding;

namespace Trefoil.KeyValue.Cluster;

/// <summary>The cluster as this node sees it, and the way to change it. Two implementations: consensus-backed (Node) and <see cref="StaticClusterSource"/>.</summary>
public interface IClusterSource
{
    /// <summary>This node.</summary>
    NodeId Self { get; }

    /// <summary>The newest snapshot this node has; read it once per request.</summary>
    Topology Topology { get; }

    /// <summary>Raised, on any thread, after <see cref="Topology"/> or somebody's health changed.</summary>
    event Action? TopologyChanged;

    /// <summary>What this node thinks of a member.</summary>
    NodeHealth HealthOf(NodeId id);

    /// <summary>False while this node is offered to another cluster.</summary>
    bool AcceptsWrites { get; }

    /// <summary>Why not, as an error reply without the dash; null while <see cref="AcceptsWrites"/>.</summary>
    string? RefusalReason { get; }

    /// <summary>Counters for CLUSTER INFO.</summary>
    ClusterStatistics Statistics { get; }

    /// <summary>Fields of INFO's section Raft: role, term, leader, voters, commit; empty where nothing is agreed on.</summary>
    IReadOnlyList<KeyValuePair<string, string>> Consensus { get; }

    /// <summary>Commits the command that <paramref name="build"/> makes; completes when this node shows the effect.</summary>
    ValueTask<CommandResult> ProposeAsync(Func<RequestId, TopologyCommand> build, CancellationToken cancellation);

    /// <summary>
    /// Has <paramref name="owner"/>, another node, let go of <paramref name="slot"/> for <paramref name="to"/> (<c>TREFOIL.GIVESLOT</c>); completes
    /// when this node shows it. An owner that is to keep its slot confirms it. One that is dead is not asked: the change is proposed without it.
    /// </summary>
    ValueTask<CommandResult> TakeSlotAsync(NodeId owner, int slot, NodeId to, CancellationToken cancellation);

    /// <summary>Waits until <see cref="Topology"/> is at least as new as <paramref name="version"/>; false if it is not in time.</summary>
    ValueTask<bool> ShowsAsync(ulong version, CancellationToken cancellation);

    /// <summary>Introduces this node to the one whose RESP (or bus) port this is.</summary>
    ValueTask<CommandResult> MeetAsync(string host, int port, CancellationToken cancellation);

    /// <summary>Removes a member.</summary>
    ValueTask<CommandResult> ForgetAsync(NodeId id, CancellationToken cancellation);

    /// <summary>Leaves the cluster; hard also draws a new identity.</summary>
    ValueTask<CommandResult> ResetAsync(bool hard, CancellationToken cancellation);

    /// <summary>
    /// On a replica: has its primary stop, wait for this node to have everything, and hand over (CLUSTER FAILOVER). Done means that this node shows
    /// itself as the primary; refused, that nothing has changed.
    /// </summary>
    ValueTask<CommandResult> HandOverAsync(CancellationToken cancellation);

    /// <summary>False when fewer than a majority of the voters seem to be in reach: nothing can be committed.</summary>
    bool HasMajority { get; }

    /// <summary>This node as <c>TREFOIL.PEER</c> tells it to one that was asked to meet it.</summary>
    PeerDescription Describe();
}

/// <summary>Liveness as Redis' flags show it.</summary>
public enum NodeLiveness
{
    Alive,
    Suspect,
    Dead,
    Unknown,
}

/// <summary>What CLUSTER NODES prints about a link.</summary>
/// <param name="State">Alive: no flag; Suspect: <c>fail?</c>; Dead: <c>fail</c>.</param>
/// <param name="PingSentMs">Milliseconds since 1970 of the probe still unanswered, else 0.</param>
/// <param name="PongReceivedMs">Milliseconds since 1970 of the last answer, 0 if none.</param>
/// <param name="LinkConnected">False shows <c>disconnected</c>.</param>
public readonly record struct NodeHealth(NodeLiveness State, long PingSentMs = 0, long PongReceivedMs = 0, bool LinkConnected = true);

/// <summary>Messages between nodes so far, by kind name (<c>ping</c>, <c>pong</c>, ...), and the links that are open.</summary>
public sealed record ClusterStatistics(
    IReadOnlyList<KeyValuePair<string, long>> Sent,
    IReadOnlyList<KeyValuePair<string, long>> Received,
    IReadOnlyList<ClusterLink> Links)
{
    /// <summary>Nothing sent, nothing received.</summary>
    public static ClusterStatistics None { get; } = new([], [], []);
}

/// <summary>One link between nodes, as CLUSTER LINKS prints it.</summary>
/// <param name="Outgoing">True: <c>to</c>; false: <c>from</c>.</param>
/// <param name="Node">The other side.</param>
/// <param name="CreatedMs">Milliseconds since 1970.</param>
/// <param name="SendBufferBytes">Bytes that wait to be sent.</param>
public sealed record ClusterLink(bool Outgoing, NodeId Node, long CreatedMs, long SendBufferBytes);

/// <summary>What a node says of itself to one that was told to meet it: flat pairs in a fixed order.</summary>
public sealed record PeerDescription(IReadOnlyList<KeyValuePair<string, string>> Fields);

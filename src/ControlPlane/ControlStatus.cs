using Trefoil.Primitives;

namespace Trefoil.ControlPlane;

/// <summary>Where a control node stands, for INFO and logs. Immutable.</summary>
/// <param name="Role">leader, follower, candidate, learner, or none for a member that does not keep the log.</param>
/// <param name="Term">Raft's term; 0 without a log.</param>
/// <param name="Leader">The leader as far as known.</param>
/// <param name="Voters">The nodes that vote, as far as known.</param>
/// <param name="Commit">Highest committed index known.</param>
/// <param name="Version">Version of the topology that this node shows.</param>
/// <param name="Elections">Elections this node has started since it was started.</param>
public sealed record ControlStatus(
    string Role, ulong Term, NodeId Leader, IReadOnlyList<NodeId> Voters, ulong Commit, ulong Version, long Elections);

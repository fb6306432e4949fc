using Trefoil.Primitives;

namespace Trefoil.Assertions.Http;

/// <summary>The cluster as this node sees it now.</summary>
/// <param name="Name">Of the cluster.</param>
/// <param name="Id">Of the cluster, in hex digits; empty before this node is in one.</param>
/// <param name="Version">Of the topology.</param>
/// <param name="Members">All of them, this node too, by id.</param>
/// <param name="NotReady">Why this node should get no requests now, beside its recovery; empty if it should.</param>
public sealed record ClusterView(string Name, string Id, ulong Version, IReadOnlyList<ClusterMember> Members, IReadOnlyList<string> NotReady);

/// <summary>One member.</summary>
/// <param name="Id">The node.</param>
/// <param name="Host">Where it is reached.</param>
/// <param name="ApiPort">Its HTTP port.</param>
/// <param name="Zone">Its failure domain; empty if not told.</param>
/// <param name="State">alive, suspect, dead or unknown.</param>
public sealed record ClusterMember(NodeId Id, string Host, int ApiPort, string Zone, string State);

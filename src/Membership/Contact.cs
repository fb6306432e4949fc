using Trefoil.Primitives;

namespace Trefoil.Membership;

/// <summary>When this node last probed a member and when the member last answered a probe; null before the first.</summary>
public readonly record struct Contact(NodeId Id, TimeSpan? PingSent, TimeSpan? AckReceived);

using Trefoil.Primitives;

namespace Trefoil.Membership;

/// <summary>What the application hears about. A decision made here raises the same event as one heard from others.</summary>
public abstract record SwimEvent
{
    private SwimEvent() { }

    /// <summary>A member appeared, for the first time or back from the dead.</summary>
    public sealed record Joined(Member Member) : SwimEvent;

    /// <summary>A member did not answer somebody. It is still a member.</summary>
    public sealed record Suspected(Member Member) : SwimEvent;

    /// <summary>A suspected member refuted.</summary>
    public sealed record AliveAgain(Member Member) : SwimEvent;

    /// <summary>A member refuted no suspicion in time.</summary>
    public sealed record Failed(Member Member) : SwimEvent;

    /// <summary>A member said goodbye, or was evicted here.</summary>
    public sealed record Left(Member Member) : SwimEvent;

    /// <summary>A member announced other metadata or another address.</summary>
    public sealed record MetadataChanged(Member Member) : SwimEvent;

    /// <summary>A member has seen a higher topology version than we knew; whoever is behind can pull from it.</summary>
    public sealed record VersionSeen(NodeId Id, ulong Version) : SwimEvent;

    /// <summary>
    /// Somebody we asked (a seed, or a member of old) belongs to another cluster: another <paramref name="Name"/> is a mistake
    /// in the configuration, the same name with another <paramref name="Id"/> is a cluster not yet joined, or joined by another way.
    /// </summary>
    public sealed record ForeignCluster(HostPort From, string Name, ClusterId Id) : SwimEvent;
}

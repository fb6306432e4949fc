using Trefoil.Primitives;

namespace Trefoil.Membership;

/// <summary>What is believed about a member. On the wire: append-only, never renumbered.</summary>
/// <remarks>The order is the order of precedence at one incarnation: a later state overrides an earlier one.</remarks>
public enum MemberState : byte
{
    /// <summary>It answers.</summary>
    Alive = 0,

    /// <summary>It did not answer somebody; it is dead unless it refutes in time.</summary>
    Suspect = 1,

    /// <summary>It refuted no suspicion. Kept for a while, so that a healed partition finds it again.</summary>
    Dead = 2,

    /// <summary>It said goodbye.</summary>
    Left = 3,
}

/// <summary>One member as this node believes it to be; an immutable snapshot.</summary>
/// <param name="Id">Who.</param>
/// <param name="Address">Where it listens for SWIM, as it announced it (UDP and TCP have the same port number).</param>
/// <param name="Incarnation">How new this belief is; the address and the metadata belong to it.</param>
/// <param name="State">Alive, suspect, dead or left.</param>
/// <param name="Version">The highest topology version it has said to have seen.</param>
/// <param name="Metadata">What its application announced: at most <see cref="SwimLimits.MaxMetadataBytes"/>.</param>
public sealed record Member(
    NodeId Id,
    HostPort Address,
    Incarnation Incarnation,
    MemberState State,
    ulong Version,
    ReadOnlyMemory<byte> Metadata)
{
    /// <summary>True while it counts as a member of the cluster: alive or suspect.</summary>
    public bool IsLive => State <= MemberState.Suspect;

    /// <summary>Whether what this says overrides what <paramref name="known"/> says: positive yes, 0 the same, negative older.</summary>
    /// <remarks>
    /// A lexicographic order of (incarnation, state) makes merging a join of a lattice: nodes that have heard the same
    /// claims believe the same, whatever the order they arrived in. SWIM's own table (section 4.2) lets a "confirm" override
    /// every incarnation for ever; then a healed partition could never merge.
    /// </remarks>
    internal int ComparePrecedence(Member known) =>
        Incarnation != known.Incarnation ? Incarnation.CompareTo(known.Incarnation) : State.CompareTo(known.State);

    /// <summary>Whether its announcement (address, metadata) equals the other's.</summary>
    internal bool AnnouncesTheSameAs(Member other) =>
        Address == other.Address && Metadata.Span.SequenceEqual(other.Metadata.Span);
}

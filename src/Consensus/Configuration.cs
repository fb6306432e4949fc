namespace Trefoil.Consensus;

/// <summary>Who belongs to the group. Immutable; the lists are sorted and free of duplicates.</summary>
/// <remarks>While <see cref="Outgoing"/> is not empty the configuration is joint: every decision needs a majority of both (paper, 6).</remarks>
public sealed record Configuration
{
    /// <summary>Most members of all kinds; a codec refuses more.</summary>
    public const int MaxMembers = 64;

    /// <summary>No members: a node that waits to be added.</summary>
    public static Configuration Empty { get; } = new();

    /// <summary>The voters; of a joint configuration, those it is moving to.</summary>
    public IReadOnlyList<ulong> Incoming { get; init; } = [];

    /// <summary>The voters a joint configuration is leaving; else empty.</summary>
    public IReadOnlyList<ulong> Outgoing { get; init; } = [];

    /// <summary>Members that receive the log and count in no quorum.</summary>
    public IReadOnlyList<ulong> Learners { get; init; } = [];

    /// <summary>Outgoing voters that become learners when the joint configuration is left.</summary>
    public IReadOnlyList<ulong> LearnersNext { get; init; } = [];

    /// <summary>The leader leaves the joint configuration by itself once it is committed.</summary>
    public bool AutoLeave { get; init; }

    /// <summary>True while two majorities are needed.</summary>
    public bool IsJoint => Outgoing.Count > 0;

    /// <summary>A configuration of these voters and nobody else.</summary>
    public static Configuration Of(params ReadOnlySpan<ulong> voters)
    {
        var sorted = voters.ToArray();
        Array.Sort(sorted);
        return new Configuration { Incoming = sorted };
    }

    /// <summary>True if the vote of <paramref name="id"/> counts in either majority.</summary>
    public bool IsVoter(ulong id) => Incoming.Contains(id) || Outgoing.Contains(id);

    /// <summary>True if <paramref name="id"/> receives the log.</summary>
    public bool IsMember(ulong id) => IsVoter(id) || Learners.Contains(id);

    /// <summary>All members in ascending order.</summary>
    public ulong[] Members()
    {
        var all = new SortedSet<ulong>(Incoming);
        all.UnionWith(Outgoing);
        all.UnionWith(Learners);
        return [.. all];
    }

    /// <summary>True if <paramref name="id"/> alone is a quorum, so that nobody else need be asked.</summary>
    public bool IsSoleVoter(ulong id) => Incoming is [var only] && only == id && !IsJoint;

    /// <inheritdoc/>
    public bool Equals(Configuration? other) =>
        other is not null && AutoLeave == other.AutoLeave
        && Incoming.SequenceEqual(other.Incoming) && Outgoing.SequenceEqual(other.Outgoing)
        && Learners.SequenceEqual(other.Learners) && LearnersNext.SequenceEqual(other.LearnersNext);

    /// <inheritdoc/>
    public override int GetHashCode() => ToString().Length + (Incoming.Count << 8);

    /// <summary><c>voters=(1 2)&amp;&amp;(1) learners=(3) learners_next=(1) autoleave</c>, leaving out what is empty.</summary>
    public override string ToString() =>
        $"voters=({string.Join(' ', Incoming)})"
        + (IsJoint ? $"&&({string.Join(' ', Outgoing)})" : "")
        + (Learners.Count > 0 ? $" learners=({string.Join(' ', Learners)})" : "")
        + (LearnersNext.Count > 0 ? $" learners_next=({string.Join(' ', LearnersNext)})" : "")
        + (AutoLeave ? " autoleave" : "");
}

using Trefoil.Primitives;
using Trefoil.Sharding;

namespace Trefoil.Cli.Cluster.Picture;

/// <summary>One member: what the cluster says of it, and what it says itself.</summary>
/// <param name="Line">By the node that knows most.</param>
/// <param name="Report">Its own words; null if it did not answer.</param>
/// <param name="Failure">Why it did not answer.</param>
internal sealed record MemberView(NodeLine Line, NodeReport? Report, string? Failure)
{
    public string Id => Line.Id;

    public HostPort Address => Line.Address;

    public bool IsPrimary => Line.IsPrimary;

    public string PrimaryId => Line.PrimaryId;

    public IReadOnlyList<SlotRange> Ranges => Line.Ranges;

    public int SlotCount => SlotRanges.Count(Line.Ranges);

    /// <summary>"" if it has none, or did not answer.</summary>
    public string Zone => Report?.Zone ?? "";

    /// <summary>What fails together: the zone, and without one the host.</summary>
    public string Domain => Zone.Length > 0 ? Zone : Address.Host;

    /// <summary>failed and suspected are the cluster's judgement; silent: it answers the others and not us.</summary>
    public string Health => (Line, Report) switch
    {
        ({ IsDead: true }, _) => "failed",
        ({ IsSuspect: true }, _) => "suspected",
        (_, null) => "silent",
        _ => "ok",
    };

    public string Role => IsPrimary ? "primary" : "replica";
}

namespace Trefoil.Assertions.Lenses;

/// <summary>The ways to resolve claims that contradict each other.</summary>
public enum LensKind : byte
{
    /// <summary>The latest claim.</summary>
    Recency = 0,

    /// <summary>The most confident claim.</summary>
    Confidence = 1,

    /// <summary>The value that most distinct agents state.</summary>
    Consensus = 2,

    /// <summary>The claim with the highest sum of votes.</summary>
    Vote = 3,

    /// <summary>Confidence × weight of the tier × trust in the agent.</summary>
    Authority = 4,

    /// <summary>Every value with its share, and how contested the question is.</summary>
    Skeptic = 5,

    /// <summary>A winner per source tier; overall that of the most authoritative tier that has one.</summary>
    Layered = 6,

    /// <summary>Every claim, the latest first.</summary>
    All = 7,
}

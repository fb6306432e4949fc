using Trefoil.Assertions.Model;

namespace Trefoil.Assertions.Lenses;

/// <summary>Why a claim was no candidate; the first that holds.</summary>
public enum ExclusionReason : byte
{
    /// <summary>Its author or an administrator retracted it.</summary>
    Retracted = 0,

    /// <summary>It was rejected in review, and the query names no states.</summary>
    Rejected = 1,

    /// <summary>Its state is none of those the query names.</summary>
    Lifecycle = 2,

    /// <summary>Its tier is below the query's.</summary>
    Tier = 3,

    /// <summary>It does not hold at the query's instant.</summary>
    Validity = 4,
}

/// <summary>A claim that was known and did not count.</summary>
public sealed record Exclusion(AssertionId Id, ExclusionReason Reason);

namespace Trefoil.Assertions.Model;

/// <summary>Where a claim stands in its review. Numbers are stored and are the rank that decides ties; append only.</summary>
public enum Lifecycle : byte
{
    Proposed = 0,
    UnderReview = 1,
    Approved = 2,
    Deprecated = 3,
    Rejected = 4,
}

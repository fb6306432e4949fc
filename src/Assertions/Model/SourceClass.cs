namespace Trefoil.Assertions.Model;

/// <summary>How good the source of a claim is, best first: its tier. Numbers are stored; append only.</summary>
public enum SourceClass : byte
{
    Regulatory = 0,
    PeerReviewed = 1,
    Observational = 2,
    Expert = 3,
    Community = 4,
    Anecdotal = 5,
}

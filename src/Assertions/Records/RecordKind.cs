namespace Trefoil.Assertions.Records;

/// <summary>The kinds of records that nodes reconcile. Numbers are stored and hashed; append only.</summary>
public enum RecordKind : byte
{
    Assertion = 1,
    Signature = 2,
    Vote = 3,
    Retraction = 4,
    Lifecycle = 5,
    Redaction = 6,
}

namespace Trefoil.Assertions.Records;

/// <summary>What becomes of two states of one record: commutative, associative, idempotent, so delivery may repeat and reorder.</summary>
/// <remarks>
/// Each kind picks the greater (or earlier) in a total order of its states, which is all that the three laws need. Where
/// honest nodes never differ (two votes of one instant, two signatures of one agent) the order still decides.
/// </remarks>
public static class RecordMerge
{
    /// <summary>Merges two states; different keys are misuse and throw. Returns <paramref name="left"/> itself if it is not changed.</summary>
    public static Record Merge(Record left, Record right)
    {
        ArgumentNullException.ThrowIfNull(left);
        ArgumentNullException.ThrowIfNull(right);
        return (left, right) switch
        {
            _ when left.Key != right.Key => throw new ArgumentException($"records of {left.Key} and {right.Key} do not merge", nameof(right)),
            (Record.Claim a, Record.Claim b) => Claims(a, b),
            (Record.Signature a, Record.Signature b) => b.Bytes.Span.SequenceCompareTo(a.Bytes.Span) < 0 ? b : a,
            (Record.Vote a, Record.Vote b) => Compare(b, a) > 0 ? b : a,
            (Record.Retraction a, Record.Retraction b) => b.At < a.At ? b : a,
            (Record.LifecycleEvent a, Record.LifecycleEvent b) => Compare(b, a) > 0 ? b : a,
            (Record.Redaction a, Record.Redaction b) => b.At < a.At ? b : a,
            _ => throw new ArgumentException($"{left.GetType()} is no record", nameof(left)),
        };
    }

    /// <summary>Time and body are registers of their own: min, and "there is one". A redaction takes the body away in <see cref="ClaimRecords"/>.</summary>
    private static Record.Claim Claims(Record.Claim a, Record.Claim b)
    {
        // Bodies of one id are equal, or a hash is broken; even then every node must keep the same one.
        var body = b.Body.Span.SequenceCompareTo(a.Body.Span) > 0 ? b.Body : a.Body;
        var ingested = b.Ingested < a.Ingested ? b.Ingested : a.Ingested;
        return ingested == a.Ingested && body.Equals(a.Body) ? a : new Record.Claim(a.Id, ingested, body);
    }

    private static int Compare(Record.Vote a, Record.Vote b) =>
        a.At != b.At ? a.At.CompareTo(b.At) : a.ValuePpm.CompareTo(b.ValuePpm);

    /// <summary>The rank stands before the node: of two decisions at one instant the stricter holds, whoever took it.</summary>
    private static int Compare(Record.LifecycleEvent a, Record.LifecycleEvent b) =>
        a.At.Packed != b.At.Packed ? a.At.Packed.CompareTo(b.At.Packed)
        : a.State != b.State ? a.State.CompareTo(b.State)
        : a.At != b.At ? a.At.CompareTo(b.At)
        : a.By.CompareTo(b.By);
}

namespace Trefoil.Assertions.Records;

/// <summary>All records of one assertion: a set that merges record by record. The same records in any order make the same set.</summary>
/// <remarks>One owner. Iterates in the order of the keys.</remarks>
public sealed class ClaimRecords
{
    private readonly List<Record> _records = [];

    /// <summary>The records, ordered by key.</summary>
    public IReadOnlyList<Record> Ordered => _records;

    /// <summary>Merges a record in; true if anything is different now. Records of several assertions are misuse and throw.</summary>
    public bool Add(Record record)
    {
        ArgumentNullException.ThrowIfNull(record);
        if (_records.Count > 0 && _records[0].Id != record.Id)
        {
            throw new ArgumentException($"a record of {record.Id} among those of {_records[0].Id}", nameof(record));
        }

        // Where there is a redaction there is no body, whichever came first: a rule about the set, so it keeps the laws.
        var redacted = record is Record.Redaction || _records is [.., Record.Redaction];
        if (redacted && record is Record.Claim { Body.IsEmpty: false } late)
        {
            record = late with { Body = default };
        }
        else if (redacted && _records is [Record.Claim { Body.IsEmpty: false } kept, ..])
        {
            _records[0] = kept with { Body = default };
        }

        return Merge(record);
    }

    /// <summary>What the records come to; null while there is no body: not received yet, or redacted.</summary>
    public ClaimState? Fold() => ClaimState.Of(_records);

    private bool Merge(Record record)
    {
        // From the back: records of a store arrive in order.
        var at = _records.Count;
        while (at > 0 && _records[at - 1].Key > record.Key)
        {
            at--;
        }

        if (at == 0 || _records[at - 1].Key != record.Key)
        {
            _records.Insert(at, record);
            return true;
        }

        var merged = RecordMerge.Merge(_records[at - 1], record);
        var changed = !merged.Equals(_records[at - 1]);
        _records[at - 1] = merged;
        return changed;
    }
}

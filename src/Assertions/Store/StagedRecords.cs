using Trefoil.Assertions.Records;
using Trefoil.Primitives;
using Trefoil.Storage.Ordered;

namespace Trefoil.Assertions.Store;

/// <summary>The next batch for the ordered store: records merged with what is there, and the indexes that follow from them.</summary>
/// <remarks>What is staged counts for what is staged later, and is in no reader's sight. The same records in the same order make the same batch, so a replay does.</remarks>
internal sealed class StagedRecords(IOrderedStore store)
{
    private readonly Dictionary<RecordKey, Record> _records = []; // looked up, never walked
    private readonly OrderedBatch _batch = new();

    // By table: in a run of rising keys RocksDB inserts each behind the one before, and among keys of other tables it searches for every one.
    private readonly OrderedBatch _arrivals = new();
    private readonly OrderedBatch _ingests = new();
    private readonly OrderedBatch _subjects = new();
    private readonly ByteWriter _key = new();
    private readonly ByteWriter _value = new();
    private StoreCounts _counts = new(0, 0, 0);
    private long _claims;
    private long _total;
    private long _redactions;

    /// <summary>How much the store holds, without what is staged; any thread may ask.</summary>
    public StoreCounts Counts => Volatile.Read(ref _counts);

    public bool IsEmpty => _batch.Count == 0;

    public int Bytes => _batch.Bytes + _arrivals.Bytes + _ingests.Bytes + _subjects.Bytes;

    /// <summary>Starts from what the store holds; false if it is of another format.</summary>
    public bool Load()
    {
        _value.Clear();
        if (store.TryGet([StoreKeys.Meta], _value))
        {
            var known = StoreCounts.TryRead(_value.Written, out var counts);
            (_counts, _claims, _total, _redactions) = (counts, counts.Claims, counts.Records, counts.Redactions);
            return known;
        }

        return true;
    }

    /// <summary>What the record's state would become; null if the record adds nothing to what is known.</summary>
    public Record? Merge(Record record, out Record? known)
    {
        known = Find(record.Key);
        var merged = known is null ? record : RecordMerge.Merge(known, record);
        if (_redactions > 0 && merged is Record.Claim { Body.IsEmpty: false } claim && Find(new RecordKey(claim.Id, RecordKind.Redaction)) is not null)
        {
            merged = claim with { Body = default };
        }

        return known is not null && merged.Equals(known) ? null : merged;
    }

    /// <summary>Stages what <see cref="Merge"/> returned, as the arrival of this number.</summary>
    public void Put(Record? known, Record merged, ulong arrival)
    {
        Put(known, merged);
        if (merged is Record.Redaction && Find(new RecordKey(merged.Id, RecordKind.Assertion)) is Record.Claim { Body.IsEmpty: false } claim)
        {
            Put(claim, claim with { Body = default });
        }

        _value.Clear();
        merged.Key.Write(_value);
        _arrivals.Put(StoreKeys.Arrival(_key, arrival), _value.Written);
    }

    /// <summary>Applies everything staged, which goes up to this LSN of the log, in one atomic write.</summary>
    public void Apply(ulong lsn)
    {
        if (IsEmpty)
        {
            return;
        }

        var counts = new StoreCounts(_claims, _total, _redactions);
        _value.Clear();
        counts.Write(_value);
        _batch.Put([StoreKeys.Meta], _value.Written);
        foreach (var table in (ReadOnlySpan<OrderedBatch>)[_arrivals, _ingests, _subjects])
        {
            _batch.Append(table);
            table.Clear();
        }

        _batch.AppliedLsn = lsn;
        store.Write(_batch);
        _batch.Clear();
        _records.Clear();
        Volatile.Write(ref _counts, counts);
    }

    private Record? Find(RecordKey key)
    {
        if (_records.TryGetValue(key, out var staged))
        {
            return staged;
        }

        _value.Clear();
        if (!store.TryGet(StoreKeys.Record(_key, key), _value))
        {
            return null;
        }

        return RecordCodec.TryReadState(key, _value.ToArray())
            ?? throw new OrderedStoreFailure($"The record {key.Kind} of {key.Id} is stored in a form that is none: suspect the disk, and restore this node from a replica.", isCorruption: true);
    }

    private void Put(Record? known, Record merged)
    {
        _value.Clear();
        RecordCodec.WriteState(_value, merged);
        _batch.Put(StoreKeys.Record(_key, merged.Key), _value.Written);
        _records[merged.Key] = merged;
        if (known is null)
        {
            _total++;
            _redactions += merged is Record.Redaction ? 1 : 0;
        }

        if (merged is Record.Claim claim)
        {
            var old = known as Record.Claim;
            if (old is { Body.IsEmpty: false })
            {
                Index(old, present: false);
            }

            if (!claim.Body.IsEmpty)
            {
                Index(claim, present: true);
            }
        }
    }

    private void Index(Record.Claim claim, bool present)
    {
        var fields = ClaimFields.Read(claim.Body.Span);
        _claims += present ? 1 : -1;
        Set(_subjects, StoreKeys.Subject(_key, fields.Subject, fields.Predicate, claim.Ingested, claim.Id), default, present);
        Set(_ingests, StoreKeys.Ingest(_key, claim.Ingested, claim.Id), default, present);
        for (var i = 0; i < fields.ParentCount; i++)
        {
            Set(_batch, StoreKeys.Link(_key, fields.ParentId(i), claim.Id), [fields.ParentKind(i)], present);
        }
    }

    private static void Set(OrderedBatch table, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool present)
    {
        if (present)
        {
            table.Put(key, value);
        }
        else
        {
            table.Delete(key);
        }
    }
}

using Trefoil.Assertions.Model;
using Trefoil.Assertions.Records;
using Trefoil.Primitives;
using Trefoil.Storage.Ordered;

namespace Trefoil.Assertions.Store;

/// <summary>The store as it was when this was made: every answer of one reader fits the others. One thread; dispose it.</summary>
/// <remarks>Methods that can find much take a limit, and say by their result where to go on.</remarks>
public sealed partial class AssertionReader : IDisposable
{
    private readonly OrderedSnapshot _snapshot;
    private readonly ByteWriter _key = new();
    private readonly ByteWriter _end = new();
    private readonly ByteWriter _value = new();
    private readonly List<Record> _found = [];
    private OrderedCursor? _records;

    internal AssertionReader(IOrderedStore store)
    {
        // Before the snapshot: what is committed in between is seen, and given again to whoever asks for what came after.
        Through = store.AppliedLsn;
        _snapshot = store.Snapshot();
    }

    /// <summary>It sees every arrival up to this one.</summary>
    public ulong Through { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        _records?.Dispose();
        _snapshot.Dispose();
    }

    /// <summary>Whether the claim itself is known, redacted or not.</summary>
    public bool Contains(AssertionId id) =>
        _snapshot.Contains(StoreKeys.Record(_key, new RecordKey(id, RecordKind.Assertion)));

    /// <summary>One record; null if there is none.</summary>
    public Record? Find(RecordKey key)
    {
        _value.Clear();
        return _snapshot.TryGet(StoreKeys.Record(_key, key), _value) ? Decode(key, _value.Written) : null;
    }

    /// <summary>All records of an assertion in the order of their keys; empty if there is none.</summary>
    public IReadOnlyList<Record> RecordsOf(AssertionId id) => [.. Load(id)];

    /// <summary>What the records of an assertion come to; null if it is not known, or redacted.</summary>
    public ClaimState? State(AssertionId id) => ClaimState.Of(Load(id));

    /// <summary>Who refers to an assertion as a parent, ordered by id, above <paramref name="after"/>.</summary>
    public IReadOnlyList<ParentLink> Children(AssertionId id, AssertionId? after, int limit)
    {
        var children = new List<ParentLink>();
        var start = after is { } last ? StoreKeys.Link(_key, id, last) : StoreKeys.LinksTo(_key, id);
        using var cursor = _snapshot.Scan(start, default);
        var prefix = StoreKeys.LinksTo(_end, id);
        while (children.Count < limit && cursor.MoveNext() && cursor.Key.StartsWith(prefix))
        {
            var child = AssertionId.Read(cursor.Key[prefix.Length..]);
            if (child != after)
            {
                children.Add(new ParentLink(child, (ParentKind)cursor.Value[0]));
            }
        }

        return children;
    }

    /// <summary>Records that came or changed after an arrival, in order. What changed again since is there again, at its last arrival too.</summary>
    public IReadOnlyList<Arrival> ArrivedAfter(ulong arrival, int limit)
    {
        var arrivals = new List<Arrival>();
        if (arrival == ulong.MaxValue)
        {
            return arrivals;
        }

        using var cursor = _snapshot.Scan(StoreKeys.Arrival(_key, arrival + 1), [StoreKeys.Arrivals + 1]);
        while (arrivals.Count < limit && cursor.MoveNext())
        {
            var reader = new ByteReader(cursor.Value);
            arrivals.Add(new Arrival(StoreKeys.ArrivalOf(cursor.Key), RecordKey.Read(ref reader)));
        }

        return arrivals;
    }

    /// <summary>Claims in the order of their acceptance, above <paramref name="after"/> and up to the physical time <paramref name="toMs"/>.</summary>
    public IReadOnlyList<IngestedClaim> Ingested(IngestedClaim after, long toMs, int limit)
    {
        var claims = new List<IngestedClaim>();
        using var cursor = _snapshot.Scan(StoreKeys.Ingest(_key, after.At, after.Id), [StoreKeys.Ingests + 1]);
        while (claims.Count < limit && cursor.MoveNext())
        {
            var reader = new ByteReader(cursor.Key[1..]);
            var claim = new IngestedClaim(HybridTime.Read(ref reader), AssertionId.Read(ref reader));
            if (claim.At.PhysicalMs > toMs)
            {
                break;
            }

            if (claim != after)
            {
                claims.Add(claim);
            }
        }

        return claims;
    }

    private static Record Decode(RecordKey key, ReadOnlySpan<byte> state) =>
        RecordCodec.TryReadState(key, state.ToArray())
        ?? throw new OrderedStoreFailure($"The record {key.Kind} of {key.Id} is stored in a form that is none: suspect the disk, and restore this node from a replica.", isCorruption: true);

    /// <summary>The records of an assertion, valid until the next call. One cursor serves all assertions: to seek is cheaper than to begin.</summary>
    private List<Record> Load(AssertionId id)
    {
        _found.Clear();
        _records ??= _snapshot.Scan([StoreKeys.Records], [StoreKeys.Records + 1]);
        var prefix = StoreKeys.RecordsOf(_key, id);
        _records.Seek(prefix);
        while (_records.MoveNext() && _records.Key.StartsWith(prefix))
        {
            var reader = new ByteReader(_records.Key[1..]);
            _found.Add(Decode(RecordKey.Read(ref reader), _records.Value));
        }

        return _found;
    }
}

/// <summary>A record that came, or changed what was known.</summary>
/// <param name="Number">Its place in the order of this node, which no other node shares.</param>
/// <param name="Key">The record; <see cref="AssertionReader.Find"/> gives its state, which may be newer than this arrival.</param>
public readonly record struct Arrival(ulong Number, RecordKey Key);

/// <summary>A claim in the order of acceptance. The default stands before all of them.</summary>
public readonly record struct IngestedClaim(HybridTime At, AssertionId Id);

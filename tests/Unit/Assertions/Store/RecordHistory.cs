using Trefoil.Assertions.Model;
using Trefoil.Assertions.Records;
using Trefoil.Primitives;
using static Trefoil.Unit.Assertions.Store.StoreWorld;

namespace Trefoil.Unit.Assertions.Store;

/// <summary>Random records of few assertions, so that they meet: every kind, states in any order, repeated.</summary>
internal sealed class RecordHistory(Prng random)
{
    private static readonly string[] Subjects = ["a", "a/b", "a/b/c", "a-b", "fda://a"];

    private readonly Record.Claim[] _claims = [.. Enumerable.Range(0, 8).Select(i => Claim(Subjects[i % Subjects.Length], i % 2 == 0 ? "p" : "q", $"{i}", 0))];

    public Record Next()
    {
        var claim = _claims[random.Below(_claims.Length)];
        var at = At(1 + random.Below(20), 1 + random.Below(2));
        var agent = Agent(1 + random.Below(3));
        return random.Below(12) switch
        {
            < 5 => claim with { Ingested = at },
            < 8 => new Record.Vote(claim.Id, agent, random.Below(3) - 1, at),
            8 => new Record.Retraction(claim.Id, agent, at),
            9 => new Record.LifecycleEvent(claim.Id, (Lifecycle)random.Below(5), at, agent),
            10 => new Record.Signature(claim.Id, agent, new byte[64]),
            _ => random.Chance(0.3) ? new Record.Redaction(claim.Id, at) : claim with { Ingested = at },
        };
    }
}

/// <summary>What a store should hold, by the laws of records alone.</summary>
internal sealed class RecordModel
{
    private readonly SortedDictionary<AssertionId, ClaimRecords> _all = [];

    public IEnumerable<Record> Ordered => _all.Values.SelectMany(records => records.Ordered);

    public IEnumerable<ClaimState> States => _all.Values.Select(records => records.Fold()).OfType<ClaimState>();

    /// <summary>True if it changed anything.</summary>
    public bool Add(Record record)
    {
        if (!_all.TryGetValue(record.Id, out var records))
        {
            _all.Add(record.Id, records = new ClaimRecords());
        }

        return records.Add(record);
    }
}

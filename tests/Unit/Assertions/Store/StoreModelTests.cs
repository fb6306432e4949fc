using FsCheck;
using FsCheck.Fluent;
using Trefoil.Assertions.Records;
using Trefoil.Assertions.Store;
using Trefoil.Primitives;
using Xunit;
using Record = Trefoil.Assertions.Records.Record;

namespace Trefoil.Unit.Assertions.Store;

/// <summary>Random histories of records: the store holds what the merge laws say, and its indexes what follows from that.</summary>
public class StoreModelTests
{
    [Fact]
    public void A_store_holds_what_the_laws_of_records_say_in_whatever_order_they_come() =>
        Prop.ForAll(ArbMap.Default.ArbFor<ulong>(), Run).Check(Config.QuickThrowOnFailure.WithMaxTest(200));

    private static bool Run(ulong seed)
    {
        var random = new Prng(seed);
        var history = new RecordHistory(random);
        var records = Enumerable.Range(0, 40).Select(_ => history.Next()).ToArray();
        var first = Fill(random, records);
        random.Shuffle(records.AsSpan());
        var second = Fill(random, records);

        Assert.Equal(first, second);
        return true;
    }

    /// <summary>Stores the records in commits of random size, with clean and unclean ends between, and gives all records back as bytes.</summary>
    private static string[] Fill(Prng random, Record[] records)
    {
        using var world = StoreWorld.Open();
        var model = new RecordModel();
        foreach (var record in records)
        {
            var changed = model.Add(record);
            Assert.Equal(changed, world.Store.Stage(record) != RecordOutcome.Unchanged);
            switch (random.Below(12))
            {
                case < 4:
                    world.Store.Commit();
                    break;
                case 4:
                    world.Store.Close();
                    world.Start();
                    break;
                case 5:
                    world.Store.Commit();
                    world.Crash(random, (Trefoil.Storage.CrashMode)random.Below(3));
                    world.Start();
                    break;
            }
        }

        world.Store.Commit();
        using var reader = world.Store.Read();
        StoreChecks.Matches(reader, model, world.Store.Counts);
        return [.. model.Ordered.Select(record => Convert.ToHexString(RecordCodec.Encode(record)))];
    }
}

/// <summary>Every table of the store against a model.</summary>
internal static class StoreChecks
{
    public static void Matches(AssertionReader reader, RecordModel model, StoreCounts counts)
    {
        Assert.Equal(model.Ordered, model.Ordered.Select(record => record.Id).Distinct().SelectMany(reader.RecordsOf));
        Assert.Equal(new StoreCounts(model.States.Count(), model.Ordered.Count(), model.Ordered.Count(record => record is Record.Redaction)), counts);

        var states = model.States.OrderBy(state => state, Comparer<ClaimState>.Create(ClaimState.Compare)).ToList();
        Assert.Equal(states.Select(state => new IngestedClaim(state.Ingested, state.Id)), reader.Ingested(default, long.MaxValue, 1000));

        var keys = states.GroupBy(state => new ClaimKey(state.Assertion.Subject, state.Assertion.Predicate))
            .OrderBy(group => group.Key.Subject).ThenBy(group => group.Key.Predicate)
            .Select(group => $"{group.Key.Subject} {group.Key.Predicate}: {string.Join(' ', group.Select(state => state.Id))}");
        Assert.Equal(keys, reader.Keys(KeySelection.Under(""), null, 1000, 1000).Keys
            .Select(key => $"{key.Key.Subject} {key.Key.Predicate}: {string.Join(' ', key.Claims.Select(state => state.Id))}"));

        // Whatever there is has arrived, and every arrival is of something that is there.
        var arrived = reader.ArrivedAfter(0, int.MaxValue);
        Assert.Equal(model.Ordered.Select(record => record.Key), arrived.Select(arrival => arrival.Key).Distinct().Order());
        Assert.Equal(arrived.Select(arrival => arrival.Number).Order(), arrived.Select(arrival => arrival.Number));
    }
}

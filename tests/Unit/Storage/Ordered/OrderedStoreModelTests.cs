using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Trefoil.Primitives;
using Trefoil.Storage.Ordered;
using Xunit;

namespace Trefoil.Unit.Storage.Ordered;

/// <summary>Random batches, flushes, crashes, snapshots and scans, against a sorted dictionary.</summary>
public class OrderedStoreModelTests
{
    public static TheoryData<string> Kinds => StoreUnderTest.Kinds;

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_store_does_what_a_sorted_dictionary_does(string kind) =>
        Prop.ForAll(ArbMap.Default.ArbFor<ulong>(), seed => Run(kind, seed))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(kind == "memory" ? 500 : 40));

    private static bool Run(string kind, ulong seed)
    {
        var random = new Prng(seed);
        using var test = StoreUnderTest.Open(kind);
        var now = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var flushed = new SortedDictionary<string, string>(StringComparer.Ordinal);
        ulong lsn = 0, flushedLsn = 0;
        for (var step = 0; step < 60; step++)
        {
            switch (random.Below(12))
            {
                case 0:
                    test.Store.Flush();
                    (flushed, flushedLsn) = (new(now, StringComparer.Ordinal), lsn);
                    break;
                case 1:
                    test.Crash();
                    (now, lsn) = (new(flushed, StringComparer.Ordinal), flushedLsn);
                    break;
                case 2:
                    OldVersionStays(random, test, now, ref lsn);
                    break;
                default:
                    Write(random, test, now, ref lsn);
                    break;
            }

            Assert.Equal((lsn, flushedLsn), (test.Store.AppliedLsn, test.Store.FlushedLsn));
            Compare(random, test.Store, now);
        }

        return true;
    }

    private static void OldVersionStays(Prng random, StoreUnderTest test, SortedDictionary<string, string> now, ref ulong lsn)
    {
        var before = new SortedDictionary<string, string>(now, StringComparer.Ordinal);
        using var snapshot = test.Store.Snapshot();
        Write(random, test, now, ref lsn);
        Compare(random, snapshot, before);
    }

    private static void Write(Prng random, StoreUnderTest test, SortedDictionary<string, string> now, ref ulong lsn)
    {
        var batch = new OrderedBatch { AppliedLsn = lsn += 1 + (ulong)random.Below(3) };
        for (var count = random.Below(30); count > 0; count--)
        {
            var key = Key(random, shortest: 1);
            if (random.Chance(0.3))
            {
                batch.Delete(Encoding.Latin1.GetBytes(key));
                now.Remove(key);
            }
            else
            {
                now[key] = $"{random.Below(1000)}";
                batch.Put(Encoding.Latin1.GetBytes(key), Encoding.Latin1.GetBytes(now[key]));
            }
        }

        test.Store.Write(batch);
    }

    private static void Compare(Prng random, IOrderedReader reader, SortedDictionary<string, string> model)
    {
        var (from, to, reverse) = (Key(random, 0), Key(random, 0), random.Chance(0.5));
        var expected = model
            .Where(pair => string.CompareOrdinal(pair.Key, from) >= 0 && (to.Length == 0 || string.CompareOrdinal(pair.Key, to) < 0))
            .Select(pair => $"{pair.Key}={pair.Value}");
        Assert.Equal(string.Join(' ', reverse ? expected.Reverse() : expected), StoreUnderTest.Scan(reader, from, to, reverse));

        var key = Key(random, 1);
        Assert.Equal(model.GetValueOrDefault(key), StoreUnderTest.Get(reader, key));
    }

    /// <summary>Few letters, so that keys meet again, among them the ends of the order.</summary>
    private static string Key(Prng random, int shortest)
    {
        const string letters = "\u0000ab\u00ff";
        return string.Concat(Enumerable.Range(0, shortest + random.Below(4)).Select(_ => letters[random.Below(letters.Length)]));
    }
}

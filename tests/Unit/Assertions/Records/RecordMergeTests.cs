using FsCheck;
using FsCheck.Fluent;
using Trefoil.Assertions.Model;
using Trefoil.Assertions.Records;
using Trefoil.Primitives;
using Trefoil.Unit.Assertions.Model;
using Xunit;
using static Trefoil.Unit.Assertions.Records.RecordSamples;
using Record = Trefoil.Assertions.Records.Record;

namespace Trefoil.Unit.Assertions.Records;

/// <summary>The three laws for single records and for sets, and what each kind keeps.</summary>
public sealed class RecordMergeTests
{
    private static readonly Gen<(Record A, Record B, Record C)> ThreeOfOneKey =
        from a in RecordSamples.All
        from b in RecordSamples.All.Where(b => b.Key == a.Key)
        from c in RecordSamples.All.Where(c => c.Key == a.Key)
        select (a, b, c);

    [Fact]
    public void Merging_is_commutative_associative_and_idempotent() =>
        Prop.ForAll(ThreeOfOneKey.ToArbitrary(), given =>
        {
            var (a, b, c) = given;
            Assert.Equal(RecordMerge.Merge(a, b), RecordMerge.Merge(b, a));
            Assert.Equal(RecordMerge.Merge(RecordMerge.Merge(a, b), c), RecordMerge.Merge(a, RecordMerge.Merge(b, c)));
            Assert.Same(a, RecordMerge.Merge(a, a));
            Assert.Equal(RecordMerge.Merge(a, b), RecordMerge.Merge(RecordMerge.Merge(a, b), b));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    [Fact]
    public void Permuted_and_duplicated_delivery_gives_equal_sets_and_states() =>
        Prop.ForAll(RecordSamples.All.ListOf().ToArbitrary(), ArbMap.Default.ArbFor<ulong>(), (records, seed) =>
        {
            var random = new Prng(seed);
            var delivered = records.Concat(records.Where(_ => random.Chance(0.5))).ToArray();
            random.Shuffle<Record>(delivered);
            var (first, second) = (Set(records), Set(delivered));

            Assert.Equal(Bytes(first), Bytes(second));
            Assert.Equal(Describe(first.Fold()), Describe(second.Fold()));
            Assert.Equal(Describe(first.Fold()), Describe(ClaimState.Of([.. second.Ordered.Reverse()])));
            Assert.All(records, record => Assert.False(second.Add(record), "what is in changes nothing"));
        }).QuickCheckThrowOnFailure();

    /// <summary>Two nodes that send each other what they have: a set may be delivered as its merged records.</summary>
    [Fact]
    public void Sets_that_exchange_their_records_become_equal() =>
        Prop.ForAll(RecordSamples.All.ListOf().ToArbitrary(), RecordSamples.All.ListOf().ToArbitrary(), (left, right) =>
        {
            var (a, b) = (Set(left), Set(right));
            var fromA = a.Ordered.ToArray();
            foreach (var record in b.Ordered.ToArray())
            {
                a.Add(record);
            }

            foreach (var record in fromA)
            {
                b.Add(record);
            }

            Assert.Equal(Bytes(a), Bytes(b));
            Assert.Equal(Bytes(a), Bytes(Set([.. left, .. right])));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_earliest_acceptance_wins_and_a_body_fills_a_gap()
    {
        var merged = (Record.Claim)RecordMerge.Merge(new Record.Claim(Id, At(2), Body), new Record.Claim(Id, At(1), default));

        Assert.Equal(new Record.Claim(Id, At(1), Body), merged);
    }

    [Fact]
    public void The_last_vote_wins_by_its_hybrid_time()
    {
        var earlier = new Record.Vote(Id, SampleAssertions.Alice, Ppm.One, At(1, counter: 1, node: 2));
        var later = new Record.Vote(Id, SampleAssertions.Alice, -Ppm.One, At(2, counter: 0, node: 1));

        Assert.Equal(later, RecordMerge.Merge(earlier, later));
        Assert.Equal(earlier with { At = At(1, 1, 3), ValuePpm = 0 }, RecordMerge.Merge(earlier, earlier with { At = At(1, 1, 3), ValuePpm = 0 }));
    }

    [Fact]
    public void Of_two_reviews_at_one_instant_the_stricter_wins_whichever_node_took_it()
    {
        Record.LifecycleEvent Step(Lifecycle state, HybridTime at) => new(Id, state, at, SampleAssertions.Alice);
        Lifecycle[] ranks = [Lifecycle.Proposed, Lifecycle.UnderReview, Lifecycle.Approved, Lifecycle.Deprecated, Lifecycle.Rejected];

        for (var i = 1; i < ranks.Length; i++)
        {
            var (weaker, stricter) = (Step(ranks[i - 1], At(1, 0, node: 2)), Step(ranks[i], At(1, 0, node: 1)));
            Assert.Equal(stricter, RecordMerge.Merge(weaker, stricter));
        }

        Assert.Equal(Lifecycle.Proposed, ((Record.LifecycleEvent)RecordMerge.Merge(Step(Lifecycle.Rejected, At(1)), Step(Lifecycle.Proposed, At(1, 1)))).State);
    }

    [Fact]
    public void A_retraction_and_a_redaction_keep_their_first_time()
    {
        Assert.Equal(At(1), ((Record.Retraction)RecordMerge.Merge(new Record.Retraction(Id, SampleAssertions.Alice, At(2)), new Record.Retraction(Id, SampleAssertions.Alice, At(1)))).At);
        Assert.Equal(At(1), ((Record.Redaction)RecordMerge.Merge(new Record.Redaction(Id, At(1)), new Record.Redaction(Id, At(2)))).At);
    }

    [Fact]
    public void Records_of_different_keys_do_not_merge()
    {
        Assert.Throws<ArgumentException>(() => RecordMerge.Merge(new Record.Redaction(Id, At(1)), new Record.Redaction(SampleAssertions.Id(1), At(1))));
        Assert.Throws<ArgumentException>(() => Set([new Record.Redaction(Id, At(1)), new Record.Redaction(SampleAssertions.Id(1), At(1))]));
    }

    private static ClaimRecords Set(IEnumerable<Record> records)
    {
        var set = new ClaimRecords();
        foreach (var record in records)
        {
            set.Add(record);
        }

        return set;
    }

    private static string Bytes(ClaimRecords set) => string.Join('\n', set.Ordered.Select(record => Convert.ToHexString(RecordCodec.Encode(record))));

    private static string Describe(ClaimState? state) => state is null ? "" : string.Join('\n', [
        state.Id, state.Ingested, state.Lifecycle, state.Event, state.IsSigned, state.IsRetracted, state.VoteSumPpm,
        .. state.Signers, .. state.Votes, .. state.Retractions]);
}

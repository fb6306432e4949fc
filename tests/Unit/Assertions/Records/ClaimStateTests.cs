using Trefoil.Assertions.Model;
using Trefoil.Assertions.Records;
using Trefoil.Unit.Assertions.Model;
using Xunit;
using static Trefoil.Unit.Assertions.Records.RecordSamples;
using Record = Trefoil.Assertions.Records.Record;

namespace Trefoil.Unit.Assertions.Records;

public sealed class ClaimStateTests
{
    private static readonly AgentKey Other = Agents[2];

    [Fact]
    public void Without_a_body_there_is_no_claim()
    {
        Assert.Null(Fold());
        Assert.Null(Fold(new Record.Vote(Id, Other, Ppm.One, At(1))));
        Assert.Null(Fold(new Record.Claim(Id, At(1), default)));
    }

    [Fact]
    public void Votes_are_summed_whichever_came_first_and_only_the_last_of_each_agent()
    {
        var state = Fold(
            new Record.Vote(Id, SampleAssertions.Alice, Ppm.One, At(1)), Claimed(2), new Record.Vote(Id, Other, -250_000, At(3)),
            new Record.Vote(Id, SampleAssertions.Alice, 500_000, At(4)));

        Assert.Equal(250_000, state!.VoteSumPpm);
        Assert.Equal(new[] { SampleAssertions.Alice, Other }.Order(), state.Votes.Select(vote => vote.Agent));
        Assert.Equal(At(2), state.Ingested);
    }

    [Fact]
    public void Only_the_author_or_an_administrator_retracts()
    {
        Assert.False(Fold(Claimed(1), new Record.Retraction(Id, Other, At(2)))!.IsRetracted);
        Assert.False(Fold(Claimed(1), new Record.Retraction(Id, AgentKey.Anonymous, At(2)))!.IsRetracted);
        Assert.True(Fold(Claimed(1), new Record.Retraction(Id, SampleAssertions.Alice, At(2)))!.IsRetracted);
        Assert.True(Fold(new Record.Retraction(Id, AgentKey.Administrator, At(2)), Claimed(1))!.IsRetracted);
    }

    [Fact]
    public void A_retraction_leaves_the_body_and_a_redaction_takes_it_for_ever()
    {
        var set = new ClaimRecords();
        set.Add(Claimed(1));
        Assert.True(set.Add(new Record.Redaction(Id, At(2))));

        Assert.Null(set.Fold());
        Assert.False(set.Add(Claimed(3)), "a late copy brings nothing back");
        Assert.True(set.Add(Claimed(0)), "but it may have been accepted earlier");
        Assert.All(set.Ordered.OfType<Record.Claim>(), claim => Assert.True(claim.Body.IsEmpty));
    }

    [Fact]
    public void The_last_review_overrides_the_stated_state()
    {
        Assert.Equal(Lifecycle.Proposed, Fold(Claimed(1))!.Lifecycle);
        Assert.Equal(Lifecycle.Approved, Fold(Claimed(1), new Record.LifecycleEvent(Id, Lifecycle.Approved, At(2), Other))!.Lifecycle);

        var stated = AssertionCodec.Encode(Claim with { StatedLifecycle = Lifecycle.Deprecated });
        Assert.Equal(Lifecycle.Deprecated, Fold(new Record.Claim(AssertionCodec.IdOf(stated), At(1), stated))!.Lifecycle);
    }

    [Fact]
    public void A_claim_is_signed_when_its_author_signed()
    {
        var signature = Ed25519.Sign(SampleAssertions.AliceSeed, Id);

        Assert.False(Fold(Claimed(1), new Record.Signature(Id, Other, signature))!.IsSigned);
        Assert.True(Fold(Claimed(1), new Record.Signature(Id, SampleAssertions.Alice, signature))!.IsSigned);
    }

    [Fact]
    public void As_of_an_instant_later_records_are_not_known()
    {
        var state = Fold(
            Claimed(10), new Record.Vote(Id, Other, Ppm.One, At(20)), new Record.Retraction(Id, SampleAssertions.Alice, At(30)),
            new Record.LifecycleEvent(Id, Lifecycle.Approved, At(25), Other))!;

        Assert.Null(state.AsOf(9));
        var before = state.AsOf(19)!;
        Assert.Equal((0L, false, Lifecycle.Proposed), (before.VoteSumPpm, before.IsRetracted, before.Lifecycle));
        var between = state.AsOf(25)!;
        Assert.Equal(((long)Ppm.One, false, Lifecycle.Approved), (between.VoteSumPpm, between.IsRetracted, between.Lifecycle));
        Assert.True(state.AsOf(30)!.IsRetracted);
    }

    [Fact]
    public void Claims_are_ordered_by_ingest_time_and_then_id()
    {
        var state = Fold(Claimed(1))!;
        ClaimState With(int ms, int counter, int node, AssertionId id) => new() { Id = id, Assertion = state.Assertion, Ingested = At(ms, counter, node) };
        var small = AssertionId.Parse(new string('0', 64));

        ClaimState[] ordered = [With(1, 0, 2, Id), With(1, 1, 1, small), With(1, 1, 1, Id), With(1, 1, 2, small), With(2, 0, 1, small)];

        Assert.Equal(ordered, ordered.Reverse().Order(Comparer<ClaimState>.Create(ClaimState.Compare)));
    }

    [Fact]
    public void Validity_begins_at_its_first_instant_and_ends_before_its_last()
    {
        var claim = Claim with { ValidFromMs = 10, ValidToMs = 20 };

        Assert.Equal([false, true, true, false], new long[] { 9, 10, 19, 20 }.Select(claim.IsValidAt));
        Assert.True(Claim.IsValidAt(long.MinValue));
    }

    private static Record.Claim Claimed(int ms) => new(Id, At(ms), Body);

    private static ClaimState? Fold(params Record[] records)
    {
        var set = new ClaimRecords();
        foreach (var record in records)
        {
            set.Add(record);
        }

        return set.Fold();
    }
}

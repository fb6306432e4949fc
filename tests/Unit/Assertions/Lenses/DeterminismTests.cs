using Trefoil.Assertions.Lenses;
using Trefoil.Primitives;
using Trefoil.Unit.Testing;
using Xunit;
using Record = Trefoil.Assertions.Records.Record;

namespace Trefoil.Unit.Assertions.Lenses;

/// <summary>Equal record sets give equal bytes: whatever the order, the repetitions, the node, the process, the machine.</summary>
public sealed class DeterminismTests
{
    private static readonly int Lenses = LensKinds.Names.Count;

    [Fact]
    public void No_byte_differs_over_ten_thousand_histories_however_they_were_delivered()
    {
        var winners = 0;
        for (var seed = 1UL; seed <= 10_000; seed++)
        {
            var random = new Prng(seed);
            var history = LensWorld.History(random);
            var straight = LensCase.Fold(history);
            var other = LensWorld.Deliver(random, history);
            for (var lens = 0; lens < Lenses; lens++)
            {
                var options = LensWorld.Options(random, (LensKind)lens);
                var answer = Lens.Resolve(straight, options);
                if (!answer.ToJson().AsSpan().SequenceEqual(Lens.Resolve(other, options).ToJson()))
                {
                    Assert.Fail($"seed {seed}, {options.Lens}: the order of delivery shows");
                }

                winners += answer.Winner is null ? 0 : 1;
            }
        }

        Assert.InRange(winners, 10_000 * Lenses / 2, 10_000 * Lenses);
    }

    /// <summary>Kept from one machine and checked on every other: no rounding may depend on where it is done.</summary>
    [Fact]
    public void The_answers_to_five_hundred_histories_are_the_kept_ones()
    {
        var answers = new MemoryStream();
        for (var seed = 1UL; seed <= 500; seed++)
        {
            var random = new Prng(seed);
            var states = LensCase.Fold(LensWorld.History(random, 40));
            for (var lens = 0; lens < Lenses; lens++)
            {
                answers.Write(Lens.Resolve(states, LensWorld.Options(random, (LensKind)lens)).ToJson());
            }
        }

        Golden.Check("Assertions", "lens-digest", Convert.ToHexStringLower(Blake3.Hash(answers.ToArray())));
    }

    [Fact]
    public void What_the_clock_says_shows_only_in_decay()
    {
        for (var seed = 1UL; seed <= 300; seed++)
        {
            var random = new Prng(seed);
            var states = LensCase.Fold(LensWorld.History(random));
            var options = LensWorld.Options(random, (LensKind)random.Below(Lenses)) with { Decay = false };
            Assert.Equal(
                Lens.Resolve(states, options).ToJson(), Lens.Resolve(states, options with { NowMs = null }).ToJson());
        }
    }

    [Fact]
    public void An_answer_about_the_past_stays_when_claims_are_added()
    {
        const long past = 180 * LensWorld.Day;
        for (var seed = 1UL; seed <= 300; seed++)
        {
            var random = new Prng(seed);
            var history = LensWorld.History(random);
            var (then, since) = (LensCase.Fold(history.Where(record => At(record) <= past)), LensCase.Fold(history));
            if (history.Any(record => record is Record.Vote or Record.LifecycleEvent or Record.Redaction && At(record) > past))
            {
                continue; // replaced or taken away since: ClaimState.AsOf says so
            }

            var options = LensWorld.Options(random, (LensKind)random.Below(Lenses)) with { AsOfMs = past };
            Assert.Equal(Lens.Resolve(then, options).ToJson(), Lens.Resolve(since, options).ToJson());
        }
    }

    private static long At(Record record) => record switch
    {
        Record.Claim claim => claim.Ingested.PhysicalMs,
        Record.Vote vote => vote.At.PhysicalMs,
        Record.Retraction retraction => retraction.At.PhysicalMs,
        Record.LifecycleEvent step => step.At.PhysicalMs,
        Record.Redaction redaction => redaction.At.PhysicalMs,
        _ => 0,
    };
}

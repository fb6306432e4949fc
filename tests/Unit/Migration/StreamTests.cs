using FsCheck;
using FsCheck.Fluent;
using Trefoil.Migration;
using Trefoil.Primitives;
using Xunit;

namespace Trefoil.Unit.Migration;

/// <summary>The stream of records: made, cut, lost, sent again, put together.</summary>
public sealed class StreamTests
{
    /// <summary>However records are cut into messages and messages lost, the target takes the same records in the same order, once.</summary>
    [Fact]
    public void Records_arrive_once_and_in_order_whatever_is_lost() => Prop.ForAll(
        ArbMap.Default.GeneratorFor<(ulong Seed, byte[][] Records, byte Cut)>().ToArbitrary(),
        given =>
        {
            var (random, outgoing, incoming) = (new Prng(given.Seed), new OutgoingStream(), new IncomingStream(1 << 20));
            var records = (given.Records ?? []).Select(record => record ?? []).ToList();
            var (taken, next) = (new List<byte[]>(), 0);
            for (var turns = 0; taken.Count < records.Count && turns < 10_000; turns++)
            {
                if (next < records.Count && random.Chance(0.5))
                {
                    outgoing.Fresh.UInt32((uint)records[next].Length);
                    outgoing.Fresh.Raw(records[next++]);
                }

                outgoing.Cut(1 + (given.Cut % 16));
                while (outgoing.Pending)
                {
                    var piece = outgoing.Take();
                    if (piece.Offset == incoming.Received && random.Chance(0.8))
                    {
                        Assert.Null(incoming.Append(piece.Bytes.Span, record =>
                        {
                            taken.Add(record.ToArray());
                            return null;
                        }));
                    }
                }

                if (random.Chance(0.5))
                {
                    outgoing.Ack(incoming.Received);
                }

                outgoing.Rewind();
            }

            return taken.Count == records.Count && taken.Zip(records).All(pair => pair.First.SequenceEqual(pair.Second))
                && incoming.AtBoundary == (incoming.Received == outgoing.End);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_record_that_claims_too_much_is_refused_before_it_is_kept()
    {
        var stream = new IncomingStream(100);

        Assert.Contains("claims", stream.Append([200, 0, 0, 0, 1], _ => null), StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_record_is_refused_for_ends_the_stream()
    {
        var (stream, taken) = (new IncomingStream(100), 0);
        var refused = stream.Append([1, 0, 0, 0, 7, 1, 0, 0, 0, 8, 1, 0, 0, 0, 9], record => record[0] == 8 ? "OOM" : ++taken < 0 ? "" : null);

        Assert.Equal(("OOM", 1), (refused, taken));
    }

    [Fact]
    public void Acknowledgements_of_the_past_and_of_nothing_sent_are_no_progress()
    {
        var stream = new OutgoingStream();
        stream.Fresh.Raw(new byte[10]);
        stream.Cut(4);
        stream.Take();

        Assert.True(stream.Ack(4));
        Assert.False(stream.Ack(4));
        Assert.False(stream.Ack(3));
        Assert.False(stream.Ack(11));
        Assert.Equal(6, stream.Unacked);
        Assert.False(stream.InFlight);
    }

    [Fact]
    public void A_rate_lets_one_thing_pass_and_makes_the_next_pay_for_it()
    {
        var bucket = new TokenBucket(TimeSpan.FromMilliseconds(100), TimeSpan.Zero);
        bucket.Take(1 << 30);
        Assert.True(bucket.Allows(TimeSpan.Zero), "no limit");

        bucket.Set(1000, TimeSpan.Zero);
        Assert.True(bucket.Allows(TimeSpan.Zero));
        bucket.Take(500);
        Assert.False(bucket.Allows(TimeSpan.FromMilliseconds(499)));
        Assert.InRange(bucket.FreeAt(TimeSpan.FromMilliseconds(499)).TotalMilliseconds, 500, 502);
        Assert.True(bucket.Allows(TimeSpan.FromMilliseconds(501)));
        Assert.True(bucket.Allows(TimeSpan.FromHours(1)));
        bucket.Take(200);
        Assert.False(bucket.Allows(TimeSpan.FromHours(1) + TimeSpan.FromMilliseconds(99)), "an hour of silence saves up no more than a burst");
    }
}

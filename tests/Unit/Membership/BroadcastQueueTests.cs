using Trefoil.Membership;
using Trefoil.Primitives;
using Xunit;

namespace Trefoil.Unit.Membership;

public sealed class BroadcastQueueTests
{
    [Theory]
    [InlineData(1, 4)]
    [InlineData(9, 4)]
    [InlineData(10, 8)]
    [InlineData(99, 8)]
    [InlineData(100, 12)]
    public void The_limit_is_lambda_times_the_rounded_up_logarithm(int members, int limit) =>
        Assert.Equal(limit, BroadcastQueue.TransmitLimit(4, members));

    [Fact]
    public void An_update_leaves_exactly_as_often_as_the_limit_says()
    {
        var queue = new BroadcastQueue();
        queue.Add(About(1));

        Assert.Equal([1, 1, 1, 0], Enumerable.Range(0, 4).Select(_ => queue.Fill(new ByteWriter(), 1000, 3)));
        Assert.Equal(0, queue.Count);
    }

    [Fact]
    public void The_least_sent_goes_first_and_among_equals_the_newest()
    {
        var queue = new BroadcastQueue();
        queue.Add(About(1));
        queue.Add(About(2));
        Assert.Equal([2UL], TakeOne(queue));

        queue.Add(About(3));
        Assert.Equal([3UL], TakeOne(queue));
        Assert.Equal([1UL], TakeOne(queue));
        Assert.Equal([3UL], TakeOne(queue));
    }

    [Fact]
    public void A_newer_update_about_a_member_replaces_the_older_and_counts_anew()
    {
        var queue = new BroadcastQueue();
        queue.Add(About(1));
        queue.Fill(new ByteWriter(), 1000, 2);
        queue.Add(About(1, counter: 5));

        Assert.Equal(1, queue.Count);
        Assert.Equal(2, Enumerable.Range(0, 9).Sum(_ => queue.Fill(new ByteWriter(), 1000, 2)));
    }

    [Fact]
    public void A_packet_is_filled_with_what_fits_and_never_beyond()
    {
        var queue = new BroadcastQueue();
        for (var i = 1UL; i <= 100; i++)
        {
            queue.Add(About(i, metadata: (int)(i * 5)));
        }

        for (var i = 0; i < 1000 && queue.Count > 0; i++)
        {
            var packet = new ByteWriter();
            Assert.True(queue.Fill(packet, 1360, 2) > 0);
            Assert.True(packet.Length <= 1360);
        }

        Assert.Equal(0, queue.Count);
    }

    private static List<ulong> TakeOne(BroadcastQueue queue)
    {
        var packet = new ByteWriter();
        queue.Fill(packet, SwimCodec.MinUpdateBytes + 10, 10);
        var reader = new ByteReader(packet.Written);
        var taken = new List<ulong>();
        while (reader.Remaining > 0)
        {
            taken.Add(SwimCodec.ReadUpdate(ref reader).Member.Id.Low);
        }

        return taken;
    }

    private static Update About(ulong id, uint counter = 0, int metadata = 0)
    {
        var member = new Member(new NodeId(0, id), new HostPort("h", 1), new Incarnation(1, counter), MemberState.Alive, 0, new byte[metadata]);
        return new Update(member, member.Id);
    }
}

using Trefoil.Primitives;
using Xunit;

namespace Trefoil.Unit.Primitives;

public class BoundedQueueTests
{
    [Fact]
    public void Items_leave_in_order_across_the_rings_end()
    {
        var queue = new BoundedQueue<int>(20);
        var (next, expected) = (0, 0);
        var random = new Prng(2);
        for (var i = 0; i < 5000; i++)
        {
            if (random.Chance(0.6) && queue.TryEnqueue(next))
            {
                next++;
            }
            else if (queue.TryDequeue(out var item))
            {
                Assert.Equal(expected++, item);
            }

            Assert.Equal(next - expected, queue.Count);
            for (var k = 0; k < queue.Count; k++)
            {
                Assert.Equal(expected + k, queue[k]);
            }
        }
    }

    [Fact]
    public void At_the_limit_it_refuses_or_drops_the_oldest_and_counts()
    {
        var queue = new BoundedQueue<string>(2);
        Assert.True(queue.TryEnqueue("a"));
        Assert.True(queue.TryEnqueue("b"));
        Assert.False(queue.TryEnqueue("c"));
        queue.EnqueueDroppingOldest("d");
        Assert.Equal((2, 2L, "b", "d"), (queue.Count, queue.Dropped, queue[0], queue[1]));
        queue.Clear();
        Assert.False(queue.TryDequeue(out _));
    }
}

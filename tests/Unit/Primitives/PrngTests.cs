using Trefoil.Primitives;
using Xunit;

namespace Trefoil.Unit.Primitives;

public class PrngTests
{
    [Fact]
    public void The_sequence_is_the_published_splitmix64()
    {
        var random = new Prng(1234567);
        ulong[] golden = [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821];
        Assert.Equal(golden, golden.Select(_ => random.Next()));
    }

    [Fact]
    public void Draws_stay_in_their_range_and_a_fork_draws_for_itself()
    {
        var (one, two) = (new Prng(8), new Prng(8));
        var fork = one.Fork();
        two.Fork().Next();
        fork.Next();
        fork.Next();
        Assert.Equal(one.Next(), two.Next());
        for (var i = 0; i < 1000; i++)
        {
            Assert.InRange(one.Below(7), 0, 6);
            Assert.InRange(one.Fraction(), 0, 0.99999999999999999);
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => one.Below(0));
    }
}

using Trefoil.Membership;
using Trefoil.Wire.Peer;
using Xunit;

namespace Trefoil.Unit.Wire.Peer;

public sealed class PacketSealTests
{
    private static readonly byte[] Payload = [1, 2, 3, 4, 5];

    [Theory]
    [InlineData("")]
    [InlineData("s3cret")]
    public void What_is_sealed_opens_with_the_same_secret(string secret)
    {
        var seal = new PacketSeal(secret, "test");

        Assert.True(new PacketSeal(secret, "test").TryOpen(seal.Seal(Payload), out var opened));
        Assert.Equal(Payload, opened.ToArray());
        Assert.True(seal.TryOpen(seal.Seal([]), out opened));
        Assert.True(opened.IsEmpty);
        Assert.True(seal.Seal(Payload).Length - Payload.Length <= PacketSeal.MaxOverhead);
    }

    [Theory]
    [InlineData("s3cret", "test", "other", "test")]
    [InlineData("s3cret", "test", "s3cret", "another purpose")]
    [InlineData("s3cret", "test", "", "test")]
    [InlineData("", "test", "s3cret", "test")]
    public void Another_secret_another_purpose_or_half_a_secret_opens_nothing(string secret, string purpose, string otherSecret, string otherPurpose) =>
        Assert.False(new PacketSeal(otherSecret, otherPurpose).TryOpen(new PacketSeal(secret, purpose).Seal(Payload), out _));

    [Theory]
    [InlineData("")]
    [InlineData("s3cret")]
    public void Every_flipped_bit_and_every_cut_breaks_the_seal(string secret)
    {
        var seal = new PacketSeal(secret, "test");
        var whole = seal.Seal(Payload);
        for (var bit = 0; bit < whole.Length * 8; bit++)
        {
            var damaged = whole.ToArray();
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(seal.TryOpen(damaged, out _));
        }

        for (var length = 0; length < whole.Length; length++)
        {
            Assert.False(seal.TryOpen(whole.AsSpan(0, length), out _));
        }
    }

    [Fact]
    public void The_core_leaves_room_for_the_seal() => Assert.True(PacketSeal.MaxOverhead <= SwimLimits.SealBytes);
}

using Trefoil.Assertions.Model;
using Xunit;

namespace Trefoil.Unit.Assertions.Model;

public sealed class AssertionIdTests
{
    private static readonly string Hex = "00112233445566778899aabbccddeeff" + "f0e1d2c3b4a5968778695a4b3c2d1e0f";

    [Fact]
    public void Hex_of_either_case_is_read_and_lower_case_written()
    {
        Assert.True(AssertionId.TryParse(Hex.ToUpperInvariant(), out var id));
        Assert.True(AssertionId.TryParse(System.Text.Encoding.ASCII.GetBytes(Hex), out var same));

        Assert.Equal(id, same);
        Assert.Equal(Hex, id.ToString());
        Assert.Equal(Convert.FromHexString(Hex), id.ToArray());
        Assert.Equal(id, AssertionId.Read(id.ToArray()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("00")]
    [InlineData("00112233445566778899aabbccddeefff0e1d2c3b4a5968778695a4b3c2d1e0")]
    [InlineData("00112233445566778899aabbccddeefff0e1d2c3b4a5968778695a4b3c2d1e0g")]
    [InlineData("00112233445566778899aabbccddeefff0e1d2c3b4a5968778695a4b3c2d1e0f0")]
    public void Anything_else_is_no_id(string text)
    {
        Assert.False(AssertionId.TryParse(text, out _));
        Assert.Throws<FormatException>(() => AssertionId.Parse(text));
    }

    [Fact]
    public void Ids_are_ordered_as_their_bytes()
    {
        var ids = Enumerable.Range(0, 100).Select(SampleAssertions.Id).Append(default).ToArray();

        Assert.Equal(ids.OrderBy(id => id.ToString(), StringComparer.Ordinal), ids.Order());
    }

    [Fact]
    public void The_administrator_is_nobodys_public_key_and_the_anonymous_agent_is_zero()
    {
        Assert.True(AgentKey.Anonymous.IsAnonymous);
        Assert.Equal(new byte[32], AgentKey.Anonymous.ToArray());
        Assert.Equal(SignatureCheck.Wrong, Ed25519.Verify(AgentKey.Administrator, new byte[64], SampleAssertions.Id(1)));
    }
}
